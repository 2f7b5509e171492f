package dev.scepsy.javaagent;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The committed copy of the conventions' names: {@code semconv/gen-ai.csv} says where each comes from. */
public final class NameTable {

    private final Map<String, String> types = new HashMap<>();

    private NameTable() {}

    /** @param kind {@code attribute} or {@code metric}; @param version {@code 1.41} or {@code newest} */
    public static NameTable of(String kind, String version) {
        NameTable table = new NameTable();
        try (InputStream in = NameTable.class.getResourceAsStream("/semconv/gen-ai.csv")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                List<String> cells = List.of(line.split(","));
                if (!line.startsWith("#")
                        && cells.get(0).equals(kind)
                        && List.of("both", version).contains(cells.get(3))) {
                    table.types.put(cells.get(1), cells.get(2));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return table;
    }

    /** Name to type (attributes) or unit (metrics). */
    public Map<String, String> types() {
        return types;
    }

    /** Whether the conventions govern such a name at all; {@code scepsy.*} is ours. */
    public static boolean governs(String name) {
        return !name.startsWith("scepsy.");
    }

    /** The conventions' word for a value's type. */
    public static String typeOf(Object value) {
        return value instanceof Long
                ? "int"
                : value instanceof Double
                        ? "double"
                        : value instanceof Boolean ? "boolean" : value instanceof List ? "string[]" : "string";
    }
}
