package dev.scepsy.planner.profile;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.Function;

/** A tab-separated table of the product's own facts on the class path; lines that start with # are comments. */
record FactTable(List<Row> rows) {

    /** One line by column name. An absent or empty count reads as 0; cells at the end of a line may be left out. */
    record Row(Map<String, String> cells) {

        String text(String column) {
            return cells.getOrDefault(column, "");
        }

        double number(String column) {
            return Double.parseDouble(text(column));
        }

        OptionalDouble optionalNumber(String column) {
            return text(column).isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(number(column));
        }

        int count(String column) {
            return text(column).isEmpty() ? 0 : Integer.parseInt(text(column));
        }
    }

    static FactTable onClassPath(String resource) {
        InputStream stream = Objects.requireNonNull(FactTable.class.getResourceAsStream(resource), resource);
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            return parse(reader.lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException("The built-in table " + resource + " cannot be read.", e);
        }
    }

    private static FactTable parse(List<String> lines) {
        List<String[]> cells = lines.stream()
                .filter(line -> !line.startsWith("#") && !line.isBlank())
                .map(line -> line.split("\t", -1))
                .toList();
        String[] header = cells.get(0);
        List<Row> rows = new ArrayList<>();
        for (String[] line : cells.subList(1, cells.size())) {
            Map<String, String> row = new LinkedHashMap<>();
            for (int column = 0; column < Math.min(header.length, line.length); column++) {
                row.put(header[column], line[column]);
            }
            rows.add(new Row(row));
        }
        return new FactTable(List.copyOf(rows));
    }

    static <T> Map<String, T> byName(List<T> values, Function<T, String> name) {
        Map<String, T> byName = new LinkedHashMap<>();
        values.forEach(value -> byName.put(name.apply(value), value));
        return Collections.unmodifiableMap(byName);
    }
}
