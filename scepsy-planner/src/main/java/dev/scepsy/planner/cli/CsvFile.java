package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.TextFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** A comma-separated file with a header line; cells may be quoted, and then hold commas and doubled quotes. */
record CsvFile(List<String> header, List<Row> rows) {

    /** One line; cells beyond those it has read as empty. */
    record Row(int line, List<String> cells, List<String> header) {

        /** The cell in {@code column}, trimmed; empty where the column or the cell is absent or blank. */
        Optional<String> cell(String column) {
            int index = header.indexOf(column);
            return index < 0 || index >= cells.size() || cells.get(index).isBlank()
                    ? Optional.empty()
                    : Optional.of(cells.get(index).trim());
        }
    }

    static CsvFile read(Path file) throws TextFile.Unreadable {
        List<String> lines = TextFile.read(file).lines().toList();
        if (lines.isEmpty()) {
            return new CsvFile(List.of(), List.of());
        }
        List<String> header = cells(lines.get(0)).stream().map(String::trim).toList();
        List<Row> rows = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                rows.add(new Row(i + 1, cells(lines.get(i)), header));
            }
        }
        return new CsvFile(header, List.copyOf(rows));
    }

    static List<String> cells(String line) {
        if (line.indexOf('"') < 0) {
            return List.of(line.split(",", -1));
        }
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"' && quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
                cell.append('"');
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                cells.add(cell.toString());
                cell.setLength(0);
            } else {
                cell.append(c);
            }
        }
        cells.add(cell.toString());
        return List.copyOf(cells);
    }

    /** One line without its end. */
    static String line(List<String> cells) {
        return cells.stream().map(CsvFile::quoted).collect(Collectors.joining(","));
    }

    static String line(String... cells) {
        return line(Arrays.asList(cells));
    }

    private static String quoted(String cell) {
        return cell.contains(",") || cell.contains("\"") ? '"' + cell.replace("\"", "\"\"") + '"' : cell;
    }
}
