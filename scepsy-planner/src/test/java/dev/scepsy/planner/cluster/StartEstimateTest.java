package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.transition.EngineShape;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class StartEstimateTest {

    private static EngineSpec spec(double weightsGiB, int layers, int tensorParallel, String... arguments) {
        return new EngineSpec(
                "generator",
                new EngineShape(GpuFraction.of(1), tensorParallel, 80, "r"),
                "image:1",
                List.of(),
                List.of(arguments),
                1,
                1,
                List.of(),
                "organisation/model",
                weightsGiB,
                layers);
    }

    private static StepTime assumed(EngineSpec spec, WeightsFrom from) {
        return StartEstimate.of(spec, from, OptionalDouble.empty());
    }

    @Test
    void anEightBillionModelFromTheCacheTakesWhatItsPartsTake() {
        // 15 GiB / 0.4 = 37.5, 30 for the process, 32 layers x 2
        assertThat(assumed(spec(15, 32, 1), WeightsFrom.CACHE).seconds()).isEqualTo(37.5 + 30 + 64);
        assertThat(assumed(spec(15, 32, 1), WeightsFrom.PATH).seconds()).isEqualTo(37.5 + 30 + 64);
    }

    @Test
    void whatIsDownloadedTakesTheNetworksTimeBesides() {
        double more = assumed(spec(15, 32, 1), WeightsFrom.DOWNLOAD).seconds()
                - assumed(spec(15, 32, 1), WeightsFrom.CACHE).seconds();
        assertThat(more).isCloseTo(15 * 8.589934592, within(1e-9)); // 1 Gbit/s
    }

    @Test
    void shardsLoadTheirPartsSideBySideAndEachHasAProcess() {
        assertThat(assumed(spec(132, 80, 4), WeightsFrom.CACHE).seconds()).isEqualTo(132 / 4 / 0.4 + 30 + 3 * 5 + 160);
    }

    @Test
    void anEagerEngineCompilesNothing() {
        assertThat(assumed(spec(15, 32, 1, "--enforce-eager"), WeightsFrom.CACHE)
                        .seconds())
                .isEqualTo(37.5 + 30 + 10);
    }

    @Test
    void aMeasuredTimeReplacesTheAssumedOneAndSaysSo() {
        StepTime time = StartEstimate.of(spec(15, 32, 1), WeightsFrom.CACHE, OptionalDouble.of(71));
        assertThat(time.seconds()).isEqualTo(71);
        assertThat(time)
                .hasToString("about 1 min 11 s, measured: 15.0 GiB from the model cache took this long here before");
    }

    @Test
    void deadlinesFollowTheExpectedTimeAboveTheirFloor() {
        assertThat(StartEstimate.deadlineSeconds(0, new StepTime(100, true, "")))
                .isEqualTo(600);
        assertThat(StartEstimate.deadlineSeconds(0, new StepTime(500, false, "")))
                .isEqualTo(1500);
        assertThat(StartEstimate.deadlineSeconds(10, new StepTime(500, false, "")))
                .isEqualTo(10);
    }

    @Test
    void theKubeletWaitsLongerForASeventyBillionModelThanForAnEightBillionOne() {
        assertThat(StartEstimate.probeSeconds(spec(15, 32, 1), 0)).isEqualTo(900);
        assertThat(StartEstimate.probeSeconds(spec(132, 80, 4), 0)).isBetween(4000, 4500);
        assertThat(StartEstimate.probeSeconds(spec(132, 80, 4), 300)).isEqualTo(300);
    }
}
