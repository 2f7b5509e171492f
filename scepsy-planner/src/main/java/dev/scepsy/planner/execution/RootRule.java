package dev.scepsy.planner.execution;

/** Which span begins an execution. Immutable. */
public sealed interface RootRule {

    /** The rule of the spans themselves: execution ids, else workflows, else agents, else what is topmost. */
    RootRule DEFAULT = new BySpans();

    /** The topmost span of the trace with a model call below it, whatever it is; ids do not count. */
    RootRule TOPMOST = new Topmost();

    /** As said at {@link #DEFAULT}. */
    record BySpans() implements RootRule {}

    /** As said at {@link #TOPMOST}. */
    record Topmost() implements RootRule {}

    /**
     * The outermost span of that name; ids do not count.
     *
     * @param name a span's whole name, not empty
     */
    record SpanNamed(String name) implements RootRule {
        /** @throws IllegalArgumentException if the name is empty */
        public SpanNamed {
            if (name.isEmpty()) {
                throw new IllegalArgumentException("The name of a root span must not be empty.");
            }
        }
    }

    /** {@code default}, {@code topmost} or {@code span:NAME}, as messages and {@code serve.yaml} write it. */
    default String key() {
        if (this instanceof SpanNamed named) {
            return "span:" + named.name();
        }
        return this instanceof Topmost ? "topmost" : "default";
    }
}
