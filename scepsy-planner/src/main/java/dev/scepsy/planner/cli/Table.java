package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Shortened;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows in columns as wide as their widest cell; the first column to the left, the others to the right unless text. */
final class Table {

    private final List<List<String>> rows = new ArrayList<>();
    private final String alignment;

    /** @param alignment one of {@code l}, {@code r} per column */
    Table(String alignment, String... header) {
        this.alignment = alignment;
        rows.add(List.of(header));
    }

    void row(String... cells) {
        // names come from inputs
        rows.add(Arrays.stream(cells).map(Shortened::printable).toList());
    }

    void print(PrintWriter out) {
        int[] widths = new int[alignment.length()];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder(" ");
            for (int i = 0; i < row.size(); i++) {
                String pad = " ".repeat(widths[i] - row.get(i).length());
                line.append(' ').append(alignment.charAt(i) == 'r' ? pad + row.get(i) : row.get(i) + pad);
                line.append(' ');
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
