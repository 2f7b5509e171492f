package dev.scepsy.planner.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bursts, replicas and neighbours in the queueing term. */
class OpenLoopTest {

    private static final Catalogue CATALOGUE = Catalogue.builtIn();

    private static final double OVERHEAD = new EngineModel(
                    EngineSetup.of(
                            CATALOGUE.architecture("Llama-3.1-8B").orElseThrow(),
                            CATALOGUE.gpu("A100-SXM-80GB").orElseThrow(),
                            Precision.BF16,
                            1),
                    EngineCoefficients.builtIn())
            .firstTokenOverheadSeconds(900);

    private static OpenLoop loop(double gpuFraction, double siblings, Balancing balancing) {
        EngineSetup setup = EngineSetup.of(
                        CATALOGUE.architecture("Llama-3.1-8B").orElseThrow(),
                        CATALOGUE.gpu("A100-SXM-80GB").orElseThrow(),
                        Precision.BF16,
                        1)
                .withGpuFraction(gpuFraction);
        return new OpenLoop(new EngineModel(setup, EngineCoefficients.builtIn()), 900, 150, siblings, balancing);
    }

    private static OpenLoop loop(double gpuFraction, double siblings) {
        return loop(gpuFraction, siblings, Balancing.POOLED);
    }

    @Test
    void aloneAtNoLoadACallTakesItsServiceTime() {
        OpenLoop loop = loop(1, 1);
        double seconds = OVERHEAD + loop.serviceSeconds(1);
        assertThat(loop.meanLatencySeconds(1e-6)).isCloseTo(seconds, within(1e-4 * seconds));
    }

    @Test
    void atNoLoadSiblingsTakeTheTimeOfTheirCommonBatch() {
        OpenLoop loop = loop(1, 6);
        double seconds = OVERHEAD + loop.serviceSeconds(6);
        assertThat(loop.meanLatencySeconds(1e-6)).isCloseTo(seconds, within(1e-4 * seconds));
        // two each on three replicas, dealt or balanced
        double pairs = OVERHEAD + loop.serviceSeconds(2);
        assertThat(loop.meanLatencySeconds(1e-6, 3)).isCloseTo(pairs, within(1e-4 * pairs));
        assertThat(loop(1, 6, Balancing.DEALT).meanLatencySeconds(1e-6, 3)).isCloseTo(pairs, within(1e-4 * pairs));
    }

    @Test
    void burstsCostLatencyAndNoThroughput() {
        double saturation = loop(1, 1).saturationRequestsPerSecond();
        double before = 0;
        for (double siblings = 1; siblings <= 32; siblings *= 2) {
            OpenLoop loop = loop(1, siblings);
            assertThat(loop.saturationRequestsPerSecond()).isEqualTo(saturation);
            double latency = loop.meanLatencySeconds(0.5 * saturation);
            assertThat(latency).isGreaterThan(before);
            before = latency;
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 0.2", "1, 0.8", "4, 0.2", "4, 0.8", "12, 0.5"})
    void poolingBeatsDealingAndDealingBeatsStandingAlone(double siblings, double utilisation) {
        OpenLoop pooled = loop(1, siblings);
        OpenLoop dealt = loop(1, siblings, Balancing.DEALT);
        double rate = utilisation * pooled.saturationRequestsPerSecond();
        double alone = pooled.meanLatencySeconds(rate, 1);
        assertThat(dealt.meanLatencySeconds(rate, 1)).isEqualTo(alone);
        double before = alone;
        for (int replicas = 2; replicas <= 16; replicas *= 2) {
            double latency = pooled.meanLatencySeconds(rate, replicas);
            assertThat(latency).isLessThanOrEqualTo(before);
            assertThat(latency).isLessThanOrEqualTo(dealt.meanLatencySeconds(rate, replicas) * (1 + 1e-9));
            before = latency;
        }
    }

    @Test
    void sharesOfACardAreNotAsManyCards() {
        double whole = loop(1, 1).saturationRequestsPerSecond();
        for (double fraction : new double[] {0.5, 0.34, 0.25}) {
            assertThat(loop(fraction, 1).saturationRequestsPerSecond() * Math.floor(1 / fraction))
                    .isLessThan(1.4 * whole);
        }
    }

    @Test
    void anIdleNeighbourCostsNothingAndABusyOneBandwidth() {
        OpenLoop half = loop(0.5, 1);
        double alone = OVERHEAD + half.serviceSeconds(1);
        assertThat(half.meanLatencySeconds(1e-6)).isCloseTo(alone, within(1e-4 * alone));
        double saturation = half.saturationRequestsPerSecond();
        double before = 0;
        for (double utilisation = 0.1; utilisation < 1; utilisation += 0.1) {
            double latency = half.meanLatencySeconds(utilisation * saturation);
            assertThat(latency).isGreaterThan(before);
            before = latency;
        }
    }
}
