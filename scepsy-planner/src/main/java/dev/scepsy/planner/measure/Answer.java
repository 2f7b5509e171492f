package dev.scepsy.planner.measure;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What became of one request, times by one monotonic clock. Immutable.
 *
 * @param asked the lengths that were wanted
 * @param sentNanos when it was sent
 * @param firstTokenNanos when the first content came; 0 where none came by itself
 * @param lastTokenNanos when the last content came
 * @param endNanos when the answer was complete or had failed
 * @param pieces events with content
 * @param inputTokens as the server reports them
 * @param outputTokens as the server reports them
 * @param cutAtLength the server says that it stopped at the asked length
 * @param failure null where the request was answered
 */
record Answer(
        RequestLengths asked,
        long sentNanos,
        long firstTokenNanos,
        long lastTokenNanos,
        long endNanos,
        int pieces,
        OptionalInt inputTokens,
        OptionalInt outputTokens,
        boolean cutAtLength,
        @Nullable Failure failure) {

    /** The same, without {@code key} in what the server said. */
    Answer hiding(String key) {
        return failure == null || !failure.message().contains(key)
                ? this
                : new Answer(
                        asked,
                        sentNanos,
                        firstTokenNanos,
                        lastTokenNanos,
                        endNanos,
                        pieces,
                        inputTokens,
                        outputTokens,
                        cutAtLength,
                        new Failure(failure.kind(), failure.message().replace(key, "...")));
    }

    boolean isAnswered() {
        return failure == null;
    }

    long latencyNanos() {
        return endNanos - sentNanos;
    }
}
