package dev.scepsy.planner.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.profile.MeasuredCurve.Point;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class MeasuredCurveTest {

    private static final List<Point> RISING = List.of(new Point(0.5, 1.2), new Point(5.5, 2.9));

    @Test
    void isConstantBelowTheFirstPointLinearBetweenAndHeldUpToSaturation() {
        MeasuredCurve curve = MeasuredCurve.of(RISING, OptionalDouble.of(6.0), 60);
        assertThat(curve.meanLatencySeconds(0)).isEqualTo(1.2);
        assertThat(curve.meanLatencySeconds(0.5)).isEqualTo(1.2);
        assertThat(curve.meanLatencySeconds(3.0)).isCloseTo(2.05, within(1e-12));
        assertThat(curve.meanLatencySeconds(5.5)).isEqualTo(2.9);
        assertThat(curve.meanLatencySeconds(6.0)).isEqualTo(2.9);
        assertThat(curve.saturationRequestsPerSecond()).isEqualTo(6.0);
        assertThat(curve.memoryGiBPerGpu()).isEqualTo(60);
    }

    @Test
    void endsAtTheLastPointWhereNoSaturationIsGiven() {
        assertThat(MeasuredCurve.of(RISING, OptionalDouble.empty(), 60).saturationRequestsPerSecond())
                .isEqualTo(5.5);
    }

    @Test
    void endsBelowTheLastPointWhereSaturationSaysSo() {
        MeasuredCurve curve = MeasuredCurve.of(RISING, OptionalDouble.of(3.0), 60);
        assertThat(curve.meanLatencySeconds(5.5)).isCloseTo(2.05, within(1e-12));
    }

    @Test
    void takesTheRunningMaximumOfFallingPoints() {
        MeasuredCurve curve =
                MeasuredCurve.of(List.of(new Point(1, 2), new Point(2, 1), new Point(3, 4)), OptionalDouble.empty(), 1);
        assertThat(curve.meanLatencySeconds(2)).isEqualTo(2);
        assertThat(curve.meanLatencySeconds(2.5)).isEqualTo(3);
    }

    @Test
    void refusesUnsortedDuplicateAndAbsurdPoints() {
        assertThatThrownBy(() -> MeasuredCurve.of(List.of(new Point(1, 1), new Point(1, 2)), OptionalDouble.empty(), 1))
                .hasMessageContaining("point 1");
        assertThatThrownBy(() -> MeasuredCurve.of(List.of(new Point(-1, 1)), OptionalDouble.empty(), 1))
                .hasMessageContaining("requestsPerSecond (-1.0)");
        assertThatThrownBy(() -> MeasuredCurve.of(List.of(new Point(1, 0)), OptionalDouble.empty(), 1))
                .hasMessageContaining("meanLatencySeconds (0.0)");
        assertThatThrownBy(() -> MeasuredCurve.of(List.of(), OptionalDouble.empty(), 1))
                .hasMessageContaining("at least one point");
    }
}
