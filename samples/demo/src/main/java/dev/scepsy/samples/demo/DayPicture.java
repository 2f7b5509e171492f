package dev.scepsy.samples.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Latency over the day (SVG), on a logarithmic scale: with the service, on the first plan, with an autoscaler; the last two as emulated too. */
final class DayPicture {

    private static final double BIN_SECONDS = 60;
    private static final int LEFT = 52;
    private static final int WIDTH = 880;
    private static final int TOP = 58;
    private static final int HEIGHT = 250;
    private static final String SERVICE = "#3b6fb6";
    private static final String FIRST_PLAN = "#9aa3b0";
    private static final String AUTOSCALER = "#c9822b";
    private static final String DASHES = " stroke-dasharray=\"5 4\"";

    private final StringBuilder svg = new StringBuilder();
    private final DayReport report;
    private final double toSeconds;
    private final double least;
    private final double most;

    private DayPicture(DayReport report) {
        this.report = report;
        this.toSeconds = report.phases().isEmpty()
                ? 1
                : report.phases().get(report.phases().size() - 1).toSeconds();
        List<LatencySeries> drawn = new ArrayList<>(List.of(report.served(), report.firstPlan(), report.autoscaled()));
        report.emulated().ifPresent(both -> drawn.addAll(List.of(both.firstPlan(), both.autoscaled())));
        double[] all = drawn.stream()
                .flatMap(series -> series.binned(BIN_SECONDS, toSeconds).stream())
                .mapToDouble(LatencySeries.Point::latencySeconds)
                .filter(seconds -> seconds > 0)
                .sorted()
                .toArray();
        this.least = all.length == 0 ? 1 : all[0] / 1.3;
        this.most = all.length == 0 ? 10 : all[all.length - 1] * 1.3;
    }

    static String svg(DayReport report) {
        return new DayPicture(report).draw();
    }

    private String draw() {
        append("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"950\" height=\"370\" viewBox=\"0 0 950 370\" ");
        append("font-family=\"system-ui, sans-serif\" font-size=\"12\">%n");
        append("<rect width=\"950\" height=\"370\" fill=\"#ffffff\"/>%n");
        legend(20, SERVICE, "with the service (measured)");
        String how = report.emulated().isPresent() ? "(dashed: simulated)" : "(simulated)";
        legend(240, FIRST_PLAN, "the first plan, kept " + how);
        legend(480, AUTOSCALER, "the first plan and an autoscaler " + how);
        boolean shaded = false;
        for (DayOutcome phase : report.phases()) {
            phase(phase, shaded);
            shaded = !shaded;
        }
        for (double seconds : new double[] {1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000}) {
            if (seconds >= least && seconds <= most) {
                append(
                        "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#e3e6ea\"/>",
                        LEFT, y(seconds), LEFT + WIDTH, y(seconds));
                append(
                        "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" fill=\"#555\">%.0f s</text>%n",
                        LEFT - 6, y(seconds) + 4, seconds);
            }
        }
        String dashes = report.emulated().isPresent() ? DASHES : "";
        line(report.firstPlan(), FIRST_PLAN, dashes);
        line(report.autoscaled(), AUTOSCALER, dashes);
        report.emulated().ifPresent(both -> {
            line(both.firstPlan(), FIRST_PLAN, "");
            line(both.autoscaled(), AUTOSCALER, "");
        });
        line(report.served(), SERVICE, "");
        append("<text x=\"%d\" y=\"348\" fill=\"#555\">emulated time, s; mean latency of executions", LEFT);
        append(" that started in each minute, logarithmic</text>%n");
        append("<text x=\"%d\" y=\"363\" fill=\"#777\" font-size=\"10\">Same arrivals, same executions;", LEFT);
        append(" time scale %.0f. Drawn by samples/demo DayPicture.</text>%n</svg>%n", report.timeScale());
        return svg.toString();
    }

    private void legend(int x, String colour, String text) {
        append("<rect x=\"%d\" y=\"12\" width=\"10\" height=\"10\" fill=\"%s\"/>", x, colour);
        append("<text x=\"%d\" y=\"21\">%s</text>%n", x + 15, text);
    }

    private void phase(DayOutcome phase, boolean shaded) {
        double from = x(phase.fromSeconds());
        double to = x(phase.toSeconds());
        if (shaded) {
            append(
                    "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"#f4f6f8\"/>",
                    from, TOP - 26, to - from, HEIGHT + 26);
        }
        append(
                "<text x=\"%.1f\" y=\"%d\" fill=\"#333\" font-size=\"11\">%s</text>",
                from + 4, TOP - 12, phase.phase().key());
        append(
                "<text x=\"%.1f\" y=\"%d\" fill=\"#555\" font-size=\"10\">%.0f</text>%n",
                from + 2, TOP + HEIGHT + 14, phase.fromSeconds());
        for (var proposal : phase.proposals()) {
            if (proposal.hasNonNull("planEntry") && phase.noticed() != null) {
                double at = x(phase.fromSeconds() + phase.noticedAfterSeconds());
                append(
                        "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#6b7280\" stroke-dasharray=\"3 3\"/>%n",
                        at, TOP, at, TOP + HEIGHT);
            }
        }
    }

    private void line(LatencySeries series, String colour, String further) {
        StringBuilder points = new StringBuilder();
        for (LatencySeries.Point point : series.binned(BIN_SECONDS, toSeconds)) {
            if (point.latencySeconds() > 0) {
                points.append(
                        String.format(Locale.ROOT, "%.1f,%.1f ", x(point.startedSeconds()), y(point.latencySeconds())));
            }
        }
        append(
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s/>%n",
                points.toString().strip(), colour, further);
    }

    private double x(double seconds) {
        return LEFT + WIDTH * seconds / toSeconds;
    }

    private double y(double seconds) {
        return TOP + HEIGHT * Math.log(most / seconds) / Math.log(most / least);
    }

    private void append(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}
