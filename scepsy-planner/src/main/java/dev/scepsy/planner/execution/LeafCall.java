package dev.scepsy.planner.execution;

import dev.scepsy.planner.span.EngineTimes;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Work at the bottom of an execution: an innermost model call, or a tool or retrieval without a model call below. Immutable.
 *
 * @param spanId its span
 * @param model the model it calls; null for a tool or retrieval
 * @param startEpochNanos start, nanoseconds since the epoch
 * @param endEpochNanos end, nanoseconds since the epoch, not before the start
 * @param backoffNanos time between the attempts of a retried call, at its beginning; at most its duration
 * @param inputTokens prompt tokens; empty when not reported
 * @param outputTokens generated tokens; empty when not reported
 * @param error whether it failed
 * @param engine where the engine says its time went; null where no engine's span joined the trace
 * @param agent name of the nearest agent around it within the execution; null where none has a name
 * @param enclosing the spans between the execution's root and it, outermost first, 64 at most
 */
public record LeafCall(
        long spanId,
        @Nullable String model,
        long startEpochNanos,
        long endEpochNanos,
        long backoffNanos,
        OptionalLong inputTokens,
        OptionalLong outputTokens,
        boolean error,
        @Nullable EngineTimes engine,
        @Nullable String agent,
        List<Enclosing> enclosing) {

    private static final long LATE_END_NANOS = 50_000_000;

    /** Two per cent of the call's own duration. */
    private static final long LATE_END_PART = 50;

    /** Without word from the engine, outside any agent. */
    public LeafCall(
            long spanId,
            @Nullable String model,
            long startEpochNanos,
            long endEpochNanos,
            long backoffNanos,
            OptionalLong inputTokens,
            OptionalLong outputTokens,
            boolean error,
            List<Enclosing> enclosing) {
        this(
                spanId,
                model,
                startEpochNanos,
                endEpochNanos,
                backoffNanos,
                inputTokens,
                outputTokens,
                error,
                null,
                null,
                enclosing);
    }

    /** Right below the execution's root. */
    public LeafCall(
            long spanId,
            @Nullable String model,
            long startEpochNanos,
            long endEpochNanos,
            long backoffNanos,
            OptionalLong inputTokens,
            OptionalLong outputTokens,
            boolean error) {
        this(spanId, model, startEpochNanos, endEpochNanos, backoffNanos, inputTokens, outputTokens, error, List.of());
    }

    /** @throws IllegalArgumentException if it ends before it starts */
    public LeafCall {
        if (endEpochNanos < startEpochNanos) {
            throw new IllegalArgumentException("The call (" + spanId + ") ends before it starts.");
        }
        enclosing = List.copyOf(enclosing);
        backoffNanos = Math.max(0, Math.min(backoffNanos, endEpochNanos - startEpochNanos));
    }

    /** The same call to another model. */
    public LeafCall to(String otherModel) {
        return new LeafCall(
                spanId,
                otherModel,
                startEpochNanos,
                endEpochNanos,
                backoffNanos,
                inputTokens,
                outputTokens,
                error,
                engine,
                agent,
                enclosing);
    }

    /** When model time begins: the start, once back-off is set aside. */
    public long busyFromEpochNanos() {
        return startEpochNanos + backoffNanos;
    }

    /** How much later than what it belongs to it may end and still be taken for a part of it: callbacks end late. */
    public long lateEndToleranceNanos() {
        return Math.max(LATE_END_NANOS, (endEpochNanos - startEpochNanos) / LATE_END_PART);
    }

    /** Duration without back-off. */
    public long busyNanos() {
        return endEpochNanos - busyFromEpochNanos();
    }
}
