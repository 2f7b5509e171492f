package dev.scepsy.planner.serve.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** A workflow that changed is planned for by what it does since. */
class DriftedTest {

    private static final Instant CHANGED = Examples.BEGIN;
    private static final Instant LATER = CHANGED.plus(Duration.ofMinutes(20));
    private static final Trigger DRIFT =
            new Trigger("drift", "research", "critic", CHANGED, "It changed.", Map.of(Drifted.SINCE, (double)
                    CHANGED.getEpochSecond()));

    private final FakeObservations observations = new FakeObservations();

    private static WorkflowStatistics research(long executions, double critics) {
        return Examples.workflow(
                "research", OptionalDouble.empty(), 10, executions, Map.of("critic", critics, "planner", 1.0));
    }

    private static double critics(WorkflowShares shares) {
        return shares.workflows().get(0).models().get(0).callsPerExecution();
    }

    @Test
    void planningWaitsForEnoughExecutionsOfTheNewKind() {
        observations.between = List.of(research(12, 4));
        assertThat(Drifted.tooFew(List.of(DRIFT), observations, LATER, 30))
                .hasValue(
                        "Workflow (research) has changed: it is planned for after 30 executions of the new kind; 12 have ended.");
        observations.between = List.of(research(30, 4));
        assertThat(Drifted.tooFew(List.of(DRIFT), observations, LATER, 30)).isEmpty();
    }

    @Test
    void aRareWorkflowIsNotWaitedForWithoutEnd() {
        observations.between = List.of(research(3, 4));
        assertThat(Drifted.tooFew(List.of(DRIFT), observations, CHANGED.plus(Duration.ofHours(3)), 30))
                .isEmpty();
    }

    @Test
    void statisticsOfAChangedWorkflowBeginWithTheChange() {
        WorkflowShares whole = new WorkflowShares(List.of(research(300, 2)), Map.of());
        observations.between = List.of(research(40, 4));
        assertThat(critics(Drifted.fresh(whole, List.of(DRIFT), observations, LATER, 30)))
                .isEqualTo(4);
        observations.between = List.of(research(5, 4));
        assertThat(critics(Drifted.fresh(whole, List.of(DRIFT), observations, LATER, 30)))
                .isEqualTo(2);
        assertThat(Drifted.fresh(whole, List.of(), observations, LATER, 30)).isSameAs(whole);
    }

    @Test
    void otherTriggersDoNotWait() {
        Trigger gone = new Trigger("cluster", null, null, CHANGED, "A node is gone.", DRIFT.evidence());
        assertThat(Drifted.tooFew(List.of(gone), observations, LATER, 30)).isEmpty();
    }
}
