package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MeasuredTimesTest {

    private static final String CACHE = "node:/models";

    @Test
    void readsWhatItWrote() {
        MeasuredTimes times = MeasuredTimes.NONE
                .withStart("a model", "A100-SXM-80GB", 2, WeightsFrom.DOWNLOAD, 131.25)
                .withStart("a model", "A100-SXM-80GB", 2, WeightsFrom.DOWNLOAD, 130)
                .withStop("a model", "A100-SXM-80GB", 2, 5.5)
                .withCached("node-1", CACHE, "organisation/model");
        MeasuredTimes read = MeasuredTimes.read(times.text());
        assertThat(read.text()).isEqualTo(times.text());
        assertThat(read.start("a model", "A100-SXM-80GB", 2, WeightsFrom.DOWNLOAD))
                .hasValue(131.3);
        assertThat(read.stop("a model", "A100-SXM-80GB", 2)).hasValue(5.5);
        assertThat(read.holds("node-1", CACHE, "organisation/model")).isTrue();
        assertThat(MeasuredTimes.read("")).isEqualTo(MeasuredTimes.NONE);
    }

    @Test
    void theMedianOfTheLastFiveCounts() {
        MeasuredTimes times = MeasuredTimes.NONE;
        for (double took : new double[] {900, 10, 11, 12, 13, 90}) {
            times = times.withStart("m", "g", 1, WeightsFrom.CACHE, took);
        }
        assertThat(times.start("m", "g", 1, WeightsFrom.CACHE)).hasValue(12);
    }

    @Test
    void anotherModelTypeDegreeOrSourceIsAnotherTime() {
        MeasuredTimes times = MeasuredTimes.NONE.withStart("m", "g", 1, WeightsFrom.CACHE, 7);
        assertThat(times.start("n", "g", 1, WeightsFrom.CACHE)).isEmpty();
        assertThat(times.start("m", "h", 1, WeightsFrom.CACHE)).isEmpty();
        assertThat(times.start("m", "g", 2, WeightsFrom.CACHE)).isEmpty();
        assertThat(times.start("m", "g", 1, WeightsFrom.DOWNLOAD)).isEmpty();
    }

    @Test
    void aClaimHoldsWeightsForAllNodesAndNoCacheForNone() {
        assertThat(MeasuredTimes.NONE.withCached("a", "claim:weights", "s").holds("b", "claim:weights", "s"))
                .isTrue();
        assertThat(MeasuredTimes.NONE.withCached("a", CACHE, "s").holds("b", CACHE, "s"))
                .isFalse();
        assertThat(MeasuredTimes.NONE.withCached("a", CACHE, "s").holds("a", "node:/other", "s"))
                .isFalse();
        assertThat(MeasuredTimes.NONE.withCached("a", "none", "s").cached()).isEmpty();
    }

    @Test
    void whatNoPushWroteIsRefused() {
        for (String damaged : new String[] {"seconds x m", "seconds 1,,2 m", "cached", "nonsense a b"}) {
            assertThatThrownBy(() -> MeasuredTimes.read(damaged)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
