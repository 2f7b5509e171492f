package dev.scepsy.planner.engine;

import dev.scepsy.planner.file.CsvTable;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.TextFile;
import dev.scepsy.planner.kernel.KernelThinning;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.GpuFacts;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * A folder of kernel tables, {@code GPU/TABLE-ENGINE.csv.gz} with microseconds and bytes: the layout of AIConfigurator's
 * tables after conversion. Tables of other names are passed over.
 */
final class KernelFolder {

    private static final Pattern NAME = Pattern.compile("(.+)-(vllm|sglang|trtllm)\\.csv\\.gz");
    /** What a kernel may take, microseconds: beyond it the column is likely in another unit. */
    private static final double LEAST_MICROS = 0.1;

    private static final double MOST_MICROS = 1e9;

    /** A column that tables without windowed kernels lack. */
    private static final String WINDOW = "window";

    private static final String NO_WINDOW = "0";
    private static final String TIME = "latencyMicros";
    /** Columns that hold no size. */
    private static final Set<String> WORDS =
            Set.of("type", "distribution", "kvType", "attentionType", "operation", TIME);

    private final List<Problem> problems = new ArrayList<>();
    private int rows;

    /** The lines of all cards' surfaces, in name order. */
    List<String> surfaces(Path folder) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Path card : sorted(folder)) {
            if (Files.isDirectory(card)) {
                Optional<GpuFacts> facts =
                        Catalogue.builtIn().gpu(card.getFileName().toString());
                if (facts.isEmpty()) {
                    problems.add(new Problem(
                            card.toString(),
                            "",
                            0,
                            0,
                            "The folder must be named like a GPU of the catalogue (" + known() + ")."));
                } else {
                    lines.addAll(card(card, facts.get()));
                }
            }
        }
        if (rows == 0 && problems.isEmpty()) {
            problems.add(new Problem(
                    folder.toString(), "", 0, 0, "There are no tables here: expected GPU/TABLE-ENGINE.csv.gz."));
        }
        return lines;
    }

    private static String known() {
        return Catalogue.builtIn().gpus().stream().map(GpuFacts::name).collect(Collectors.joining(", "));
    }

    List<Problem> problems() {
        return problems;
    }

    private List<String> card(Path folder, GpuFacts facts) throws IOException {
        KernelThinning thinning = facts.thinning();
        for (Path file : sorted(folder)) {
            Matcher name = NAME.matcher(file.getFileName().toString());
            if (name.matches() && !KernelThinning.columns(name.group(1)).isEmpty()) {
                table(file, name.group(1), name.group(2), thinning);
            }
        }
        return thinning.lines();
    }

    private static List<Path> sorted(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        }
    }

    private void table(Path file, String table, String engine, KernelThinning thinning) {
        int number = 1;
        try (CsvTable.Rows reader = new CsvTable.Rows(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            List<String> header = reader.header();
            List<String> missing = KernelThinning.columns(table).stream()
                    .filter(column -> !header.contains(column) && !column.equals(WINDOW))
                    .toList();
            if (!missing.isEmpty()) {
                problem(
                        file,
                        String.join(", ", missing),
                        1,
                        "The header must have the columns " + String.join(", ", KernelThinning.columns(table))
                                + " (times in microseconds, sizes in bytes or counts).");
                return;
            }
            Rows readable = new Rows(header, table);
            for (Optional<CsvTable.Row> row = reader.next(); row.isPresent(); row = reader.next()) {
                number = row.get().line();
                List<String> cells = row.get().cells();
                rows++;
                if (readable.eager(cells)) {
                    continue;
                }
                Optional<Rows.Wrong> wrong = readable.wrong(cells);
                if (wrong.isPresent()) {
                    problem(file, wrong.get().column(), number, wrong.get().message());
                    return;
                }
                thinning.add(table, engine, column -> readable.cell(cells, column));
            }
        } catch (TextFile.Unreadable e) {
            problem(file, "", e.line(), e.sentence());
        } catch (IOException e) {
            problem(
                    file,
                    "",
                    number,
                    "The file is no whole gzip file (" + e.getMessage() + "): compress or fetch it again.");
        }
    }

    private void problem(Path file, String column, int line, String message) {
        problems.add(new Problem(file.toString(), column, line, 1, message));
    }

    /** What the rows of one table must hold. */
    private static final class Rows {

        private record Wrong(String column, String message) {}

        private final Map<String, Integer> columns = new HashMap<>();
        private final List<String> sizes;
        private final double least;

        Rows(List<String> header, String table) {
            for (int i = 0; i < header.size(); i++) {
                columns.put(header.get(i), i);
            }
            sizes = KernelThinning.columns(table).stream()
                    .filter(column -> !WORDS.contains(column) && columns.containsKey(column))
                    .toList();
            // what computing a scale adds is a difference of two times
            least = table.equals("quantize-scale") ? 0 : LEAST_MICROS;
        }

        String cell(List<String> cells, String column) {
            Integer at = columns.get(column);
            return at == null ? NO_WINDOW : cells.get(at);
        }

        boolean eager(List<String> cells) {
            Integer mode = columns.get("mode");
            return mode != null && mode < cells.size() && cells.get(mode).endsWith("eager");
        }

        Optional<Wrong> wrong(List<String> cells) {
            if (cells.size() != columns.size()) {
                return Optional.of(new Wrong(
                        "", "The row has " + cells.size() + " cells where the header has " + columns.size() + "."));
            }
            for (String size : sizes) {
                if (!isSize(cell(cells, size), size.equals(WINDOW) ? 0 : 1)) {
                    return Optional.of(new Wrong(
                            size, "The size (" + cell(cells, size) + ") must be a whole number, at least 1."));
                }
            }
            String time = cell(cells, TIME);
            return isTime(time)
                    ? Optional.empty()
                    : Optional.of(new Wrong(
                            TIME,
                            "The time (" + time + ") must be a number of microseconds between 0.1 and 1e9; is it in"
                                    + " milliseconds or seconds?"));
        }

        private static boolean isSize(String text, int least) {
            try {
                return Long.parseLong(text) >= least;
            } catch (NumberFormatException e) {
                return false;
            }
        }

        private boolean isTime(String text) {
            try {
                double micros = Double.parseDouble(text);
                return micros >= least && micros <= MOST_MICROS;
            } catch (NumberFormatException e) {
                return false;
            }
        }
    }
}
