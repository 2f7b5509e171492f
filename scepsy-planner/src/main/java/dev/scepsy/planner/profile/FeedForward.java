package dev.scepsy.planner.profile;

/** What one layer computes on each token for itself. Immutable. */
public sealed interface FeedForward {

    /** All its weights, norms and biases apart. */
    default long parameters(int hiddenSize) {
        return densePartParameters(hiddenSize) + routedParameters(hiddenSize) + routerParameters(hiddenSize);
    }

    /** Weights every token is multiplied with: the dense block, or shared experts and projections around routed ones. */
    long densePartParameters(int hiddenSize);

    /** Weights of the experts that the router chooses from. */
    default long routedParameters(int hiddenSize) {
        return 0;
    }

    /** Weights of the router, which is never quantised nor split. */
    default long routerParameters(int hiddenSize) {
        return 0;
    }

    /** No block of this kind in the layer. */
    record None() implements FeedForward {
        @Override
        public long densePartParameters(int hiddenSize) {
            return 0;
        }
    }

    /**
     * One block for all tokens.
     *
     * @param width inner width
     * @param gated three matrices instead of two
     */
    record Dense(int width, boolean gated) implements FeedForward {
        @Override
        public long densePartParameters(int hiddenSize) {
            return (gated ? 3L : 2L) * hiddenSize * width;
        }
    }

    /**
     * Experts that a router chooses from, with or without a shared one beside them.
     *
     * @param routed experts the router chooses from
     * @param perToken how many it chooses
     * @param width inner width of one
     * @param gated three matrices instead of two
     * @param sharedWidth inner width of what every token passes besides; 0: nothing
     * @param latentSize width at which routed experts work, between two projections; 0: at the hidden size
     */
    record Experts(int routed, int perToken, int width, boolean gated, int sharedWidth, int latentSize)
            implements FeedForward {

        private long matrices() {
            return gated ? 3 : 2;
        }

        @Override
        public long densePartParameters(int hiddenSize) {
            return matrices() * hiddenSize * sharedWidth + 2L * hiddenSize * latentSize;
        }

        @Override
        public long routedParameters(int hiddenSize) {
            return matrices() * routed * (latentSize > 0 ? latentSize : hiddenSize) * width;
        }

        @Override
        public long routerParameters(int hiddenSize) {
            return (long) hiddenSize * routed;
        }
    }
}
