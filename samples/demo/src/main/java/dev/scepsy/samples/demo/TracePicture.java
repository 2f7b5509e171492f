package dev.scepsy.samples.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Draws one recorded trace as a waterfall (SVG): spans indented under their parents, model calls coloured by model. {@code
 * TracePicture TRACES.jsonl OUT.svg} draws the smallest trace in which a workflow recurs, else the one of median size.
 */
final class TracePicture {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> COLOURS =
            List.of("#3b6fb6", "#d1603d", "#4c956c", "#8e5572", "#c9a227", "#5fa8d3", "#7d7461", "#b56576");
    private static final int WIDTH = 1180;
    private static final int LABELS = 330;
    private static final int RIGHT = 52;
    private static final int ROW = 17;
    private static final int HEAD = 58;

    private record Bar(String id, String parent, String name, String model, String kind, double start, double end) {}

    private TracePicture() {}

    public static void main(String[] arguments) throws IOException {
        draw(Path.of(arguments[0]), Path.of(arguments[1]));
    }

    /** Writes the picture of one trace of {@code traces}, a file with one trace per line. */
    static void draw(Path traces, Path picture) throws IOException {
        List<List<Bar>> all = new ArrayList<>();
        try (var lines = Files.lines(traces)) {
            for (String line : (Iterable<String>) lines::iterator) {
                all.add(bars(JSON.readTree(line)));
            }
        }
        if (all.isEmpty()) {
            return;
        }
        all.sort(Comparator.comparingInt(List::size));
        Files.createDirectories(picture.toAbsolutePath().getParent());
        List<Bar> chosen =
                all.stream().filter(TracePicture::repeatsAWorkflow).findFirst().orElse(all.get(all.size() / 2));
        Files.writeString(picture, svg(chosen, traces.getFileName().toString()));
    }

    private static boolean repeatsAWorkflow(List<Bar> bars) {
        List<String> workflows = bars.stream()
                .filter(bar -> bar.kind().equals("invoke_workflow"))
                .map(Bar::name)
                .toList();
        return Set.copyOf(workflows).size() < workflows.size();
    }

    private static List<Bar> bars(JsonNode line) {
        List<Bar> bars = new ArrayList<>();
        for (JsonNode span : line.findValues("spans").get(0)) {
            String model = "";
            String operation = "";
            for (JsonNode attribute : span.path("attributes")) {
                String value = attribute.path("value").path("stringValue").asText();
                switch (attribute.path("key").asText()) {
                    case "gen_ai.request.model" -> model = value;
                    case "gen_ai.operation.name" -> operation = value;
                    default -> {}
                }
            }
            bars.add(new Bar(
                    span.path("spanId").asText(),
                    span.path("parentSpanId").asText(),
                    span.path("name").asText(),
                    model,
                    operation,
                    span.path("startTimeUnixNano").asLong() / 1e9,
                    span.path("endTimeUnixNano").asLong() / 1e9));
        }
        return bars;
    }

    private static String svg(List<Bar> bars, String source) {
        Map<String, List<Bar>> children = new HashMap<>();
        Map<String, Bar> byId = new HashMap<>();
        bars.forEach(bar -> byId.put(bar.id(), bar));
        List<Bar> roots = new ArrayList<>();
        for (Bar bar : bars) {
            if (byId.containsKey(bar.parent())) {
                children.computeIfAbsent(bar.parent(), id -> new ArrayList<>()).add(bar);
            } else {
                roots.add(bar);
            }
        }
        LinkedHashMap<Bar, Integer> rows = new LinkedHashMap<>();
        roots.forEach(root -> collect(root, 0, children, rows));
        double from = bars.stream().mapToDouble(Bar::start).min().orElse(0);
        double to = bars.stream().mapToDouble(Bar::end).max().orElse(1);
        Map<String, String> colours = new LinkedHashMap<>();
        rows.keySet().stream()
                .map(Bar::model)
                .filter(model -> !model.isEmpty())
                .forEach(model -> colours.putIfAbsent(model, COLOURS.get(colours.size() % COLOURS.size())));
        StringBuilder svg = new StringBuilder();
        int height = HEAD + rows.size() * ROW + 34;
        append(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" ", WIDTH, height);
        append(svg, "viewBox=\"0 0 %d %d\" font-family=\"system-ui, sans-serif\" font-size=\"11\">%n", WIDTH, height);
        append(svg, "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>%n", WIDTH, height);
        append(svg, "<text x=\"12\" y=\"20\" font-size=\"13\" font-weight=\"600\">%s: one recorded trace, ", source);
        append(svg, "%d spans, %.1f s</text>%n", rows.size(), to - from);
        legend(svg, colours);
        int index = 0;
        for (Map.Entry<Bar, Integer> row : rows.entrySet()) {
            row(svg, row.getKey(), row.getValue(), index++, from, to, colours);
        }
        append(svg, "<text x=\"12\" y=\"%d\" fill=\"#777\">Drawn by samples/demo TracePicture from the ", height - 12);
        append(svg, "recorded OTLP spans; times are emulated seconds.</text>%n</svg>%n");
        return svg.toString();
    }

    private static void collect(Bar bar, int depth, Map<String, List<Bar>> children, Map<Bar, Integer> rows) {
        rows.put(bar, depth);
        List<Bar> below = children.getOrDefault(bar.id(), List.of());
        below.stream()
                .sorted(Comparator.comparingDouble(Bar::start))
                .forEach(child -> collect(child, depth + 1, children, rows));
    }

    private static void legend(StringBuilder svg, Map<String, String> colours) {
        int x = 12;
        for (Map.Entry<String, String> entry : colours.entrySet()) {
            append(svg, "<rect x=\"%d\" y=\"32\" width=\"10\" height=\"10\" fill=\"%s\"/>", x, entry.getValue());
            append(svg, "<text x=\"%d\" y=\"41\">%s</text>%n", x + 14, entry.getKey());
            x += 30 + 7 * entry.getKey().length();
        }
    }

    private static void row(
            StringBuilder svg, Bar bar, int depth, int index, double from, double to, Map<String, String> colours) {
        int y = HEAD + index * ROW;
        double perSecond = (WIDTH - LABELS - RIGHT) / (to - from);
        double x = LABELS + (bar.start() - from) * perSecond;
        double width = Math.max(1.5, (bar.end() - bar.start()) * perSecond);
        boolean model = !bar.model().isEmpty();
        String fill = model
                ? colours.getOrDefault(bar.model(), COLOURS.get(0))
                : switch (bar.kind()) {
                    case "invoke_workflow" -> "#c8ccd4";
                    case "invoke_agent" -> "#dfe3ea";
                    default -> "#9aa3b2";
                };
        append(svg, "<text x=\"%d\" y=\"%d\" fill=\"%s\"%s>", 12 + depth * 12, y + 12, model ? "#111" : "#555", "");
        append(svg, "%s</text>", bar.name());
        append(svg, "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" ", x, y + 3, width, ROW - 6);
        append(svg, "rx=\"2\" fill=\"%s\"/>", fill);
        append(svg, "<text x=\"%.1f\" y=\"%d\" fill=\"#777\" ", x + width + 4, y + 12);
        append(svg, "font-size=\"9\">%.2f s</text>%n", bar.end() - bar.start());
    }

    private static void append(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}
