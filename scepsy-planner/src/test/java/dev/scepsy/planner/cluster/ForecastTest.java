package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.transition.Engine;
import dev.scepsy.planner.transition.Step;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ForecastTest {

    private static final LiveEngines NOTHING = new LiveEngines(List.of(), List.of());
    private static final Plans TWO_ON_A_GPU = new Plans().with("critic", 0.5, 1, "node-1:0", "node-1:1", "node-2:0");

    private static Intent intent(String modelCache) {
        ServingOptions options = ServingOptions.DEFAULT.withModelCache(modelCache);
        return Intent.of(TWO_ON_A_GPU.plan(), TWO_ON_A_GPU.models(), Plans.cluster(2, 2, Plans.MPS), options);
    }

    private static Forecast forecast(Intent intent, MeasuredTimes times, List<List<Step>> waves) {
        return new Forecaster(List.of(intent), times, Timing.DEFAULT, NOTHING).of(waves);
    }

    private static Step start(Intent intent, int engine) {
        return new Step.Start(intent.engines().get(engine), "the plan has it here");
    }

    @Test
    void wavesFollowEachOtherAndTheirStepsRunSideBySide() {
        Forecast forecast = new Forecast(List.of(
                List.of(new StepTime(10, false, ""), new StepTime(30, true, "")), List.of(new StepTime(5, true, ""))));
        assertThat(forecast.totalSeconds()).isEqualTo(35);
        assertThat(forecast.secondsFrom(1)).isEqualTo(5);
        assertThat(forecast.steps()).hasSize(3);
        assertThat(forecast.summary(Instant.parse("2026-11-29T20:00:00Z")))
                .isEqualTo(
                        "Expected to take 35 s, until 2026-11-29T20:00:35Z; times are measured here for 2 of 3 steps,"
                                + " else assumed.");
        assertThat(new Forecast(List.of()).summary(Instant.EPOCH)).isEmpty();
    }

    @Test
    void theFirstEngineOnANodeDownloadsAndTheNextFindsItsWeights() {
        Intent intent = intent(ServingOptions.DEFAULT_MODEL_CACHE);
        List<StepTime> times = forecast(
                        intent,
                        MeasuredTimes.NONE,
                        List.of(List.of(start(intent, 0)), List.of(start(intent, 1), start(intent, 2))))
                .steps();
        assertThat(times)
                .extracting(StepTime::why)
                .satisfiesExactly(
                        first -> assertThat(first).contains("downloaded"),
                        sameNode -> assertThat(sameNode).contains("from the model cache"),
                        otherNode -> assertThat(otherNode).contains("downloaded"));
        assertThat(times.get(0).seconds()).isGreaterThan(times.get(1).seconds());
    }

    @Test
    void aClaimIsSharedByAllNodesAndWithoutCacheEveryStartDownloads() {
        Intent claim = intent("claim:weights");
        Intent none = intent("none");
        assertThat(forecast(claim, MeasuredTimes.NONE, List.of(List.of(start(claim, 0)), List.of(start(claim, 2))))
                        .steps()
                        .get(1)
                        .why())
                .contains("from the model cache");
        assertThat(forecast(none, MeasuredTimes.NONE, List.of(List.of(start(none, 0)), List.of(start(none, 1))))
                        .steps()
                        .get(1)
                        .why())
                .contains("downloaded");
    }

    @Test
    void whatThisClusterTookIsExpectedOfItTheNextTime() {
        Intent intent = intent(ServingOptions.DEFAULT_MODEL_CACHE);
        Forecaster before = new Forecaster(List.of(intent), MeasuredTimes.NONE, Timing.DEFAULT, NOTHING);
        Engine engine = intent.engines().get(0);
        Step stop = new Step.Stop(engine, "the plan does not have it");
        assertThat(before.from(engine)).isEqualTo(WeightsFrom.DOWNLOAD);
        MeasuredTimes learned = before.learned(
                before.learned(
                        before.learned(MeasuredTimes.NONE, start(intent, 0), WeightsFrom.DOWNLOAD, 200),
                        start(intent, 0),
                        WeightsFrom.CACHE,
                        44),
                stop,
                WeightsFrom.CACHE,
                4);

        Forecast after = forecast(intent, learned, List.of(List.of(stop), List.of(start(intent, 0))));
        assertThat(after.steps()).allMatch(StepTime::measured);
        assertThat(after.totalSeconds()).isEqualTo(48);
        // another node has no copy yet, but the time of a download is known
        assertThat(forecast(intent, learned, List.of(List.of(start(intent, 2)))).totalSeconds())
                .isEqualTo(200);
    }
}
