package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.kernel.KernelThinning;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.GpuFacts;
import java.io.BufferedReader;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    private final List<Problem> problems = new ArrayList<>();
    private int rows;

    /** The lines of all cards' surfaces, in name order. */
    List<String> surfaces(Path folder) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Path card : sorted(folder)) {
            if (Files.isDirectory(card)) {
                Optional<GpuFacts> facts = Catalogue.builtIn().gpu(card.getFileName().toString());
                if (facts.isEmpty()) {
                    problems.add(new Problem(
                            card.toString(), "", 0, 0, "The folder must be named like a GPU of the catalogue."));
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

    private void table(Path file, String table, String engine, KernelThinning thinning) throws IOException {
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            String first = reader.readLine();
            List<String> header = first == null ? List.of() : CsvFile.cells(first);
            Map<String, Integer> columns = new HashMap<>();
            header.forEach(column -> columns.put(column, columns.size()));
            List<String> missing = KernelThinning.columns(table).stream()
                    .filter(column -> !columns.containsKey(column) && !column.equals(WINDOW))
                    .toList();
            if (!missing.isEmpty()) {
                problems.add(new Problem(
                        file.toString(),
                        "",
                        1,
                        1,
                        "The header must have the columns " + String.join(", ", missing)
                                + " (times in microseconds, sizes in bytes)."));
                return;
            }
            Optional<Integer> mode = Optional.ofNullable(columns.get("mode"));
            int number = 1;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                List<String> cells = CsvFile.cells(line);
                boolean eager = mode.isPresent()
                        && cells.size() > mode.get()
                        && cells.get(mode.get()).endsWith("eager");
                if (!eager && !row(cells, columns, table, engine, thinning)) {
                    problems.add(new Problem(
                            file.toString(),
                            "latencyMicros",
                            number,
                            1,
                            "Every size must be a number and the time lie between 0.1 and 1e9 microseconds; is it in"
                                    + " milliseconds or seconds?"));
                    return;
                }
                rows++;
            }
        }
    }

    private static boolean row(
            List<String> cells, Map<String, Integer> columns, String table, String engine, KernelThinning thinning) {
        try {
            double micros = Double.parseDouble(cells.get(columns.get("latencyMicros")));
            boolean difference = table.equals("quantize-scale");
            if (!(micros >= (difference ? 0 : LEAST_MICROS) && micros <= MOST_MICROS)) {
                return false;
            }
            thinning.add(
                    table,
                    engine,
                    column -> columns.containsKey(column) ? cells.get(columns.get(column)) : NO_WINDOW);
            return true;
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            return false;
        }
    }
}
