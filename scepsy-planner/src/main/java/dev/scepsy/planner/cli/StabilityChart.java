package dev.scepsy.planner.cli;

import dev.scepsy.planner.share.Stability;
import java.util.List;
import java.util.Locale;

/**
 * A workflow's shares over its executions, as an SVG: each model's share with its 95 % band as lines, and where it became stable.
 * A drawing of a hundred lines needs no chart library, and names in it are text, whatever they say.
 */
final class StabilityChart {

    private static final int WIDTH = 760;
    private static final int HEIGHT = 360;
    private static final int LEFT = 60;
    private static final int RIGHT = 190;
    private static final int TOP = 50;
    private static final int BOTTOM = 50;
    private static final int LONGEST_NAME = 26;

    /** Told apart by people who do not see all colours (M. Okabe, K. Ito, 2008). */
    private static final String[] COLOURS = {
        "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999999", "#000000"
    };

    private final Stability stability;
    private final StringBuilder svg = new StringBuilder();

    private StabilityChart(Stability stability) {
        this.stability = stability;
    }

    static String of(Stability stability) {
        return new StabilityChart(stability).draw();
    }

    private String draw() {
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                        + " font-size=\"12\" role=\"img\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>%n",
                WIDTH,
                HEIGHT));
        text(
                LEFT,
                22,
                "start",
                15,
                "Shares of " + cut(stability.workflow()) + " over " + stability.executions() + " executions");
        text(
                LEFT,
                40,
                "start",
                12,
                "each model's part of the summed call time so far, with its 95 % band"
                        + (stability.steadiness().isPresent()
                                ? String.format(
                                        Locale.ROOT,
                                        "; %.1f times as steady as times",
                                        stability.steadiness().getAsDouble())
                                : ""));
        for (int percent = 0; percent <= 100; percent += 20) {
            line(LEFT, y(percent / 100.0), WIDTH - RIGHT, y(percent / 100.0), "#dddddd", "");
            text(LEFT - 6, y(percent / 100.0) + 4, "end", 12, percent + " %");
        }
        text(LEFT, HEIGHT - BOTTOM + 18, "start", 12, "1");
        text(WIDTH - RIGHT, HEIGHT - BOTTOM + 18, "end", 12, Integer.toString(stability.executions()));
        text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12, "middle", 12, "executions, in order of their ends");
        stability.stableSince().ifPresent(since -> {
            line(x(since), TOP, x(since), HEIGHT - BOTTOM, "#555555", " stroke-dasharray=\"4 3\"");
            text(x(since) + 4, TOP + 10, "start", 11, "stable since " + since);
        });
        List<Stability.Model> models = stability.models();
        for (int m = 0; m < models.size(); m++) {
            band(m);
        }
        for (int m = 0; m < models.size(); m++) {
            curve(m);
            double y = TOP + 12 + 18.0 * m;
            line(WIDTH - RIGHT + 14, y - 4, WIDTH - RIGHT + 34, y - 4, COLOURS[m % COLOURS.length], "");
            text(
                    WIDTH - RIGHT + 40,
                    y,
                    "start",
                    12,
                    String.format(
                            Locale.ROOT,
                            "%s %.1f %%",
                            cut(models.get(m).model()),
                            100 * models.get(m).share()));
        }
        return svg.append("</svg>\n").toString();
    }

    private void band(int m) {
        StringBuilder upper = new StringBuilder();
        StringBuilder lower = new StringBuilder();
        for (Stability.Point point : stability.points()) {
            double width = point.halfWidths().get(m);
            if (Double.isFinite(width)) {
                double share = point.shares().get(m);
                upper.append(at(x(point.execution()), y(Math.min(1, share + width))));
                lower.insert(0, at(x(point.execution()), y(Math.max(0, share - width))));
            }
        }
        if (upper.length() > 0) {
            svg.append("<polygon points=\"")
                    .append(upper)
                    .append(lower)
                    .append("\" fill=\"")
                    .append(COLOURS[m % COLOURS.length])
                    .append("\" fill-opacity=\"0.15\"/>\n");
        }
    }

    private void curve(int m) {
        svg.append("<polyline fill=\"none\" stroke-width=\"2\" stroke=\"")
                .append(COLOURS[m % COLOURS.length])
                .append("\" points=\"");
        for (Stability.Point point : stability.points()) {
            svg.append(at(x(point.execution()), y(point.shares().get(m))));
        }
        svg.append("\"/>\n");
    }

    private double x(int execution) {
        int span = Math.max(1, stability.executions() - 1);
        return LEFT + (double) (execution - 1) / span * (WIDTH - RIGHT - LEFT);
    }

    private static double y(double share) {
        return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
    }

    private static String at(double x, double y) {
        return String.format(Locale.ROOT, "%.1f,%.1f ", x, y);
    }

    private void line(double x1, double y1, double x2, double y2, String colour, String style) {
        svg.append(String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"%s/>%n",
                x1,
                y1,
                x2,
                y2,
                colour,
                style));
    }

    private void text(double x, double y, String anchor, int size, String text) {
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%d\">%s</text>%n",
                x,
                y,
                anchor,
                size,
                escaped(text)));
    }

    private static String cut(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME - 1) + "\u2026";
    }

    /** Text that is text in XML: no markup, no characters that XML does not have. */
    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(character -> {
            switch (character) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                default -> {
                    boolean odd = character < ' '
                            || (character >= 0xd800 && character <= 0xdfff)
                            || character == 0xfffe
                            || character == 0xffff
                            || Character.getType(character) == Character.FORMAT;
                    escaped.appendCodePoint(odd ? '\ufffd' : character);
                }
            }
        });
        return escaped.toString();
    }
}
