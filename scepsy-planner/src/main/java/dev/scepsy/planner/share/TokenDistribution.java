package dev.scepsy.planner.share;

import dev.scepsy.planner.stat.NearestRank;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;

/** Token counts of the calls that report them. Not thread-safe. */
final class TokenDistribution {

    private long[] counts = new long[16];
    private int size;

    void add(int[] reported) {
        if (size + reported.length > counts.length) {
            counts = Arrays.copyOf(counts, Math.max(2 * counts.length, size + reported.length));
        }
        for (int count : reported) {
            counts[size++] = count;
        }
    }

    /** Mean and 99th percentile; empty, not zero, when no call reported any. */
    Optional<TokenStatistics> statistics() {
        if (size == 0) {
            return Optional.empty();
        }
        long[] ascending = Arrays.copyOf(counts, size);
        Arrays.sort(ascending);
        double mean = (double) Arrays.stream(ascending).sum() / size;
        return Optional.of(new TokenStatistics(mean, OptionalDouble.of(NearestRank.percentile(ascending, 99))));
    }
}
