package dev.scepsy.samples.cluster.engine;

import org.jspecify.annotations.Nullable;

/** One sequence on its way through an engine, and who waits for it. Mutable; confined to the event loop. */
final class EngineRequest {

    /** Learns how a request fares. */
    interface Listener {
        /** Another token is there. */
        void token(int generatedTokens);

        /** All tokens are there. */
        void finished();

        /** The engine died, or was stopped, with the request inside. */
        void lost();
    }

    private final int inputTokens;
    private final int outputTokens;
    private final String finishReason;
    private final double arrivedSeconds;
    private final Listener listener;
    private final @Nullable String traceParent;
    private double admittedSeconds;
    private double firstTokenSeconds = Double.NaN;
    private double lastTokenSeconds;
    private int generatedTokens;

    /** @param outputTokens 0 for embeddings and scores */
    EngineRequest(int inputTokens, int outputTokens, String finishReason, double arrivedSeconds, Listener listener) {
        this(inputTokens, outputTokens, finishReason, arrivedSeconds, listener, null);
    }

    /** @param traceParent the caller's span, as its W3C header writes it */
    EngineRequest(
            int inputTokens,
            int outputTokens,
            String finishReason,
            double arrivedSeconds,
            Listener listener,
            @Nullable String traceParent) {
        this.traceParent = traceParent;
        this.inputTokens = inputTokens;
        this.outputTokens = outputTokens;
        this.finishReason = finishReason;
        this.arrivedSeconds = arrivedSeconds;
        this.admittedSeconds = arrivedSeconds;
        this.listener = listener;
    }

    int inputTokens() {
        return inputTokens;
    }

    int outputTokens() {
        return outputTokens;
    }

    String finishReason() {
        return finishReason;
    }

    double arrivedSeconds() {
        return arrivedSeconds;
    }

    double admittedSeconds() {
        return admittedSeconds;
    }

    /** When the prompt was done; for requests without output the time they finished. */
    double firstTokenSeconds() {
        return Double.isNaN(firstTokenSeconds) ? lastTokenSeconds : firstTokenSeconds;
    }

    @Nullable
    String traceParent() {
        return traceParent;
    }

    Listener listener() {
        return listener;
    }

    void admitted(double nowSeconds) {
        admittedSeconds = nowSeconds;
    }

    void token(double nowSeconds, EngineMetrics metrics) {
        if (generatedTokens == 0) {
            firstTokenSeconds = nowSeconds;
            metrics.firstTokenAfter(nowSeconds - arrivedSeconds);
        } else {
            metrics.tokenAfter(nowSeconds - lastTokenSeconds);
        }
        lastTokenSeconds = nowSeconds;
        generatedTokens++;
        listener.token(generatedTokens);
    }

    void finished(double nowSeconds) {
        lastTokenSeconds = nowSeconds;
    }
}
