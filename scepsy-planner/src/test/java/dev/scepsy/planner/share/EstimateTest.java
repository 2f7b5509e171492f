package dev.scepsy.planner.share;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EstimateTest {

    private static OptionalDouble[] all(double halfWidth) {
        OptionalDouble[] widths = new OptionalDouble[Estimate.values().length];
        Arrays.fill(widths, OptionalDouble.of(halfWidth));
        return widths;
    }

    @Test
    void anIntervalIsAFactorToBothSides() {
        assertThat(Estimate.CALLS_PER_EXECUTION.interval(3, all(Math.log(2)))).contains(new Interval95(1.5, 6));
        // odds of 1 halve and double
        assertThat(Estimate.EXECUTION_SHARE.interval(0.5, all(Math.log(2))).orElseThrow())
                .satisfies(interval -> assertThat(interval.low()).isEqualTo(1 / 3.0))
                .satisfies(interval -> assertThat(interval.high()).isEqualTo(2 / 3.0));
    }

    /** As one execution among few makes them whose clock is days off. */
    @ParameterizedTest
    @EnumSource
    void oneTooWideToSayAnythingIsNone(Estimate estimate) {
        assertThat(estimate.interval(0.5, all(800))).isEmpty();
        assertThat(estimate.interval(0, all(800))).contains(new Interval95(0, 0));
        assertThat(estimate.interval(0, all(0.1))).contains(new Interval95(0, 0));
    }
}
