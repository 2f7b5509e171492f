package dev.scepsy.samples.demo;

import java.util.List;

/** Latency of answered executions, scaled seconds; percentiles by nearest rank. */
record Latency(int executions, double meanSeconds, double p95Seconds) {

    static Latency of(List<Execution> executions, ScaledClock clock) {
        double[] seconds = executions.stream()
                .filter(execution -> execution.isAnswered() && !execution.isFailed())
                .mapToDouble(execution -> clock.scaledSeconds(execution.latencyNanos()))
                .sorted()
                .toArray();
        double sum = 0;
        for (double second : seconds) {
            sum += second;
        }
        double p95 = seconds.length == 0 ? Double.NaN : seconds[(int) Math.ceil(0.95 * seconds.length) - 1];
        return new Latency(seconds.length, sum / seconds.length, p95);
    }
}
