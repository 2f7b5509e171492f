package dev.scepsy.planner.benchmark;

import dev.scepsy.planner.file.CsvTable;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.TextFile;
import dev.scepsy.planner.stat.ReadableNumber;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * A table by hand: a header with {@code requestsPerSecond} and {@code meanLatencySeconds}, and any of {@code achievedPerSecond},
 * {@code meanFirstTokenSeconds}, {@code meanPerTokenSeconds}, {@code p95LatencySeconds}, {@code p99LatencySeconds}, {@code
 * inputTokens}, {@code outputTokens}, {@code requests}, {@code failed}. Lines may come in any order of rates.
 */
final class PlainCsv {

    private static final List<String> REQUIRED = List.of("requestsPerSecond", "meanLatencySeconds");
    private static final List<String> OPTIONAL = List.of(
            "achievedPerSecond",
            "meanFirstTokenSeconds",
            "meanPerTokenSeconds",
            "p95LatencySeconds",
            "p99LatencySeconds",
            "inputTokens",
            "outputTokens",
            "requests",
            "failed");

    private static final double MOST_TOKENS_PER_REQUEST = 1e9;

    private final String file;
    private final List<Problem> problems = new ArrayList<>();
    private final Map<Double, Integer> lineOfRate = new HashMap<>();

    private PlainCsv(String file) {
        this.file = file;
    }

    static BenchmarkFile read(String file, String text) {
        PlainCsv csv = new PlainCsv(file);
        try {
            return new BenchmarkFile("CSV", csv.runs(CsvTable.of(text)), csv.problems);
        } catch (TextFile.Unreadable e) {
            csv.problem(e.line(), "", e.sentence());
            return new BenchmarkFile("CSV", List.of(), csv.problems);
        }
    }

    private List<BenchmarkRun> runs(CsvTable table) {
        List<String> header = table.header();
        for (String column : REQUIRED) {
            if (!header.contains(column)) {
                problem(
                        1,
                        column,
                        "This column is missing: the first line must name the columns, among them " + REQUIRED + ".");
            }
        }
        for (String column : header) {
            if (!REQUIRED.contains(column) && !OPTIONAL.contains(column)) {
                problem(
                        1,
                        column,
                        "The column (" + column + ") is unknown. Known are " + REQUIRED + " and " + OPTIONAL + ".");
            }
        }
        List<BenchmarkRun> runs = new ArrayList<>();
        if (!problems.isEmpty()) {
            return runs;
        }
        table.rows().forEach(row -> row(row.line(), header, row.cells(), runs));
        if (runs.isEmpty() && problems.isEmpty()) {
            problem(1, "", "There is no row below the header.");
        }
        return runs;
    }

    private void row(int line, List<String> header, List<String> cells, List<BenchmarkRun> runs) {
        if (cells.size() > header.size()) {
            problem(line, "", "The line has " + cells.size() + " cells, the header " + header.size() + ".");
            return;
        }
        int before = problems.size();
        Map<String, Double> values = new HashMap<>();
        for (int i = 0; i < cells.size(); i++) {
            if (!cells.get(i).isEmpty()) {
                number(line, header.get(i), cells.get(i), values);
            }
        }
        for (String column : REQUIRED) {
            if (!values.containsKey(column) && problems.size() == before) {
                problem(line, column, "There is no value.");
            }
        }
        if (problems.size() > before) {
            return;
        }
        double rate = values.getOrDefault("requestsPerSecond", 0.0);
        Integer first = lineOfRate.putIfAbsent(rate, line);
        if (first != null) {
            problem(
                    line,
                    "requestsPerSecond",
                    "The rate (" + rate + ") is given twice, first in line " + first + ". Keep one line per rate.");
            return;
        }
        runs.add(new BenchmarkRun(
                file + ":" + line,
                new BenchmarkRun.Load.Open(rate),
                values.getOrDefault("achievedPerSecond", rate),
                values.getOrDefault("meanLatencySeconds", 0.0),
                optional(values, "meanFirstTokenSeconds"),
                optional(values, "meanPerTokenSeconds"),
                optional(values, "p95LatencySeconds"),
                optional(values, "p99LatencySeconds"),
                optional(values, "inputTokens"),
                optional(values, "outputTokens"),
                values.containsKey("requests")
                        ? OptionalLong.of(Math.round(values.getOrDefault("requests", 0.0)))
                        : OptionalLong.empty(),
                Math.round(values.getOrDefault("failed", 0.0))));
    }

    private void number(int line, String column, String cell, Map<String, Double> values) {
        boolean mayBeZero = List.of("requestsPerSecond", "outputTokens", "requests", "failed", "achievedPerSecond")
                .contains(column);
        try {
            double value = Double.parseDouble(cell);
            if (value <= most(column) && (value > 0 || (mayBeZero && value == 0))) {
                values.put(column, value);
                return;
            }
        } catch (NumberFormatException e) {
            // reported below, together with values out of range
        }
        problem(
                line,
                column,
                "The " + column + " (" + cell + ") must be a number " + (mayBeZero ? "of 0 or more" : "above 0")
                        + " and at most " + ReadableNumber.of(most(column), 6) + ".");
    }

    private static double most(String column) {
        return column.endsWith("Seconds")
                ? Findings.MOST_SECONDS
                : column.endsWith("PerSecond")
                        ? Findings.MOST_PER_SECOND
                        : column.endsWith("Tokens") ? MOST_TOKENS_PER_REQUEST : Findings.MOST_REQUESTS;
    }

    private static OptionalDouble optional(Map<String, Double> values, String column) {
        Double value = values.get(column);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    private void problem(int line, String column, String message) {
        problems.add(new Problem(file, column, line, 1, message));
    }
}
