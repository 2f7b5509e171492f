package dev.scepsy.samples.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The day as a table for people and as lines for programs.
 *
 * @param served measured, with the service
 * @param firstPlan simulated, on the first plan
 * @param autoscaled simulated, with an autoscaler
 * @param emulated the same two, measured on the emulated cluster; empty: they were not run there
 * @param requests asked all day, before the first plan too
 */
record DayReport(
        List<DayOutcome> phases,
        LatencySeries served,
        LatencySeries firstPlan,
        LatencySeries autoscaled,
        Optional<Emulated> emulated,
        int requests,
        int failed,
        double timeScale) {

    /** Emulated and simulated further apart than this part of the simulated are said to disagree. */
    private static final double DISAGREE = 0.10;

    /** Without the service, on the emulated cluster with real requests. */
    record Emulated(LatencySeries firstPlan, LatencySeries autoscaled) {}

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
                "  %-46s %13s %9s %8s %-16s %6s %8s %10s %10s%s%n",
                "phase",
                "from-to s",
                "noticed",
                "after s",
                "proposals",
                "moves",
                "service",
                "first plan",
                "autoscaler",
                emulated.isEmpty() ? "" : "   both on the emulated cluster");
        for (DayOutcome phase : phases) {
            line(
                    table,
                    "  %-46s %6.0f-%6.0f %9s %8s %-16s %6d %8s %10s %10s%s%n",
                    phase.phase().title(),
                    phase.fromSeconds(),
                    phase.toSeconds(),
                    phase.trigger(),
                    phase.noticed() == null ? "-" : String.format(Locale.ROOT, "%.0f", phase.noticedAfterSeconds()),
                    phase.states(),
                    phase.moves(),
                    shown(mean(served, phase)),
                    shown(mean(firstPlan, phase)),
                    shown(mean(autoscaled, phase)),
                    emulated.map(both -> String.format(
                                    Locale.ROOT,
                                    " %14s %14s",
                                    shown(mean(both.firstPlan(), phase)),
                                    shown(mean(both.autoscaled(), phase))))
                            .orElse(""));
        }
        emulated.ifPresent(both -> {
            line(
                    table,
                    "  requests that failed: service %d, first plan %d, autoscaler %d%n",
                    served.failed(),
                    both.firstPlan().failed(),
                    both.autoscaled().failed());
            disagreements(both).forEach(each -> line(table, "  %s%n", each));
        });
        return table.toString();
    }

    /** Where the emulated cluster and the simulation are apart. */
    private List<String> disagreements(Emulated both) {
        List<String> found = new ArrayList<>();
        for (DayOutcome phase : phases) {
            disagreement("first plan", phase, firstPlan, both.firstPlan()).ifPresent(found::add);
            disagreement("autoscaler", phase, autoscaled, both.autoscaled()).ifPresent(found::add);
        }
        if (found.isEmpty()) {
            found.add(String.format(
                    Locale.ROOT, "emulated and simulated agree within %.0f %% in every phase", 100 * DISAGREE));
        }
        return found;
    }

    private static Optional<String> disagreement(
            String who, DayOutcome phase, LatencySeries simulated, LatencySeries measured) {
        OptionalDouble expected = mean(simulated, phase);
        OptionalDouble seen = mean(measured, phase);
        if (expected.isEmpty() || seen.isEmpty()) {
            return Optional.empty();
        }
        double apart = seen.getAsDouble() / expected.getAsDouble() - 1;
        return Math.abs(apart) <= DISAGREE
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "apart: %s, %s: emulated %.1f s, simulated %.1f s (%+.0f %%)",
                        who,
                        phase.phase().key(),
                        seen.getAsDouble(),
                        expected.getAsDouble(),
                        100 * apart));
    }

    /** One for each phase, one for the day. */
    String lastLines() {
        StringBuilder lines = new StringBuilder();
        for (DayOutcome phase : phases) {
            line(
                    lines,
                    "DAY phase=%s fromSeconds=%.0f toSeconds=%.0f noticed=%s trigger=%s noticedAfterSeconds=%s"
                            + " proposals=%s moves=%d meanSeconds=%s firstPlanMeanSeconds=%s autoscaledMeanSeconds=%s%s%n",
                    phase.phase().key(),
                    phase.fromSeconds(),
                    phase.toSeconds(),
                    phase.phase().triggers().isEmpty() ? "notAsked" : phase.noticed() != null,
                    phase.trigger(),
                    phase.noticed() == null ? "none" : String.format(Locale.ROOT, "%.0f", phase.noticedAfterSeconds()),
                    phase.states(),
                    phase.moves(),
                    shown(mean(served, phase)),
                    shown(mean(firstPlan, phase)),
                    shown(mean(autoscaled, phase)),
                    emulated.map(both -> " emulatedFirstPlanMeanSeconds=" + shown(mean(both.firstPlan(), phase))
                                    + " emulatedAutoscaledMeanSeconds=" + shown(mean(both.autoscaled(), phase)))
                            .orElse(""));
        }
        line(
                lines,
                "DAY requests=%d failed=%d timeScale=%.0f p95Seconds=%s firstPlanP95Seconds=%s autoscaledP95Seconds=%s%s"
                        + " result=%s%n",
                requests,
                failed,
                timeScale,
                p95(served),
                p95(firstPlan),
                p95(autoscaled),
                emulated.map(both -> " emulatedFirstPlanP95Seconds=" + p95(both.firstPlan())
                                + " emulatedAutoscaledP95Seconds=" + p95(both.autoscaled())
                                + " emulatedFirstPlanFailed=" + both.firstPlan().failed()
                                + " emulatedAutoscaledFailed="
                                + both.autoscaled().failed())
                        .orElse(""),
                isAsItShould() ? "ok" : "failed");
        return lines.toString();
    }

    private static OptionalDouble mean(LatencySeries series, DayOutcome phase) {
        return series.mean(phase.fromSeconds(), phase.toSeconds());
    }

    private static String p95(LatencySeries series) {
        return shown(series.p95(0, Double.POSITIVE_INFINITY));
    }

    private static String shown(OptionalDouble seconds) {
        return seconds.isPresent() ? String.format(Locale.ROOT, "%.1f", seconds.getAsDouble()) : "none";
    }

    private static void line(StringBuilder to, String format, Object... values) {
        to.append(String.format(Locale.ROOT, format, values));
    }
}
