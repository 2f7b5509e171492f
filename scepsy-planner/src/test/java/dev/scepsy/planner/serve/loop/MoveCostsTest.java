package dev.scepsy.planner.serve.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.serve.journal.Proposal.MoveCost;
import dev.scepsy.planner.serve.loop.ClusterPort.Rehearsal;
import dev.scepsy.planner.serve.loop.ClusterPort.RehearsedStep;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Every number is computed by hand beside it. */
class MoveCostsTest {

    private static final Offset<Double> EXACT = Offset.offset(1e-9);

    /** Latency 1 s + 1 s per request/s; saturated at 2/s. */
    private static final LatencyProfile PROFILE = new LatencyProfile() {
        @Override
        public double meanLatencySeconds(double requestsPerSecond) {
            return 1 + requestsPerSecond;
        }

        @Override
        public double saturationRequestsPerSecond() {
            return 2;
        }

        @Override
        public double memoryGiBPerGpu() {
            return 10;
        }
    };

    private static PlanValue value(int replicas, double rate, OptionalDouble latency, double most) {
        return new PlanValue(
                List.of(new WorkflowPrediction("w", rate, latency, OptionalDouble.of(most), "m")),
                latency,
                List.of(),
                Map.of(
                        "m",
                        new PlanValue.ModelValue(
                                PROFILE, replicas, rate, rate / (2.0 * replicas), 1 + rate / replicas)),
                Map.of());
    }

    private static RehearsedStep start(double seconds) {
        return new RehearsedStep("m", true, seconds, 2, "start");
    }

    private static RehearsedStep stop(double seconds) {
        return new RehearsedStep("m", false, seconds, 2, "stop");
    }

    @Test
    void enginesThatAreAddedCostNoRequestAnything() {
        PlanValue before = value(1, 1, OptionalDouble.of(2), 2);
        PlanValue after = value(2, 1, OptionalDouble.of(1.5), 4);
        MoveCost cost = MoveCosts.of(
                new Rehearsal(List.of(), List.of(List.of(start(60)))), before, after, Map.of("m", 1), 1000);
        assertThat(cost.moves()).isEqualTo(1);
        assertThat(cost.seconds()).isEqualTo(60, EXACT);
        assertThat(cost.gpuSeconds()).isEqualTo(2 * 60, EXACT);
        assertThat(cost.delayedRequests()).isZero();
        // 1/s x (1000 - 60) s x 0.5 s
        assertThat(cost.worthSeconds()).isEqualTo(470, EXACT);
    }

    @Test
    void anEngineThatIsReplacedInPlaceMakesRequestsSlowerMeanwhile() {
        // two engines at 1/s: one stops (10 s), another starts (50 s); meanwhile one takes 1/s
        PlanValue both = value(2, 1, OptionalDouble.of(1.5), 4);
        MoveCost cost = MoveCosts.of(
                new Rehearsal(List.of(), List.of(List.of(stop(10)), List.of(start(50)))),
                both,
                both,
                Map.of("m", 2),
                1000);
        assertThat(cost.gpuSeconds()).isEqualTo(2 * 60, EXACT);
        assertThat(cost.delayedRequests()).isEqualTo(60, EXACT);
        // L(1 engine at 1/s) = 2, L(2 engines) = 1.5: 0.5 s x 1/s x 60 s, and nothing is gained
        assertThat(cost.worthSeconds()).isEqualTo(-30, EXACT);
    }

    @Test
    void whatTheEnginesThatAreLeftCannotTakeQueues() {
        // 3/s on two engines, which take 4; one takes 2, so 1/s queues for 10 s: 10 requests wait 5 s on average while
        // it grows,
        // and 10 / (2 x 4) = 1.25 s on average while two engines work it off
        PlanValue both = value(2, 3, OptionalDouble.of(2.5), 4);
        MoveCost cost =
                MoveCosts.of(new Rehearsal(List.of(), List.of(List.of(stop(10)))), both, both, Map.of("m", 2), 0);
        assertThat(cost.worthSeconds()).isEqualTo(-10 * (5 + 1.25), EXACT);
    }

    @Test
    void aWorkflowThatCannotBeHeldQueuesUntilItIsMoved() {
        // 3/s on one engine that takes 2: 1/s queues; over 100 s that is 100² / 2, of which 60² / 2 come before the
        // move ends
        PlanValue before = value(1, 3, OptionalDouble.empty(), 2);
        PlanValue after = value(2, 3, OptionalDouble.of(2.5), 4);
        MoveCost cost =
                MoveCosts.of(new Rehearsal(List.of(), List.of(List.of(start(60)))), before, after, Map.of("m", 1), 100);
        assertThat(cost.worthSeconds()).isEqualTo(3200, EXACT);
    }

    @Test
    void stepsOfAWaveRunSideBySide() {
        PlanValue before = value(1, 1, OptionalDouble.of(2), 2);
        MoveCost cost = MoveCosts.of(
                new Rehearsal(List.of(), List.of(List.of(start(60), start(20)), List.of(start(5)))),
                before,
                before,
                Map.of("m", 1),
                0);
        assertThat(cost.seconds()).isEqualTo(65, EXACT);
        assertThat(cost.gpuSeconds()).isEqualTo(2 * 85, EXACT);
        assertThat(cost.moves()).isEqualTo(3);
    }
}
