package dev.scepsy.planner.measure;

import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/** Where the lengths of requests come from. Implementations are immutable; the same random stream gives the same lengths. */
public sealed interface LengthSource {

    /** Lengths of the next request. */
    RequestLengths draw(SplittableRandom random);

    /** For people, such as {@code 900 input and 180 output tokens}. */
    String description();

    /** All requests alike. */
    record Fixed(RequestLengths lengths) implements LengthSource {
        @Override
        public RequestLengths draw(SplittableRandom random) {
            return lengths;
        }

        @Override
        public String description() {
            return lengths.inputTokens() + " input and " + lengths.outputTokens() + " output tokens";
        }
    }

    /**
     * Calls that were recorded, drawn with equal chance, each with its own pair of lengths.
     *
     * @param calls at least one
     */
    record Recorded(List<RequestLengths> calls) implements LengthSource {
        public Recorded {
            calls = List.copyOf(calls);
            if (calls.isEmpty()) {
                throw new IllegalArgumentException("Recorded lengths need at least one call.");
            }
        }

        @Override
        public RequestLengths draw(SplittableRandom random) {
            return calls.get(random.nextInt(calls.size()));
        }

        @Override
        public String description() {
            return "lengths of " + calls.size() + " recorded calls";
        }
    }

    /** Log-normal lengths, input and output independent of each other. */
    record Spread(Distribution input, Distribution output) implements LengthSource {
        @Override
        public RequestLengths draw(SplittableRandom random) {
            return new RequestLengths(Math.max(1, input.draw(random)), output.draw(random));
        }

        @Override
        public String description() {
            return input.description() + " input and " + output.description() + " output tokens, log-normal";
        }
    }

    /**
     * A log-normal distribution by its mean and 99th percentile; without a percentile, or with one at or below the mean, every
     * draw is the mean.
     *
     * @param mean 0 or more
     */
    record Distribution(double mean, OptionalDouble p99) {

        /** Of the standard normal distribution. */
        private static final double QUANTILE_99 = 2.3263478740408408;

        private int draw(SplittableRandom random) {
            double sigma = sigma();
            double normal = random.nextGaussian();
            double value = sigma == 0 ? mean : mean * Math.exp(sigma * normal - sigma * sigma / 2);
            return mean <= 0 ? 0 : (int) Math.max(1, Math.min(Integer.MAX_VALUE, Math.rint(value)));
        }

        /** Solves ln(p99 / mean) = QUANTILE_99·σ − σ²/2 for its smaller root, the one of ordinary tails. */
        private double sigma() {
            if (mean <= 0 || p99.isEmpty() || p99.getAsDouble() <= mean) {
                return 0;
            }
            double root = QUANTILE_99 * QUANTILE_99 - 2 * Math.log(p99.getAsDouble() / mean);
            return root <= 0 ? QUANTILE_99 : QUANTILE_99 - Math.sqrt(root);
        }

        private String description() {
            return Math.round(mean) + (sigma() > 0 ? " (p99 " + Math.round(p99.orElse(mean)) + ")" : "");
        }
    }
}
