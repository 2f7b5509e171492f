package dev.scepsy.planner.checkpoint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One object of a {@code config.json}, read key by key. Keys of a wrong type or out of range are collected as problems, with
 * value, rule and remedy; a default stands in for them, so that all problems are found at once. {@code null} is absent, as it
 * is for the library that wrote the file. Remembers which keys were asked for. Mutable, used by one reader.
 */
final class ConfigKeys {

    /** Beyond it a width or a count is a slip of the pen; with {@link #MOST_HEADS}, all products fit into 64 bits. */
    static final int MOST = 1 << 22;

    /** The same for numbers of heads, widths of one, ranks and states. */
    static final int MOST_HEADS = 1 << 14;

    /** The same for the width of the residual stream. */
    static final int MOST_HIDDEN = 1 << 18;

    private static final int MOST_ECHOED = 60;

    private final String path;
    private final Map<String, Object> keys = new HashMap<>();
    private final Set<String> asked = new LinkedHashSet<>();
    private final List<String> problems;

    private ConfigKeys(String path, Map<?, ?> object, List<String> problems) {
        this.path = path;
        this.problems = problems;
        object.forEach((key, value) -> {
            if (value != null) {
                keys.put(String.valueOf(key), value);
            }
        });
    }

    static ConfigKeys of(Map<?, ?> object) {
        return new ConfigKeys("", object, new ArrayList<>());
    }

    /** The object under {@code key}; empty where there is none. Problems are collected together. */
    Optional<ConfigKeys> object(String key) {
        asked.add(key);
        return keys.get(key) instanceof Map<?, ?> nested
                ? Optional.of(new ConfigKeys(path + key + ".", nested, problems))
                : Optional.empty();
    }

    /** The same keys without those of {@code other}, which stand first. */
    ConfigKeys over(ConfigKeys other) {
        ConfigKeys merged = new ConfigKeys(path, other.keys, problems);
        merged.keys.putAll(keys);
        return merged;
    }

    List<String> problems() {
        return problems;
    }

    void problem(String sentence) {
        if (!problems.contains(sentence)) {
            problems.add(sentence);
        }
    }

    boolean has(String key) {
        asked.add(key);
        return keys.containsKey(key);
    }

    /** Marks keys as read that nothing depends on. */
    void ignore(Iterable<String> harmless) {
        harmless.forEach(asked::add);
    }

    /** Keys nobody asked for, in order. */
    List<String> unread() {
        return keys.keySet().stream()
                .filter(key -> !asked.contains(key))
                .sorted()
                .toList();
    }

    /** A whole number in [{@code least}, {@code most}] under the first of {@code names} that is there. */
    OptionalInt whole(int least, int most, String... names) {
        for (String name : names) {
            asked.add(name);
        }
        for (String name : names) {
            Object value = keys.get(name);
            if (value == null) {
                continue;
            }
            if (value instanceof Number number
                    && number.doubleValue() == Math.rint(number.doubleValue())
                    && number.doubleValue() >= least
                    && number.doubleValue() <= most) {
                return OptionalInt.of(number.intValue());
            }
            problem(sentence(name, value, "be a whole number from " + least + " to " + most));
            return OptionalInt.empty();
        }
        return OptionalInt.empty();
    }

    int whole(String name, int least, int otherwise) {
        return whole(least, MOST, name).orElse(otherwise);
    }

    /** A number of heads, a width of one, a rank or a size of a state. */
    int heads(String name, int least, int otherwise) {
        return whole(least, MOST_HEADS, name).orElse(otherwise);
    }

    /** The first of {@code names} that is there, above 0; a problem and 1 where none is. */
    int required(String... names) {
        return requiredUpTo(MOST, names);
    }

    /** The same with another limit. */
    int requiredUpTo(int most, String... names) {
        int before = problems.size();
        OptionalInt found = whole(1, most, names);
        if (found.isEmpty() && problems.size() == before) {
            problem("The field " + path + names[0]
                    + (names.length > 1
                            ? " (or " + String.join(", ", List.of(names).subList(1, names.length)) + ")"
                            : "")
                    + " is missing.");
        }
        return found.orElse(1);
    }

    boolean flag(String name, boolean otherwise) {
        asked.add(name);
        Object value = keys.get(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Boolean said) {
            return said;
        }
        problem(sentence(name, value, "be true or false"));
        return otherwise;
    }

    String text(String name, String otherwise) {
        asked.add(name);
        Object value = keys.get(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof String said) {
            return said;
        }
        problem(sentence(name, value, "be text"));
        return otherwise;
    }

    /** Whether the value under {@code name} is a list. */
    boolean isList(String name) {
        asked.add(name);
        return keys.get(name) instanceof List<?>;
    }

    /** The list under {@code name}; empty where there is none. */
    List<?> list(String name) {
        asked.add(name);
        Object value = keys.get(name);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list) {
            return list;
        }
        problem(sentence(name, value, "be a list"));
        return List.of();
    }

    /** The list of whole numbers from 0 under {@code name}; empty where there is none. */
    List<Integer> wholes(String name) {
        List<Integer> wholes = new ArrayList<>();
        for (Object entry : list(name)) {
            if (entry instanceof Number number && number.doubleValue() == number.intValue() && number.intValue() >= 0) {
                wholes.add(number.intValue());
            } else {
                problem(sentence(name, list(name), "hold whole numbers from 0 only"));
                return List.of();
            }
        }
        return wholes;
    }

    /** The texts of the list under {@code name}; other entries are left out. */
    List<String> texts(String name) {
        return list(name).stream()
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .toList();
    }

    /** The objects that the object under {@code name} holds. */
    List<ConfigKeys> objects(String name) {
        asked.add(name);
        return keysOf(name).stream()
                .flatMap(key -> object(name).flatMap(outer -> outer.object(key)).stream())
                .toList();
    }

    /** The keys of the object under {@code name}, in order. */
    List<String> keysOf(String name) {
        return object(name)
                .map(nested -> nested.keys.keySet().stream().sorted().toList())
                .orElse(List.of());
    }

    /** The keys whose values are objects that may describe a model, in order. */
    List<String> keysOfObjects() {
        return keys.entrySet().stream()
                .filter(entry ->
                        entry.getValue() instanceof Map && entry.getKey().endsWith("_config"))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /** Keys of the object under {@code name}, by the text that each one's object has under {@code field}. */
    Map<String, List<String>> textsByValueOf(String name, String field) {
        Map<String, List<String>> byValue = new TreeMap<>();
        object(name)
                .ifPresent(nested -> nested.keys.forEach((key, value) -> {
                    if (value instanceof Map<?, ?> entry && entry.get(field) instanceof String text) {
                        byValue.computeIfAbsent(text, one -> new ArrayList<>()).add(key);
                    }
                }));
        return byValue;
    }

    @Nullable
    Object raw(String name) {
        asked.add(name);
        return keys.get(name);
    }

    /** Key, value, rule and remedy. */
    String sentence(String name, Object value, String rule) {
        return "The " + path + name + " (" + shown(value) + ") must " + rule + "." + remedy(value);
    }

    private static String remedy(Object value) {
        if (value instanceof String text && text.matches("-?[0-9]+")) {
            return " Write " + text + " without quotes.";
        }
        return " Correct it, or take the file that was published with the weights.";
    }

    static String shown(@Nullable Object value) {
        String text = value instanceof String said ? "\"" + said + "\"" : String.valueOf(value);
        if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15) {
            text = String.valueOf(number.longValue());
        }
        return text.length() > MOST_ECHOED ? text.substring(0, MOST_ECHOED) + "..." : text;
    }
}
