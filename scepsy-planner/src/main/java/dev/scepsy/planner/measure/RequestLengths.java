package dev.scepsy.planner.measure;

/**
 * How long one request is. Immutable.
 *
 * @param inputTokens prompt tokens, at least 1
 * @param outputTokens tokens to generate, 0 for models that only read
 */
public record RequestLengths(int inputTokens, int outputTokens) {

    public RequestLengths {
        if (inputTokens < 1 || outputTokens < 0) {
            throw new IllegalArgumentException("A request of " + inputTokens + " input and " + outputTokens
                    + " output tokens cannot be sent: at least 1 and 0 are needed.");
        }
    }
}
