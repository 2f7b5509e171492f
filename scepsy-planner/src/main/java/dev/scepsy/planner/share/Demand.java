package dev.scepsy.planner.share;

/**
 * What a model's calls ask of an engine, without waiting for one. Immutable.
 *
 * @param seconds per call
 * @param share its part of the workflow's demand over all models, in [0, 1]
 * @param source what it was taken from
 */
public record Demand(double seconds, double share, Source source) {

    /** Where a demand comes from, the most direct first. */
    public enum Source {
        /** Prefill and decode as engines' own spans say them, without the queue. */
        ENGINE("engine"),
        /** The calls' tokens through the engine model at a reference allocation. */
        TOKENS("tokens"),
        /** The duration of the calls, waiting included. */
        MEASURED("measured");

        private final String key;

        Source(String key) {
            this.key = key;
        }

        /** As files name it. */
        public String key() {
            return key;
        }
    }
}
