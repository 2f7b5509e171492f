package dev.scepsy.samples.demo;

import java.util.Locale;
import java.util.OptionalDouble;

/** The table and the three last lines. */
final class Report {

    private static final String ROW = "  %-34s %12s %12s%n";

    private Report() {}

    static String table(Measured before, Measured after, double ratePerSecond, double scale) {
        StringBuilder table = new StringBuilder();
        append(
                table,
                "%n  Load A: %.3f executions/s, %d measured before and %d after; ",
                ratePerSecond,
                before.latency().executions(),
                after.latency().executions());
        append(table, "all seconds are emulated (time scale %s).%n%n", number(scale));
        append(table, ROW, "", "guess", "plan");
        append(
                table,
                ROW,
                "mean latency at load A, s",
                seconds(before.latency().meanSeconds(), before.latencyIsVoid()),
                seconds(after.latency().meanSeconds(), after.latencyIsVoid()));
        append(
                table,
                ROW,
                "  predicted",
                optional(before.predictedLatencySeconds(), "%.1f"),
                optional(after.predictedLatencySeconds(), "%.1f"));
        append(
                table,
                ROW,
                "p95 latency at load A, s",
                seconds(before.latency().p95Seconds(), before.latencyIsVoid()),
                seconds(after.latency().p95Seconds(), after.latencyIsVoid()));
        append(
                table,
                ROW,
                "sustained executions/s (load B)",
                rate(before.throughputPerSecond(), before.throughputIsVoid()),
                rate(after.throughputPerSecond(), after.throughputIsVoid()));
        append(
                table,
                ROW,
                "  predicted",
                optional(before.predictedThroughputPerSecond(), "%.2f"),
                optional(after.predictedThroughputPerSecond(), "%.2f"));
        append(table, ROW, "GPUs used, of 4", number(before.gpusUsed()), number(after.gpusUsed()));
        append(table, ROW, "  part of their time busy, load A", percent(before.gpuBusy()), percent(after.gpuBusy()));
        append(table, ROW, "CPU the demo used, load A / B", cpu(before), cpu(after));
        append(table, ROW, "emulated clock late by at most, s", lag(before), lag(after));
        return table.toString();
    }

    static String lastLines(Measured before, Measured after) {
        StringBuilder lines = new StringBuilder();
        line(lines, "before", before);
        line(lines, "after", after);
        boolean latencyIsVoid = before.latencyIsVoid() || after.latencyIsVoid();
        boolean throughputIsVoid = before.throughputIsVoid() || after.throughputIsVoid();
        double error = after.predictedLatencySeconds().orElse(Double.NaN)
                        / after.latency().meanSeconds()
                - 1;
        append(
                lines,
                "DEMO ratio latency=%s throughput=%s predictionError=%s%n",
                value(before.latency().meanSeconds() / after.latency().meanSeconds(), latencyIsVoid),
                value(after.throughputPerSecond() / before.throughputPerSecond(), throughputIsVoid),
                value(error, after.latencyIsVoid()));
        return lines.toString();
    }

    private static void line(StringBuilder lines, String when, Measured measured) {
        append(
                lines,
                "DEMO %s meanLatencySeconds=%s throughputPerSecond=%s%n",
                when,
                value(measured.latency().meanSeconds(), measured.latencyIsVoid()),
                value(measured.throughputPerSecond(), measured.throughputIsVoid()));
    }

    private static String value(double value, boolean isVoid) {
        return isVoid ? "void" : String.format(Locale.ROOT, "%.3f", value);
    }

    private static String seconds(double value, boolean isVoid) {
        return isVoid ? "void" : String.format(Locale.ROOT, "%.1f", value);
    }

    private static String rate(double value, boolean isVoid) {
        return isVoid ? "void" : String.format(Locale.ROOT, "%.2f", value);
    }

    private static String optional(OptionalDouble value, String format) {
        return value.isEmpty() ? "overloaded" : String.format(Locale.ROOT, format, value.getAsDouble());
    }

    private static String number(double value) {
        return value == Math.rint(value)
                ? String.format(Locale.ROOT, "%.0f", value)
                : String.format(Locale.ROOT, "%.1f", value);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * share);
    }

    private static String lag(Measured measured) {
        return String.format(Locale.ROOT, "%.2f", measured.lagSeconds());
    }

    private static String cpu(Measured measured) {
        return String.format(Locale.ROOT, "%.0f / %.0f %%", 100 * measured.cpuOfA(), 100 * measured.cpuOfB());
    }

    private static void append(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values));
    }
}
