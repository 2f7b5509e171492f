package dev.scepsy.planner.file;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The keys of one mapping, taken one by one. Whatever is wrong is reported to the {@link Findings} and a legal
 * placeholder is returned, so that reading goes on and finds the rest; the value built from placeholders is thrown away.
 * The keys that were asked for are the known ones: {@link #end} reports all others. Long, because it is one place for every kind of value.
 */
final class Fields {

    private static final int LONGEST_SHOWN = 60;

    private final Map<String, Value> values = new LinkedHashMap<>();
    private final Map<String, Source.Position> keys = new LinkedHashMap<>();
    private final Set<String> asked = new LinkedHashSet<>();
    private final Source.Position position;
    private final String path;
    private final Findings findings;
    private final Set<String> wrong = new HashSet<>();

    private boolean missingIsReported;

    private Fields(Value value, String path, Findings findings) {
        this.path = path;
        this.findings = findings;
        this.position = value.position();
        if (value instanceof Value.Mapping mapping) {
            for (Value.Entry entry : mapping.entries()) {
                if (values.putIfAbsent(entry.key(), entry.value()) != null) {
                    findings.problem(
                            pathOf(entry.key()),
                            entry.position(),
                            "The key (" + entry.key() + ") is given twice, first in line "
                                    + keys.getOrDefault(entry.key(), position).line() + ". Keep one.");
                } else {
                    keys.put(entry.key(), entry.position());
                }
            }
        } else {
            findings.problem(path, position, "Expected a mapping (key: value) here, found " + shown(value) + ".");
            // its keys cannot be missing as well
            missingIsReported = true;
        }
    }

    /** Reads the document in {@code file} by {@code reader}; {@code version: 1} may stand at its top. */
    static <T> Reading<T> readDocument(Path file, BiFunction<Fields, Findings, T> reader) {
        return readDocument(Document.read(file), reader);
    }

    static <T> Reading<T> readDocument(Reading<Value> document, BiFunction<Fields, Findings, T> reader) {
        if (!(document instanceof Reading.Legal<Value> legal)) {
            return new Reading.Malformed<>(document.whyMalformed(), document.warnings());
        }
        Findings findings = new Findings(legal.source());
        Fields top = new Fields(legal.value(), "", findings);
        OptionalInt version = top.optionalInteger("version", 1, Integer.MAX_VALUE);
        if (version.isPresent() && version.getAsInt() != 1) {
            top.problem("version", "The version (" + version.getAsInt() + ") is unknown: this release reads 1.");
        }
        T value = reader.apply(top, findings);
        top.end();
        return findings.reading(value);
    }

    String path() {
        return path;
    }

    String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    boolean has(String key) {
        asked.add(key);
        return values.containsKey(key);
    }

    /** Whether nothing was wrong with any of {@code keys} so far, so that rules between them make sense. */
    boolean sound(String... keys) {
        return List.of(keys).stream().noneMatch(wrong::contains);
    }

    /** Reports {@code message} at the value of {@code key}, or at this mapping where the key is missing. */
    void problem(String key, String message) {
        wrong.add(key);
        Value value = values.get(key);
        findings.problem(pathOf(key), value == null ? position : value.position(), message);
    }

    void warning(String key, String message) {
        findings.warning(pathOf(key), message);
    }

    String text(String key) {
        return required(key, optionalText(key), "");
    }

    Optional<String> optionalText(String key) {
        return value(key).flatMap(value -> textOf(key, pathOf(key), value));
    }

    /** One of {@code choices}, which map what files write to what it means. */
    <E> Optional<E> optionalChoice(String key, Map<String, E> choices) {
        return optionalText(key).flatMap(text -> {
            E choice = choices.get(text);
            if (choice == null) {
                problem(
                        key,
                        "The " + key + " (" + cut(text) + ") must be one of " + String.join(", ", choices.keySet())
                                + ".");
            }
            return Optional.ofNullable(choice);
        });
    }

    /** The same where one must be given. */
    <E> E choice(String key, Map<String, E> choices, E placeholder) {
        return required(key, optionalChoice(key, choices), placeholder);
    }

    boolean flag(String key, boolean otherwise) {
        return value(key)
                .map(value -> {
                    if (value instanceof Value.Scalar scalar && scalar.kind() == Value.Kind.FLAG) {
                        return Boolean.parseBoolean(scalar.text());
                    }
                    problem(key, "The " + key + " (" + shown(value) + ") must be true or false.");
                    return otherwise;
                })
                .orElse(otherwise);
    }

    double number(String key, Range range) {
        OptionalDouble number = optionalNumber(key, range);
        return number.isPresent() ? number.getAsDouble() : required(key, Optional.empty(), range.placeholder());
    }

    OptionalDouble optionalNumber(String key, Range range) {
        return boxed(value(key).map(value -> numberOf(key, pathOf(key), value, range, false)));
    }

    /** A number that may also be null; a missing key is still a problem. */
    OptionalDouble nullableNumber(String key, Range range) {
        return nullableNumber(key, range, "");
    }

    /** As before; {@code remedy} says what to do about a missing key. */
    OptionalDouble nullableNumber(String key, Range range, String remedy) {
        if (has(key) && values.get(key) instanceof Value.Scalar scalar && scalar.kind() == Value.Kind.NULL) {
            return OptionalDouble.empty();
        }
        OptionalDouble number = optionalNumber(key, range);
        return OptionalDouble.of(
                number.isPresent()
                        ? number.getAsDouble()
                        : required(key, Optional.empty(), range.placeholder(), remedy));
    }

    /** A text that may also be null; a missing key is still a problem. */
    Optional<String> nullableText(String key) {
        if (has(key) && values.get(key) instanceof Value.Scalar scalar && scalar.kind() == Value.Kind.NULL) {
            return Optional.empty();
        }
        return Optional.of(text(key));
    }

    int integer(String key, int low, int high) {
        OptionalInt integer = optionalInteger(key, low, high);
        return integer.isPresent() ? integer.getAsInt() : required(key, Optional.empty(), low);
    }

    OptionalInt optionalInteger(String key, int low, int high) {
        Optional<Integer> integer =
                value(key).map(value -> (int) numberOf(key, pathOf(key), value, wholeRange(low, high), true));
        return integer.isPresent() ? OptionalInt.of(integer.get()) : OptionalInt.empty();
    }

    OptionalLong optionalCount(String key) {
        Optional<Long> count = value(key).map(value ->
                (long) numberOf(key, pathOf(key), value, Range.between(0, 9_007_199_254_740_992.0), true));
        return count.isPresent() ? OptionalLong.of(count.get()) : OptionalLong.empty();
    }

    /** The items of a list of texts; empty when the key is missing. Repeated items are reported. */
    List<String> texts(String key) {
        return items(key, (value, place) -> textOf(key, place, value));
    }

    /**
     * The items of a list of texts as {@code reader} understands them, which tells its second argument what is wrong with one; empty
     * when the key is missing. Repeated items are reported.
     */
    <T> List<T> texts(String key, BiFunction<String, Consumer<String>, Optional<T>> reader) {
        return items(
                key,
                (value, place) -> textOf(key, place, value)
                        .flatMap(text -> reader.apply(text, message -> report(key, place, value, message))));
    }

    /** The texts of a list, or the one text that stands in its place. */
    List<String> textOrTexts(String key) {
        return has(key) && values.get(key) instanceof Value.Scalar
                ? optionalText(key).stream().toList()
                : texts(key);
    }

    /** A scalar as it is written, with quotes or without; empty with a problem where {@code key} holds something else. */
    Optional<String> optionalWritten(String key, String kind) {
        return value(key).flatMap(value -> {
            if (value instanceof Value.Scalar scalar) {
                return Optional.of(scalar.text());
            }
            problem(key, "The " + key + " (" + shown(value) + ") must be " + kind + ".");
            return Optional.empty();
        });
    }

    /** All keys, except {@code x-...}, in the order of the file. */
    List<String> keys() {
        return values.keySet().stream().filter(key -> !key.startsWith("x-")).toList();
    }

    /** The items of a list of whole numbers; empty when the key is missing. Repeated items are reported. */
    List<Integer> integers(String key, int low, int high) {
        return items(
                key, (value, place) -> Optional.of((int) numberOf(key, place, value, wholeRange(low, high), true)));
    }

    /** The items of a list of numbers; empty when the key is missing. Repeated items are reported. */
    List<Double> numbers(String key, Range range) {
        return items(key, (value, place) -> Optional.of(numberOf(key, place, value, range, false)));
    }

    /** A list of exactly two numbers; empty when the key is missing or wrong. */
    Optional<double[]> pair(String key, Range range) {
        return value(key).flatMap(value -> {
            if (!(value instanceof Value.Sequence sequence) || sequence.items().size() != 2) {
                problem(key, "The " + key + " (" + shown(value) + ") must be a list of two numbers, [low, high].");
                return Optional.empty();
            }
            double[] ends = new double[2];
            for (int i = 0; i < 2; i++) {
                ends[i] = numberOf(
                        key, pathOf(key) + "[" + i + "]", sequence.items().get(i), range, false);
            }
            return Optional.of(ends);
        });
    }

    /** The mapping under {@code key}, read by {@code reader}. */
    <T> Optional<T> mapping(String key, Function<Fields, T> reader) {
        return value(key).map(value -> read(value, pathOf(key), reader));
    }

    /** The mapping under {@code key} as Java has it, unread; empty where the key is missing or is no mapping. */
    Map<String, Object> plainMapping(String key) {
        Map<String, Object> plain = new LinkedHashMap<>();
        value(key).ifPresent(value -> {
            if (Document.plain(value) instanceof Map<?, ?> mapping) {
                mapping.forEach((name, each) -> plain.put(String.valueOf(name), each));
            } else {
                problem(key, "The " + key + " (" + shown(value) + ") must be a mapping.");
            }
        });
        return plain;
    }

    /** The mappings in the list under {@code key}; a missing key is a problem, and so is an empty list. */
    <T> List<T> mappings(String key, Function<Fields, T> reader) {
        if (!has(key)) {
            return required(key, Optional.empty(), List.of());
        }
        List<T> items = optionalMappings(key, reader);
        if (items.isEmpty() && values.get(key) instanceof Value.Sequence) {
            problem(key, "The list (" + key + ") must have at least one entry.");
        }
        return items;
    }

    /** The mappings in the list under {@code key}; empty when the key is missing. */
    <T> List<T> optionalMappings(String key, Function<Fields, T> reader) {
        return value(key)
                .map(value -> {
                    List<T> items = new ArrayList<>();
                    if (value instanceof Value.Sequence sequence) {
                        for (int i = 0; i < sequence.items().size(); i++) {
                            items.add(read(sequence.items().get(i), pathOf(key) + "[" + i + "]", reader));
                        }
                    } else {
                        problem(key, "The " + key + " (" + shown(value) + ") must be a list.");
                    }
                    return items;
                })
                .orElseGet(List::of);
    }

    /** Every key with a whole number of at least 0, in the order of the file. */
    Map<String, Long> counts() {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (String key : values.keySet()) {
            if (!key.startsWith("x-")) {
                optionalCount(key).ifPresent(count -> counts.put(key, count));
            }
        }
        return counts;
    }

    /** Takes {@code key} whatever it holds: a known key that this reader has no use for. */
    void skip(String key) {
        asked.add(key);
    }

    /** Reports the keys nobody asked for, except {@code x-...}. */
    void end() {
        keys.forEach((key, at) -> {
            if (!asked.contains(key) && !key.startsWith("x-")) {
                String nearest = Nearest.to(key, asked)
                        .map(known -> " Maybe " + known + " is meant.")
                        .orElse("");
                findings.problem(
                        pathOf(key),
                        at,
                        "The key (" + key + ") is unknown." + nearest + " Known keys: " + String.join(", ", asked)
                                + "; own ones start with x-.");
            }
        });
    }

    private <T> T read(Value value, String place, Function<Fields, T> reader) {
        Fields fields = new Fields(value, place, findings);
        T result = reader.apply(fields);
        fields.end();
        return result;
    }

    private Optional<Value> value(String key) {
        asked.add(key);
        Value value = values.get(key);
        if (value instanceof Value.Scalar scalar && scalar.kind() == Value.Kind.NULL) {
            problem(key, "The " + key + " has no value. Write one, or leave the key out.");
            return Optional.empty();
        }
        return Optional.ofNullable(value);
    }

    private <T> T required(String key, Optional<T> value, T placeholder) {
        return required(key, value, placeholder, "");
    }

    private <T> T required(String key, Optional<T> value, T placeholder, String remedy) {
        if (!values.containsKey(key)) {
            wrong.add(key);
            if (!missingIsReported) {
                findings.problem(
                        path, position, "The key (" + key + ") is missing." + (remedy.isEmpty() ? "" : " " + remedy));
            }
        }
        return value.orElse(placeholder);
    }

    private <T> List<T> items(String key, BiFunction<Value, String, Optional<T>> reader) {
        return value(key)
                .map(value -> {
                    List<T> items = new ArrayList<>();
                    if (!(value instanceof Value.Sequence sequence)
                            || sequence.items().isEmpty()) {
                        problem(key, "The " + key + " (" + shown(value) + ") must be a list with at least one entry.");
                        return items;
                    }
                    Set<T> seen = new HashSet<>();
                    for (int i = 0; i < sequence.items().size(); i++) {
                        Value item = sequence.items().get(i);
                        String place = pathOf(key) + "[" + i + "]";
                        reader.apply(item, place).ifPresent(read -> {
                            if (seen.add(read)) {
                                items.add(read);
                            } else {
                                findings.problem(place, item.position(), "The entry (" + read + ") is given twice.");
                            }
                        });
                    }
                    return items;
                })
                .orElseGet(List::of);
    }

    private Optional<String> textOf(String key, String place, Value value) {
        if (!(value instanceof Value.Scalar scalar) || scalar.kind() != Value.Kind.TEXT) {
            String remedy = value instanceof Value.Scalar written ? " Write \"" + written.text() + "\" in quotes." : "";
            findings.problem(place, value.position(), "The " + key + " (" + shown(value) + ") must be text." + remedy);
            return Optional.empty();
        }
        if (scalar.text().isBlank()) {
            report(key, place, value, "The " + key + " must not be blank.");
            return Optional.empty();
        }
        return Optional.of(scalar.text());
    }

    private double numberOf(String key, String place, Value value, Range range, boolean whole) {
        String kind = whole ? "a whole number" : "a number";
        if (!(value instanceof Value.Scalar scalar) || scalar.kind() != Value.Kind.NUMBER) {
            String remedy = "";
            if (value instanceof Value.Scalar text
                    && text.text().matches("[+-]?[0-9][0-9.eE]*\\s*[A-Za-z%/]+[A-Za-z/0-9]*")) {
                remedy = " Leave the unit out: the key's name states it.";
            } else if (value instanceof Value.Scalar text && text.text().matches("[+-]?[0-9.]+([eE][+-]?[0-9]+)?")) {
                remedy = " Leave the quotes out.";
            }
            report(key, place, value, "The " + key + " (" + shown(value) + ") must be " + kind + "." + remedy);
            return range.placeholder();
        }
        double number = Numbers.toDouble(scalar.text());
        if (whole && number != Math.rint(number)) {
            report(key, place, value, "The " + key + " (" + shown(value) + ") must be a whole number.");
            return range.placeholder();
        }
        if (!range.contains(number)) {
            report(
                    key,
                    place,
                    value,
                    "The " + key + " (" + shown(value) + ") must " + range.rule(number) + "."
                            + range.suspicion(number));
            return range.placeholder();
        }
        return number;
    }

    private void report(String key, String place, Value value, String message) {
        wrong.add(key);
        findings.problem(place, value.position(), message);
    }

    private static Range wholeRange(int low, int high) {
        return high == Integer.MAX_VALUE ? new Range(low, true, Integer.MAX_VALUE) : Range.between(low, high);
    }

    private static OptionalDouble boxed(Optional<Double> number) {
        return number.isPresent() ? OptionalDouble.of(number.get()) : OptionalDouble.empty();
    }

    private static String shown(Value value) {
        if (value instanceof Value.Scalar scalar) {
            String text = cut(scalar.text());
            return scalar.kind() == Value.Kind.TEXT ? "\"" + text + "\"" : text;
        }
        return value.kindName();
    }

    private static String cut(String text) {
        return text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "..." : text;
    }
}
