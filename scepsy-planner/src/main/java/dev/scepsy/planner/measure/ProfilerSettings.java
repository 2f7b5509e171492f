package dev.scepsy.planner.measure;

import java.time.Duration;

/**
 * How thoroughly to measure. Immutable.
 *
 * @param requests how many requests a rate should be measured with, at least 10
 * @param windowSeconds most seconds that are spent on so many; longer only where fewer than {@value #FEWEST_REQUESTS} would
 *     be sent or where a request takes more than a third of it
 * @param resolution relative distance between the highest rate sustained and the lowest that is not, in (0, 1]
 * @param mostPerSecond no higher rate is tried, requests per second
 * @param mostInFlight a replica with more requests in flight is overloaded
 * @param mostPoints no more rates are tried
 * @param maxDuration no rate is begun after this time
 * @param sharedPrefixTokens length of a beginning that all prompts share
 * @param seed of arrivals, lengths and texts
 */
public record ProfilerSettings(
        int requests,
        double windowSeconds,
        double resolution,
        double mostPerSecond,
        int mostInFlight,
        int mostPoints,
        Duration maxDuration,
        int sharedPrefixTokens,
        long seed) {

    /** Fewer than this many requests are no measurement. */
    public static final int FEWEST_REQUESTS = 20;

    private static final int TYPICAL_POINTS = 10;

    /** 200 requests in at most a minute per rate, the knee to 10 %, half an hour, 400 requests a second. */
    public static ProfilerSettings defaults() {
        return new ProfilerSettings(200, 60, 0.1, 400, 4096, 20, Duration.ofMinutes(30), 0, 1);
    }

    /** @throws IllegalArgumentException naming the value outside its range */
    public ProfilerSettings {
        require(requests >= 10, "requests", requests, "be at least 10");
        require(windowSeconds >= 0.1, "windowSeconds", windowSeconds, "be at least 0.1");
        require(resolution > 0 && resolution <= 1, "resolution", resolution, "lie in (0, 1]");
        require(mostPerSecond > 0 && mostPerSecond <= 10_000, "mostPerSecond", mostPerSecond, "lie in (0, 10000]");
        require(mostInFlight >= 2, "mostInFlight", mostInFlight, "be at least 2");
        require(mostPoints >= 2, "mostPoints", mostPoints, "be at least 2");
        require(sharedPrefixTokens >= 0, "sharedPrefixTokens", sharedPrefixTokens, "be 0 or more");
    }

    private static void require(boolean holds, String name, Number value, String rule) {
        if (!holds) {
            throw new IllegalArgumentException("The " + name + " (" + value + ") must " + rule + ".");
        }
    }

    /** How to measure {@code rate} where a request takes {@code latencySeconds}, as far as is known. */
    LoadGenerator.Plan plan(double rate, double latencySeconds) {
        double window = Math.min(requests / rate, windowSeconds);
        window = Math.max(window, Math.max(FEWEST_REQUESTS / rate, 3 * latencySeconds));
        return new LoadGenerator.Plan(rate, 2 * latencySeconds, window, rate * latencySeconds);
    }

    /** About how long a measurement takes where a lonely request takes {@code latencySeconds}: a dozen rates. */
    public double estimatedSeconds(double latencySeconds) {
        double seconds = 8 * latencySeconds;
        double rate = 0.5 / latencySeconds;
        for (int i = 0; i < TYPICAL_POINTS && rate <= mostPerSecond; i++) {
            double slower = latencySeconds * (1 + i / 4.0);
            LoadGenerator.Plan plan = plan(rate, slower);
            seconds += plan.warmUpSeconds() + plan.windowSeconds() + 2 * slower;
            rate *= i < 3 ? 4 : 1.1;
        }
        return Math.min(seconds, maxDuration.toSeconds());
    }
}
