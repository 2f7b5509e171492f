package dev.scepsy.planner.share;

import dev.scepsy.planner.stat.NearestRank;
import dev.scepsy.planner.stat.SmallNumbers;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;

/** Token counts of the calls that report them. Not thread-safe. */
final class TokenDistribution {

    private int[] counts = new int[16];
    private int size;

    void add(int[] reported) {
        if (size + reported.length > counts.length) {
            counts = Arrays.copyOf(counts, Math.max(2 * counts.length, size + reported.length));
        }
        System.arraycopy(reported, 0, counts, size, reported.length);
        size += reported.length;
    }

    /** Mean and 99th percentile; empty, not zero, when no call reported any. */
    Optional<TokenStatistics> statistics() {
        if (size == 0) {
            return Optional.empty();
        }
        int[] ascending = Arrays.copyOf(counts, size);
        SmallNumbers.sort(ascending);
        long sum = 0;
        for (int count : ascending) {
            sum += count;
        }
        double mean = (double) sum / size;
        return Optional.of(new TokenStatistics(mean, OptionalDouble.of(NearestRank.percentile(ascending, 99))));
    }
}
