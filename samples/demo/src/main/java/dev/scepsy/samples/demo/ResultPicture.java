package dev.scepsy.samples.demo;

import java.util.Locale;

/** The result as a small picture (SVG): one pair of bars, guess and plan, per quantity. */
final class ResultPicture {

    private static final String GUESS = "#b9c0cc";
    private static final String PLAN = "#3b6fb6";
    private static final int GROUP = 210;
    private static final int BASE = 170;
    private static final double TALLEST = 110;

    private ResultPicture() {}

    static String svg(Measured guess, Measured plan) {
        StringBuilder svg = new StringBuilder();
        append(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"660\" height=\"216\" viewBox=\"0 0 660 216\" ");
        append(svg, "font-family=\"system-ui, sans-serif\" font-size=\"12\">%n");
        append(svg, "<rect width=\"660\" height=\"216\" fill=\"#ffffff\"/>%n");
        append(svg, "<rect x=\"20\" y=\"14\" width=\"10\" height=\"10\" fill=\"%s\"/>", GUESS);
        append(svg, "<text x=\"35\" y=\"23\">equal shares, the usual guess</text>%n");
        append(svg, "<rect x=\"230\" y=\"14\" width=\"10\" height=\"10\" fill=\"%s\"/>", PLAN);
        append(svg, "<text x=\"245\" y=\"23\">the plan</text>%n");
        Latency before = guess.latency();
        Latency after = plan.latency();
        group(svg, 0, "mean latency, s", before.meanSeconds(), after.meanSeconds(), "%.1f");
        group(svg, 1, "p95 latency, s", before.p95Seconds(), after.p95Seconds(), "%.1f");
        group(svg, 2, "sustained executions/s", guess.throughputPerSecond(), plan.throughputPerSecond(), "%.2f");
        append(
                svg,
                "<text x=\"20\" y=\"208\" fill=\"#777\" font-size=\"10\">Same four emulated GPUs, same questions; ");
        append(svg, "emulated seconds. Drawn by samples/demo ResultPicture.</text>%n</svg>%n");
        return svg.toString();
    }

    private static void group(StringBuilder svg, int index, String label, double before, double after, String format) {
        double perUnit = TALLEST / Math.max(before, after);
        int x = 20 + index * GROUP;
        bar(svg, x, before, before * perUnit, GUESS, format);
        bar(svg, x + 75, after, after * perUnit, PLAN, format);
        append(svg, "<text x=\"%d\" y=\"%d\">%s</text>%n", x, BASE + 18, label);
    }

    private static void bar(StringBuilder svg, int x, double value, double height, String fill, String format) {
        append(
                svg,
                "<rect x=\"%d\" y=\"%.1f\" width=\"60\" height=\"%.1f\" fill=\"%s\"/>",
                x,
                BASE - height,
                height,
                fill);
        append(svg, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"middle\">", x + 30, BASE - height - 5);
        append(svg, format, value);
        append(svg, "</text>%n");
    }

    private static void append(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}
