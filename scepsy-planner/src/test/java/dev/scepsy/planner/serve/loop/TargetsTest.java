package dev.scepsy.planner.serve.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.serve.observe.Observations.Bin;
import dev.scepsy.planner.serve.settings.ServeSettings.Target;
import dev.scepsy.planner.serve.settings.ServeSettings.TargetDefaults;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class TargetsTest {

    private static final TargetDefaults DEFAULTS = new TargetDefaults(0.95, Duration.ofMinutes(5), 1.2);

    private static WorkflowStatistics workflow(String name, OptionalDouble stated) {
        return Examples.workflow(name, stated, 1, 100, Map.of("chat", 1.0));
    }

    private static List<Bin> bins(int count, java.util.function.IntToDoubleFunction executions) {
        List<Bin> bins = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            bins.add(new Bin(Examples.BEGIN.plus(Duration.ofMinutes(5L * i)), executions.applyAsDouble(i)));
        }
        return bins;
    }

    @Test
    void whatIsConfiguredComesBeforeWhatTheCodeSaysAndThatBeforeWhatIsMeasured() {
        Targets targets = Targets.of(
                Map.of("a", new Target(OptionalDouble.of(3), OptionalDouble.of(9))),
                DEFAULTS,
                List.of(
                        workflow("a", OptionalDouble.of(2)),
                        workflow("b", OptionalDouble.of(2)),
                        workflow("c", OptionalDouble.empty())),
                Map.of("c", bins(4, i -> 300)),
                Map.of());
        assertThat(targets.perSecond()).containsEntry("a", 3.0).containsEntry("b", 2.0);
        // 300 executions in 300 s, times 1.2
        assertThat(targets.perSecond().get("c")).isCloseTo(1.2, Offset.offset(1e-12));
        assertThat(targets.latencyLimitSeconds()).containsOnlyKeys("a");
    }

    @Test
    void belowADayTheLargestBinCountsAndFromThenOnTheQuantile() {
        // 287 bins are 5 min short of a day
        Targets young = Targets.of(
                Map.of(),
                DEFAULTS,
                List.of(workflow("c", OptionalDouble.empty())),
                Map.of("c", bins(287, i -> i == 100 ? 3000 : 300)),
                Map.of());
        assertThat(young.perSecond().get("c")).isCloseTo(12.0, Offset.offset(1e-9));
        Targets grown = Targets.of(
                Map.of(),
                DEFAULTS,
                List.of(workflow("c", OptionalDouble.empty())),
                Map.of("c", bins(288, i -> i == 100 ? 3000 : 300)),
                Map.of());
        assertThat(grown.perSecond().get("c")).isCloseTo(1.2, Offset.offset(1e-9));
    }

    @Test
    void theQuantileIsTheNearestRank() {
        // rates 1/300 .. 400/300; rank ceil(0.95 * 400) = 380
        Targets targets = Targets.of(
                Map.of(),
                DEFAULTS,
                List.of(workflow("c", OptionalDouble.empty())),
                Map.of("c", bins(400, i -> i + 1)),
                Map.of());
        assertThat(targets.perSecond().get("c")).isCloseTo(380.0 / 300 * 1.2, Offset.offset(1e-9));
    }

    @Test
    void aWorkflowWithoutAnyFinishedBinAddsNoLoadAndThatIsSaid() {
        Targets targets =
                Targets.of(Map.of(), DEFAULTS, List.of(workflow("c", OptionalDouble.empty())), Map.of(), Map.of());
        assertThat(targets.perSecond()).containsEntry("c", 0.0);
        assertThat(targets.notes()).anyMatch(note -> note.contains("adds no load"));
    }

    @Test
    void aPlainNameThatSeveralServicesHaveIsSaidWithItsCandidates() {
        Targets targets = Targets.of(
                Map.of("rag", new Target(OptionalDouble.of(3), OptionalDouble.empty())),
                DEFAULTS,
                List.of(workflow("rag@a", OptionalDouble.of(1)), workflow("rag@b", OptionalDouble.of(1))),
                Map.of(),
                Map.of());
        assertThat(targets.notes()).anyMatch(note -> note.contains("rag@a, rag@b"));
        assertThat(targets.perSecond()).containsEntry("rag@a", 1.0);
    }
}
