package dev.scepsy.planner.file;

import java.util.List;

/** A value of a document and where it starts. Immutable; a value that an alias repeats is the same instance. */
sealed interface Value {

    Source.Position position();

    /** What a person calls this kind of value. */
    String kindName();

    /** Keys and values in the order of the file; keys may repeat. */
    record Mapping(List<Entry> entries, Source.Position position) implements Value {

        @Override
        public String kindName() {
            return "a mapping";
        }
    }

    /** One key with its value. */
    record Entry(String key, Source.Position position, Value value) {}

    /** Values in order. */
    record Sequence(List<Value> items, Source.Position position) implements Value {

        @Override
        public String kindName() {
            return "a list";
        }
    }

    /** What a scalar was written as. */
    enum Kind {
        TEXT("text"),
        NUMBER("a number"),
        FLAG("true or false"),
        NULL("null");

        private final String title;

        Kind(String title) {
            this.title = title;
        }
    }

    /** Text, number, true, false or null; {@code text} as written. */
    record Scalar(Kind kind, String text, Source.Position position) implements Value {

        @Override
        public String kindName() {
            return kind.title;
        }
    }
}
