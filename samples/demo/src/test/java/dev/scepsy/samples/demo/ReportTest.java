package dev.scepsy.samples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ReportTest {

    private final Measured guess = measured(30, 0.5, 0.4);
    private final Measured plan = measured(12, 1.5, 0.4);

    @Test
    void endsWithThreeLinesForPrograms() {
        assertThat(Report.lastLines(guess, plan)).isEqualTo("""
                        DEMO before meanLatencySeconds=30.000 throughputPerSecond=0.500
                        DEMO after meanLatencySeconds=12.000 throughputPerSecond=1.500
                        DEMO ratio latency=2.500 throughput=3.000 predictionError=-0.083
                        """);
    }

    @Test
    void voidsALoadDuringWhichTheProcessorWasShort() {
        assertThat(Report.lastLines(guess, measured(12, 1.5, 0.9))).isEqualTo("""
                        DEMO before meanLatencySeconds=30.000 throughputPerSecond=0.500
                        DEMO after meanLatencySeconds=void throughputPerSecond=void
                        DEMO ratio latency=void throughput=void predictionError=void
                        """);
    }

    @Test
    void tableSetsPredictedBesideMeasured() {
        assertThat(Report.table(guess, plan, 0.35, 10))
                .contains("0.350 executions/s", "time scale 10")
                .containsPattern("mean latency at load A, s\\s+30.0\\s+12.0\n\\s+predicted\\s+11.0\\s+11.0");
    }

    private static Measured measured(double seconds, double perSecond, double cpu) {
        return new Measured(
                new Latency(64, seconds, 2 * seconds),
                perSecond,
                4,
                OptionalDouble.of(11),
                OptionalDouble.of(1.6),
                0.5,
                0.1,
                cpu,
                cpu);
    }
}
