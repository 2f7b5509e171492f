package dev.scepsy.planner;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What the in-process planner is told. Immutable.
 *
 * @param mode how far it goes; default {@link Mode#OBSERVE}
 * @param out folder for {@code workflows.json} (and, when planning, {@code plan.json}); default none: nothing is written
 * @param window how long an execution counts; default one hour
 * @param maxWindowExecutions most executions one workflow's window holds, the newest; default 10,000
 * @param requiredExecutions complete executions below which statistics are marked as not enough data; default 30
 * @param settleAfter how long after an execution's root ended late spans are waited for; default 5 s
 * @param openFor how long an execution without an end is waited for after its last span; default 15 min
 * @param maxOpenSpans most spans held for executions that are not settled; default 200,000
 * @param bufferCapacity spans that may wait for the planner thread; default 65,536
 * @param publishEvery least time between two recomputed statistics; default 10 s
 * @param seed seed of the bootstrap; default 1
 */
public record LiveStatisticsConfig(
        Mode mode,
        Optional<Path> out,
        Duration window,
        int maxWindowExecutions,
        int requiredExecutions,
        Duration settleAfter,
        Duration openFor,
        long maxOpenSpans,
        int bufferCapacity,
        Duration publishEvery,
        long seed) {

    /** How far the planner goes. */
    public enum Mode {
        /** Records nothing. */
        OFF,
        /** Statistics only. */
        OBSERVE,
        /** Also computes plans and shows them. */
        PLAN,
        /** Also applies them. */
        PUSH
    }

    public static final Duration DEFAULT_WINDOW = Duration.ofHours(1);
    public static final int DEFAULT_MAX_WINDOW_EXECUTIONS = 10_000;
    public static final int DEFAULT_REQUIRED_EXECUTIONS = 30;
    public static final Duration DEFAULT_SETTLE_AFTER = Duration.ofSeconds(5);
    public static final Duration DEFAULT_OPEN_FOR = Duration.ofMinutes(15);
    public static final long DEFAULT_MAX_OPEN_SPANS = 200_000;
    public static final int DEFAULT_BUFFER_CAPACITY = 65_536;
    public static final Duration DEFAULT_PUBLISH_EVERY = Duration.ofSeconds(10);
    public static final long DEFAULT_SEED = 1;

    /** @throws IllegalArgumentException naming the value outside its range */
    public LiveStatisticsConfig {
        requirePositive("window", window);
        requirePositive("openFor", openFor);
        requirePositive("publishEvery", publishEvery);
        if (settleAfter.isNegative()) {
            throw new IllegalArgumentException("The settleAfter (" + settleAfter + ") must not be negative.");
        }
        requireAtLeastOne("maxWindowExecutions", maxWindowExecutions);
        requireAtLeastOne("requiredExecutions", requiredExecutions);
        requireAtLeastOne("maxOpenSpans", maxOpenSpans);
        requireAtLeastOne("bufferCapacity", bufferCapacity);
        if (bufferCapacity > 1 << 30) {
            throw new IllegalArgumentException("The bufferCapacity (" + bufferCapacity + ") must be at most 2^30.");
        }
    }

    /** The defaults. */
    public static LiveStatisticsConfig defaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("The " + name + " (" + value + ") must be above zero.");
        }
    }

    private static void requireAtLeastOne(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException("The " + name + " (" + value + ") must be at least 1.");
        }
    }

    /** Collects the settings; every one has its default. Not thread-safe. */
    public static final class Builder {
        private Mode mode = Mode.OBSERVE;
        private Optional<Path> out = Optional.empty();
        private Duration window = DEFAULT_WINDOW;
        private int maxWindowExecutions = DEFAULT_MAX_WINDOW_EXECUTIONS;
        private int requiredExecutions = DEFAULT_REQUIRED_EXECUTIONS;
        private Duration settleAfter = DEFAULT_SETTLE_AFTER;
        private Duration openFor = DEFAULT_OPEN_FOR;
        private long maxOpenSpans = DEFAULT_MAX_OPEN_SPANS;
        private int bufferCapacity = DEFAULT_BUFFER_CAPACITY;
        private Duration publishEvery = DEFAULT_PUBLISH_EVERY;
        private long seed = DEFAULT_SEED;

        private Builder() {}

        public Builder mode(Mode mode) {
            this.mode = mode;
            return this;
        }

        public Builder out(Path folder) {
            this.out = Optional.of(folder);
            return this;
        }

        public Builder window(Duration window) {
            this.window = window;
            return this;
        }

        public Builder maxWindowExecutions(int maxWindowExecutions) {
            this.maxWindowExecutions = maxWindowExecutions;
            return this;
        }

        public Builder requiredExecutions(int requiredExecutions) {
            this.requiredExecutions = requiredExecutions;
            return this;
        }

        public Builder settleAfter(Duration settleAfter) {
            this.settleAfter = settleAfter;
            return this;
        }

        public Builder openFor(Duration openFor) {
            this.openFor = openFor;
            return this;
        }

        public Builder maxOpenSpans(long maxOpenSpans) {
            this.maxOpenSpans = maxOpenSpans;
            return this;
        }

        public Builder bufferCapacity(int bufferCapacity) {
            this.bufferCapacity = bufferCapacity;
            return this;
        }

        public Builder publishEvery(Duration publishEvery) {
            this.publishEvery = publishEvery;
            return this;
        }

        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        public LiveStatisticsConfig build() {
            return new LiveStatisticsConfig(
                    mode,
                    out,
                    window,
                    maxWindowExecutions,
                    requiredExecutions,
                    settleAfter,
                    openFor,
                    maxOpenSpans,
                    bufferCapacity,
                    publishEvery,
                    seed);
        }
    }
}
