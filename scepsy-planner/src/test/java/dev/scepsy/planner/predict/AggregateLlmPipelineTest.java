package dev.scepsy.planner.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.predict.AggregateLlmPipeline.Serving;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.profile.MeasuredCurve;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** The closed form on problems small enough to compute by hand. */
class AggregateLlmPipelineTest {

    private static final Map<String, Serving> NOTHING = Map.of();

    @Test
    void oneCallToOneModelTakesThatModelsLatency() {
        WorkflowDemand workflow = workflow("w", 2, 0, new ModelCalls("a", 1, 1));

        WorkflowPrediction prediction = predict(Map.of("a", new Serving(flat(1.5, 10), 1)), workflow);

        assertThat(prediction.latencySeconds()).hasValue(1.5);
        assertThat(prediction.maxThroughputPerSecond()).hasValue(10);
        assertThat(prediction.bottleneck()).isEqualTo("a");
    }

    @Test
    void aGeneratorAndItsVerifierAreChargedTheirSequentialCalls() {
        // n = 200, p = 8: 25 calls' worth of path each; capacities 80 and 400 requests/s
        WorkflowDemand workflow =
                workflow("search", 0.1, 0, new ModelCalls("generator", 200, 25), new ModelCalls("verifier", 200, 25));

        WorkflowPrediction prediction = predict(
                Map.of("generator", new Serving(flat(1.2, 80), 1), "verifier", new Serving(flat(0.15, 400), 1)),
                workflow);

        assertThat(prediction.latencySeconds().orElseThrow()).isCloseTo(33.75, within(1e-12));
        assertThat(prediction.maxThroughputPerSecond()).hasValue(0.4);
        assertThat(prediction.bottleneck()).isEqualTo("generator");
    }

    @Test
    void replicasShareTheLoadAndTimeOutsideModelsIsAdded() {
        WorkflowDemand workflow = new WorkflowDemand("w", 3, 1, 0.4, 2.0, List.of(new ModelCalls("a", 2, 1.5)));
        LatencyProfile curve = MeasuredCurve.of(
                List.of(new MeasuredCurve.Point(1, 1.0), new MeasuredCurve.Point(5, 3.0)), OptionalDouble.of(6), 20);

        // 6 requests/s over 3 replicas: 2 each, a quarter of the way from 1 s to 3 s
        assertThat(predict(Map.of("a", new Serving(curve, 3)), workflow)
                        .latencySeconds()
                        .orElseThrow())
                .isCloseTo(0.4 + 2.0 + 1.5 * 1.5, within(1e-12));
    }

    @Test
    void aLoadEqualToTheSaturationAsWrittenIsSustained() {
        // 0.1 * 3 is more than 0.3 in binary
        WorkflowDemand workflow = workflow("w", 0.1, 0, new ModelCalls("a", 3, 3));

        assertThat(predict(Map.of("a", new Serving(flat(1, 0.3), 1)), workflow).overloaded())
                .isFalse();
        assertThat(predict(Map.of("a", new Serving(flat(1, 0.29999999999), 1)), workflow)
                        .overloaded())
                .isTrue();
    }

    @Test
    void anOverloadedModelLeavesWorkflowsAloneThatDoNotCallIt() {
        List<WorkflowPrediction> predictions = AggregateLlmPipeline.of(List.of(
                        workflow("busy", 9, 0, new ModelCalls("a", 1, 1)),
                        workflow("calm", 1, 0, new ModelCalls("b", 1, 1))))
                .predict(Map.of("a", new Serving(flat(1, 5), 1), "b", new Serving(flat(2, 5), 1)), 1);

        assertThat(predictions.get(0).latencySeconds()).isEmpty();
        assertThat(predictions.get(0).overloaded()).isTrue();
        assertThat(predictions.get(0).maxThroughputPerSecond()).hasValue(5);
        assertThat(predictions.get(1).latencySeconds()).hasValue(2);
    }

    @Test
    void aWorkflowWithoutTargetIsEvaluatedAtTheOthersLoad() {
        LatencyProfile curve = MeasuredCurve.of(
                List.of(new MeasuredCurve.Point(0, 1.0), new MeasuredCurve.Point(10, 2.0)), OptionalDouble.empty(), 20);
        List<WorkflowPrediction> predictions = AggregateLlmPipeline.of(List.of(
                        workflow("other", 5, 0, new ModelCalls("a", 1, 1)),
                        workflow("idle", 0, 0, new ModelCalls("a", 2, 1))))
                .predict(Map.of("a", new Serving(curve, 1)), 1);

        assertThat(predictions.get(1).latencySeconds()).hasValue(1.5);
        assertThat(predictions.get(1).maxThroughputPerSecond()).hasValue((10 - 5) / 2.0);
    }

    @Test
    void theUtilisationLimitLowersThroughputOnly() {
        WorkflowDemand workflow = workflow("w", 9, 0, new ModelCalls("a", 1, 1));

        WorkflowPrediction prediction = AggregateLlmPipeline.of(List.of(workflow))
                .predict(Map.of("a", new Serving(flat(1, 10), 1)), 0.85)
                .get(0);

        assertThat(prediction.maxThroughputPerSecond()).hasValue(8.5);
        assertThat(prediction.latencySeconds()).hasValue(1);
    }

    @Test
    void ofSeveralBottlenecksTheFirstInNameOrderIsNamed() {
        WorkflowDemand workflow = workflow("w", 1, 0, new ModelCalls("z", 3, 1), new ModelCalls("b", 0.3, 1));

        WorkflowPrediction prediction =
                predict(Map.of("z", new Serving(flat(1, 9), 1), "b", new Serving(flat(1, 0.9), 1)), workflow);

        assertThat(prediction.bottleneck()).isEqualTo("b");
        assertThat(prediction.maxThroughputPerSecond()).hasValue(3);
    }

    @Test
    void nothingBoundsAWorkflowOfExternalModelsOnly() {
        WorkflowPrediction prediction = predict(NOTHING, new WorkflowDemand("api", 3, 1, 0.5, 4, List.of()));

        assertThat(prediction.latencySeconds()).hasValue(4.5);
        assertThat(prediction.maxThroughputPerSecond()).isEmpty();
        assertThat(prediction.bottleneck()).isNull();
    }

    @Test
    void aModelNobodyServesIsNamed() {
        assertThatThrownBy(() -> predict(NOTHING, workflow("w", 1, 0, new ModelCalls("a", 1, 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(a)");
    }

    private static WorkflowPrediction predict(Map<String, Serving> servings, WorkflowDemand workflow) {
        return AggregateLlmPipeline.of(List.of(workflow)).predict(servings, 1).get(0);
    }

    private static WorkflowDemand workflow(String name, double target, double otherSeconds, ModelCalls... calls) {
        return new WorkflowDemand(name, target, 1, otherSeconds, 0, List.of(calls));
    }

    /** A replica that takes {@code seconds} at any rate up to {@code saturation}. */
    static LatencyProfile flat(double seconds, double saturation) {
        return MeasuredCurve.of(
                List.of(new MeasuredCurve.Point(saturation, seconds)), OptionalDouble.of(saturation), 10);
    }
}
