package dev.scepsy.samples.demo;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * The day as a table for people and as lines for programs.
 *
 * @param served measured, with the service
 * @param firstPlan simulated, on the first plan
 * @param autoscaled simulated, with an autoscaler
 * @param requests asked all day, before the first plan too
 */
record DayReport(
        List<DayOutcome> phases,
        LatencySeries served,
        LatencySeries firstPlan,
        LatencySeries autoscaled,
        int requests,
        int failed,
        double timeScale) {

    /** Whether every phase was noticed and no request failed. */
    boolean isAsItShould() {
        return failed == 0 && phases.stream().allMatch(DayOutcome::asItShould);
    }

    String table() {
        StringBuilder table = new StringBuilder();
        line(
                table,
                "%n  mean latency of executions that started in the phase, emulated s (time scale %.0f)%n",
                timeScale);
        line(
                table,
                "  %-46s %13s %9s %8s %-16s %6s %8s %10s %10s%n",
                "phase",
                "from-to s",
                "noticed",
                "after s",
                "proposals",
                "moves",
                "service",
                "first plan",
                "autoscaler");
        for (DayOutcome phase : phases) {
            line(
                    table,
                    "  %-46s %6.0f-%6.0f %9s %8s %-16s %6d %8s %10s %10s%n",
                    phase.phase().title(),
                    phase.fromSeconds(),
                    phase.toSeconds(),
                    phase.trigger(),
                    phase.noticed() == null ? "-" : String.format(Locale.ROOT, "%.0f", phase.noticedAfterSeconds()),
                    phase.states(),
                    phase.moves(),
                    shown(served.mean(phase.fromSeconds(), phase.toSeconds())),
                    shown(firstPlan.mean(phase.fromSeconds(), phase.toSeconds())),
                    shown(autoscaled.mean(phase.fromSeconds(), phase.toSeconds())));
        }
        return table.toString();
    }

    /** One for each phase, one for the day. */
    String lastLines() {
        StringBuilder lines = new StringBuilder();
        for (DayOutcome phase : phases) {
            line(
                    lines,
                    "DAY phase=%s fromSeconds=%.0f toSeconds=%.0f noticed=%s trigger=%s noticedAfterSeconds=%s"
                            + " proposals=%s moves=%d meanSeconds=%s firstPlanMeanSeconds=%s autoscaledMeanSeconds=%s%n",
                    phase.phase().key(),
                    phase.fromSeconds(),
                    phase.toSeconds(),
                    phase.phase().triggers().isEmpty() ? "notAsked" : phase.noticed() != null,
                    phase.trigger(),
                    phase.noticed() == null ? "none" : String.format(Locale.ROOT, "%.0f", phase.noticedAfterSeconds()),
                    phase.states(),
                    phase.moves(),
                    shown(served.mean(phase.fromSeconds(), phase.toSeconds())),
                    shown(firstPlan.mean(phase.fromSeconds(), phase.toSeconds())),
                    shown(autoscaled.mean(phase.fromSeconds(), phase.toSeconds())));
        }
        line(
                lines,
                "DAY requests=%d failed=%d timeScale=%.0f p95Seconds=%s firstPlanP95Seconds=%s autoscaledP95Seconds=%s"
                        + " result=%s%n",
                requests,
                failed,
                timeScale,
                shown(served.p95(0, Double.POSITIVE_INFINITY)),
                shown(firstPlan.p95(0, Double.POSITIVE_INFINITY)),
                shown(autoscaled.p95(0, Double.POSITIVE_INFINITY)),
                isAsItShould() ? "ok" : "failed");
        return lines.toString();
    }

    private static String shown(OptionalDouble seconds) {
        return seconds.isPresent() ? String.format(Locale.ROOT, "%.1f", seconds.getAsDouble()) : "none";
    }

    private static void line(StringBuilder to, String format, Object... values) {
        to.append(String.format(Locale.ROOT, format, values));
    }
}
