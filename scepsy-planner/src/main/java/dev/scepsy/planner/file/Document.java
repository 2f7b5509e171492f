package dev.scepsy.planner.file;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * One YAML 1.2 document (every JSON text is one) as a tree of values with positions.
 *
 * <p>Built from parser events instead of the library's node composer: events are produced without recursion, so that
 * deep nesting cannot exhaust the stack, and an alias inside its own anchor is a problem to report, not a loop.
 */
final class Document {

    private static final int DEEPEST_NESTING = 100;
    private static final int MOST_POSITIONS = 1_000_000;
    private static final int LONGEST_CODE_POINTS = 256 << 20;

    /** What is held for a value and its place, in bytes of the heap, with a margin. */
    private static final int HEAP_PER_VALUE = 400;

    private static final int MOST_VALUES = 4_000_000;

    /** The library copies what it has of a scalar once per buffer: with its own 1 KiB a long one takes quadratic time. */
    private static final int LARGEST_BUFFER = 1 << 20;

    private final LoadSettings settings;
    private final String name;
    private final int mostValues;
    private final Map<String, Optional<Anchored>> anchors = new HashMap<>();
    private final Deque<Open> open = new ArrayDeque<>();

    private @Nullable Value root;
    private long values;

    private Document(String name, int length, int mostValues) {
        this.name = name;
        this.mostValues = mostValues;
        this.settings = settings(length);
    }

    /** How every document is read; {@code length} is that of its text. */
    static LoadSettings settings(int length) {
        return LoadSettings.builder()
                .setSchema(new CoreSchema())
                .setCodePointLimit(LONGEST_CODE_POINTS)
                .setBufferSize(Math.max(1024, Math.min(LARGEST_BUFFER, length + 1)))
                .build();
    }

    /** 4,000,000, or as many as fit in the heap where that is less; what an alias repeats counts every time. */
    static int mostValues(long heapBytes) {
        return (int) Math.min(MOST_VALUES, heapBytes / HEAP_PER_VALUE);
    }

    /** A value, and how many values it is with all in it. */
    private record Anchored(Value value, long size) {}

    /** The document in {@code file}, or the one problem that keeps it from being read. */
    static Reading<Value> read(Path file) {
        String name = file.toString();
        try {
            return parse(name, TextFile.read(file));
        } catch (TextFile.Unreadable e) {
            return malformed(name, e.line(), Math.min(1, e.line()), e.sentence());
        }
    }

    /** The document that {@code text} holds. */
    static Reading<Value> parse(String name, String text) {
        String content = text.startsWith("\uFEFF") ? text.substring(1) : text;
        return new Document(
                        name, content.length(), mostValues(Runtime.getRuntime().maxMemory()))
                .parse(content);
    }

    /** {@code value} as maps, lists, texts, doubles, booleans; null for null. The first of repeated keys counts. */
    static @Nullable Object plain(Value value) {
        if (value instanceof Value.Mapping mapping) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            mapping.entries().forEach(entry -> map.putIfAbsent(entry.key(), plain(entry.value())));
            return map;
        }
        if (value instanceof Value.Sequence sequence) {
            List<@Nullable Object> list = new ArrayList<>();
            sequence.items().forEach(item -> list.add(plain(item)));
            return list;
        }
        Value.Scalar scalar = (Value.Scalar) value;
        return switch (scalar.kind()) {
            case TEXT -> scalar.text();
            case NUMBER -> Numbers.toDouble(scalar.text());
            case FLAG -> Boolean.parseBoolean(scalar.text());
            case NULL -> null;
        };
    }

    private Reading<Value> parse(String text) {
        try {
            int documents = 0;
            for (Event event : new Parse(settings).parseString(text)) {
                if (event.getEventId() == Event.ID.DocumentStart && ++documents > 1) {
                    throw new Rejected(
                            position(event.getStartMark()),
                            "A second document starts here. Keep one document per file.");
                }
                accept(event);
            }
        } catch (Rejected e) {
            return malformed(name, e.position.line(), e.position.column(), e.text);
        } catch (MarkedYamlEngineException e) {
            Source.Position at = position(e.getProblemMark().or(e::getContextMark));
            String problem = e.getProblem() == null ? "it cannot be read" : e.getProblem();
            String context = e.getContext() == null ? "" : e.getContext() + ": ";
            return malformed(name, at.line(), at.column(), "This is neither YAML nor JSON: " + context + problem + ".");
        } catch (YamlEngineException | UncheckedIOException e) {
            return malformed(name, lineOfControlCharacter(text), 1, "This is neither YAML nor JSON: " + e.getMessage());
        }
        if (root == null) {
            return malformed(name, 1, 1, "The file is empty.");
        }
        Map<String, Source.Position> positions = new HashMap<>();
        record(root, "", positions);
        return new Reading.Legal<>(root, new Source(name, positions), List.of());
    }

    private void accept(Event event) {
        Source.Position position = position(event.getStartMark());
        if (event instanceof MappingStartEvent || event instanceof SequenceStartEvent) {
            if (open.size() >= DEEPEST_NESTING) {
                throw new Rejected(position, "Values nest more than " + DEEPEST_NESTING + " deep here.");
            }
            open.push(new Open(event instanceof MappingStartEvent, position, anchor((NodeEvent) event), values));
            count(1, position);
        } else if (event.getEventId() == Event.ID.MappingEnd || event.getEventId() == Event.ID.SequenceEnd) {
            Open closed = open.pop();
            Value value = closed.value();
            long size = values - closed.valuesBefore;
            closed.anchor.ifPresent(anchor -> anchors.put(anchor, Optional.of(new Anchored(value, size))));
            add(value);
        } else if (event instanceof ScalarEvent scalar) {
            Value value = new Value.Scalar(kind(scalar), scalar.getValue(), position);
            count(1, position);
            anchor(scalar).ifPresent(anchor -> anchors.put(anchor, Optional.of(new Anchored(value, 1))));
            add(value);
        } else if (event instanceof AliasEvent alias) {
            String anchor = alias.getAlias().getValue();
            Anchored repeated = anchors.getOrDefault(anchor, Optional.empty())
                    .orElseThrow(() -> new Rejected(
                            position,
                            "The alias (*" + anchor
                                    + ") stands before the end of what it repeats, or repeats nothing."));
            count(repeated.size(), position);
            add(repeated.value());
        }
    }

    private void count(long more, Source.Position position) {
        values += more;
        if (values > mostValues) {
            throw new Rejected(
                    position,
                    "The file has more than " + mostValues
                            + " values here; what an alias (*name) repeats counts every time.");
        }
    }

    private void add(Value value) {
        Open parent = open.peek();
        if (parent == null) {
            root = value;
        } else {
            parent.add(value);
        }
    }

    private Optional<String> anchor(NodeEvent event) {
        Optional<String> anchor = event.getAnchor().map(Object::toString);
        anchor.ifPresent(name -> anchors.put(name, Optional.empty()));
        return anchor;
    }

    private Value.Kind kind(ScalarEvent scalar) {
        boolean plain = scalar.getImplicit().canOmitTagInPlainScalar();
        String tag = scalar.getTag()
                .orElseGet(() -> settings.getSchema()
                        .getScalarResolver()
                        .resolve(scalar.getValue(), plain)
                        .getValue());
        if (tag.equals(Tag.INT.getValue()) || tag.equals(Tag.FLOAT.getValue())) {
            return Value.Kind.NUMBER;
        }
        if (tag.equals(Tag.BOOL.getValue())) {
            return Value.Kind.FLAG;
        }
        return tag.equals(Tag.NULL.getValue()) ? Value.Kind.NULL : Value.Kind.TEXT;
    }

    private static void record(Value value, String path, Map<String, Source.Position> positions) {
        // Aliases of aliases can name billions of paths in a few lines; what is left out is reported at its parent.
        if (positions.size() >= MOST_POSITIONS) {
            return;
        }
        positions.putIfAbsent(path, value.position());
        if (value instanceof Value.Mapping mapping) {
            for (Value.Entry entry : mapping.entries()) {
                record(entry.value(), path.isEmpty() ? entry.key() : path + "." + entry.key(), positions);
            }
        } else if (value instanceof Value.Sequence sequence) {
            for (int i = 0; i < sequence.items().size(); i++) {
                record(sequence.items().get(i), path + "[" + i + "]", positions);
            }
        }
    }

    private static Source.Position position(Optional<Mark> mark) {
        return mark.map(at -> new Source.Position(at.getLine() + 1, at.getColumn() + 1))
                .orElse(new Source.Position(1, 1));
    }

    private static Reading<Value> malformed(String file, int line, int column, String message) {
        return new Reading.Malformed<>(List.of(new Problem(file, "", line, column, message)), List.of());
    }

    private static int lineOfControlCharacter(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == '\uFFFE' || c == '\uFFFF' || c == 0x7F) {
                return lineOf(text, i);
            }
        }
        return 1;
    }

    private static int lineOf(String text, int index) {
        return 1 + (int) text.substring(0, index).chars().filter(c -> c == '\n').count();
    }

    /** A collection whose end has not been seen. */
    private static final class Open {

        private final long valuesBefore;
        private final boolean mapping;
        private final Source.Position position;
        private final Optional<String> anchor;
        private final List<Value> items = new ArrayList<>();
        private final List<Value.Entry> entries = new ArrayList<>();
        private Value.@Nullable Scalar key;

        Open(boolean mapping, Source.Position position, Optional<String> anchor, long valuesBefore) {
            this.valuesBefore = valuesBefore;
            this.mapping = mapping;
            this.position = position;
            this.anchor = anchor;
        }

        void add(Value value) {
            if (!mapping) {
                items.add(value);
            } else if (key == null) {
                if (!(value instanceof Value.Scalar scalar)) {
                    throw new Rejected(value.position(), "A key must be text, not " + value.kindName() + ".");
                }
                key = scalar;
            } else {
                entries.add(new Value.Entry(key.text(), key.position(), value));
                key = null;
            }
        }

        Value value() {
            return mapping
                    ? new Value.Mapping(List.copyOf(entries), position)
                    : new Value.Sequence(List.copyOf(items), position);
        }
    }

    /** Unwinds the event loop; never leaves this class. */
    private static final class Rejected extends RuntimeException {

        private static final long serialVersionUID = 1;

        private final transient Source.Position position;
        private final String text;

        Rejected(Source.Position position, String text) {
            super(text, null, false, false);
            this.position = position;
            this.text = text;
        }
    }
}
