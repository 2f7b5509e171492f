package dev.scepsy.planner.measure;

import java.util.SplittableRandom;

/**
 * Times of a Poisson process whose count is right: within every span of the given length the same number of arrivals is spread
 * uniformly, which is what a Poisson process looks like once its count is known. A plain one brings ±7 % of 200 requests by
 * chance, and a rate that did not come would be called sustained. Confined to one thread.
 */
final class Arrivals {

    private final SplittableRandom random;
    private final double ratePerNano;
    private final long warmUpNanos;
    private final long spanNanos;
    private double[] span = {};
    private int next;
    private int spans;
    private double owed;

    /** @param warmUpNanos the first span, whose length is its own */
    Arrivals(double requestsPerSecond, long warmUpNanos, long spanNanos, SplittableRandom random) {
        this.random = random;
        this.ratePerNano = requestsPerSecond / 1e9;
        this.warmUpNanos = warmUpNanos;
        this.spanNanos = spanNanos;
    }

    /** The next arrival, nanoseconds since the start. */
    long next() {
        while (next == span.length) {
            draw();
        }
        return (long) span[next++];
    }

    private void draw() {
        long from = spans == 0 ? 0 : warmUpNanos + (spans - 1) * spanNanos;
        long length = spans == 0 ? warmUpNanos : spanNanos;
        owed += length * ratePerNano;
        int count = (int) Math.floor(owed + 1e-6);
        owed -= count;
        span = random.doubles(count)
                .map(share -> from + share * length)
                .sorted()
                .toArray();
        next = 0;
        spans++;
    }
}
