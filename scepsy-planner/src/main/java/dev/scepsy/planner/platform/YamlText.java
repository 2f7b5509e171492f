package dev.scepsy.planner.platform;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * YAML of maps, lists, texts, numbers, truth values and null, in block style. Texts are always quoted, so that no reader of any version of
 * YAML takes one for something else. Equal values, equal bytes.
 */
final class YamlText {

    private final StringBuilder text = new StringBuilder();

    private YamlText() {}

    /** One document, without its {@code ---}. */
    static String of(Map<String, ?> document) {
        YamlText yaml = new YamlText();
        yaml.map(document, 0);
        return yaml.text.toString();
    }

    private void map(Map<?, ?> map, int indent) {
        map.forEach((key, value) -> {
            text.append(" ".repeat(indent)).append(key(String.valueOf(key))).append(':');
            value(value, indent);
        });
    }

    private void value(@Nullable Object value, int indent) {
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            text.append('\n');
            map(map, indent + 2);
        } else if (value instanceof List<?> list && !list.isEmpty()) {
            text.append('\n');
            list(list, indent + 2);
        } else {
            text.append(value == null ? "" : " " + scalar(value)).append('\n');
        }
    }

    private void list(List<?> list, int indent) {
        for (Object item : list) {
            if (item instanceof Map<?, ?> map && !map.isEmpty()) {
                int begin = text.length();
                map(map, indent + 2);
                text.setCharAt(begin + indent, '-');
            } else {
                text.append(" ".repeat(indent))
                        .append("- ")
                        .append(scalar(item))
                        .append('\n');
            }
        }
    }

    private static String key(String key) {
        return key.matches("[A-Za-z][A-Za-z0-9_./-]*") && !key.matches("(?i)y|n|yes|no|on|off|true|false|null")
                ? key
                : quoted(key);
    }

    private static String scalar(@Nullable Object value) {
        if (value instanceof Map) {
            return "{}";
        }
        if (value instanceof List) {
            return "[]";
        }
        return value instanceof Number || value instanceof Boolean ? value.toString() : quoted(String.valueOf(value));
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            switch (each) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (each < ' ' || each == 0x7f || each == 0x85 || each == 0x2028 || each == 0x2029) {
                        quoted.append(String.format("\\u%04x", (int) each));
                    } else {
                        quoted.append(each);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }
}
