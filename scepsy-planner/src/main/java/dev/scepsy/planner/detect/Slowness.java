package dev.scepsy.planner.detect;

import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * How much slower an engine is than it should be, where nothing that it has to do explains it. {@link SlowEngineDetector} says that something
 * changed; this says whether the engine is to blame.
 *
 * <pre>
 * s = seconds of decoding / tokens decoded,   factor = s of the engine / median of s of the others
 * slow where factor ≥ least · max(1, length of its requests / median of theirs) · max(1, w)^{@value #STEEPEST}   and   w ≤ {@value #MORE_WORK}
 * w = its tokens per second / median of theirs, the larger of generated ones and of those of prompts
 * </pre>
 *
 * Engines of one model on one kind of card have one curve: seconds per token grow with the tokens that are asked of an engine per second, and with
 * the length of what is in its cache, at most in proportion. So one that generates no more than the others, from requests no longer, and takes longer for
 * each token does not lie on their curve. A busier one may lie on it, however slow it looks, and is not blamed: routing by prefixes or
 * sessions makes such. A little more work, as chance gives it, is allowed for as the curve 1 / (1 - busy) has it up to busy = 0.9. The others are the engine's siblings of the same time; for one without siblings it is itself, before. Immutable.
 *
 * @param measuredSeconds per token
 * @param expectedSeconds per token: the others' median
 * @param requests of the engine that were measured
 */
public record Slowness(double measuredSeconds, double expectedSeconds, double requests) {

    /** Least factor beside siblings. */
    public static final double SLOW = SlowEngineDetector.SLOW;

    /** Least factor against itself before. */
    public static final double SLOW_ALONE = SlowEngineDetector.SLOW_ALONE;

    /** Tokens per second above this part of the others' explain slowness. */
    static final double MORE_WORK = 1.1;

    /** d ln s / d ln w, at most: busy / (1 - busy) at 0.8, so that a factor of 1.1 in w is right up to busy = 0.9. */
    static final double STEEPEST = 4;

    /** Requests, of the engine and of one of the others, below which nothing is said. */
    public static final double LEAST_REQUESTS = 20;

    /**
     * What an engine did; sums over the requests that ended.
     *
     * @param seconds it was watched, above 0
     * @param decodeSeconds from first tokens to last, above 0
     * @param decodedTokens after the first of each request, above 0
     */
    public record Work(
            double seconds, double requests, double decodeSeconds, double decodedTokens, double promptTokens) {

        public Work {
            if (!(seconds > 0 && decodeSeconds > 0 && decodedTokens > 0)) {
                throw new IllegalArgumentException("The seconds (" + seconds + "), decodeSeconds (" + decodeSeconds
                        + ") and decodedTokens (" + decodedTokens + ") must be above 0.");
            }
        }

        /** s. */
        public double secondsPerToken() {
            return decodeSeconds / decodedTokens;
        }

        private double length() {
            return (promptTokens + decodedTokens) / requests;
        }
    }

    /** How many times as long as expected. */
    public double factor() {
        return measuredSeconds / expectedSeconds;
    }

    /**
     * The factor between {@code engine} and {@code others}, whatever explains it; empty where too few requests say anything.
     *
     * @param others siblings of the same time, or the engine before
     */
    public static Optional<Slowness> compared(Work engine, List<Work> others) {
        List<Work> enough = others.stream()
                .filter(other -> other.requests() >= LEAST_REQUESTS)
                .toList();
        return engine.requests() < LEAST_REQUESTS || enough.isEmpty()
                ? Optional.empty()
                : Optional.of(new Slowness(
                        engine.secondsPerToken(), median(enough, Work::secondsPerToken), engine.requests()));
    }

    /**
     * The same where {@code engine} is to blame; empty where it is not slow, or its work may explain it.
     *
     * @param least factor, above 1
     */
    public static Optional<Slowness> of(Work engine, List<Work> others, double least) {
        List<Work> enough = others.stream()
                .filter(other -> other.requests() >= LEAST_REQUESTS)
                .toList();
        return compared(engine, others).filter(found -> {
            double length = Math.max(1, engine.length() / median(enough, Work::length));
            double work = Math.max(
                    more(engine, enough, each -> each.decodedTokens() / each.seconds()),
                    more(engine, enough, each -> each.promptTokens() / each.seconds()));
            return work <= MORE_WORK && found.factor() >= least * length * Math.pow(work, STEEPEST);
        });
    }

    /** How many times as much, 1 at least. */
    private static double more(Work engine, List<Work> others, ToDoubleFunction<Work> rate) {
        double theirs = median(others, rate);
        return theirs > 0 ? Math.max(1, rate.applyAsDouble(engine) / theirs) : 1;
    }

    private static double median(List<Work> works, ToDoubleFunction<Work> number) {
        double[] sorted = works.stream().mapToDouble(number).sorted().toArray();
        int n = sorted.length;
        return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }
}
