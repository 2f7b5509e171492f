package dev.scepsy.planner.stat;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts of whole numbers in buckets whose bounds grow by a fiftieth: b, b + max(1, b / 50). Buckets add, so that a percentile of many
 * parts needs no values; it lies within 1 % of the nearest-rank percentile of the values themselves. Numbers below 50 are exact.
 * Bounds are integers: the same buckets everywhere. Immutable.
 */
public final class LogHistogram {

    /** Nothing was counted. */
    public static final LogHistogram EMPTY = new LogHistogram(new TreeMap<>());

    private static final long[] BOUNDS = bounds();

    private final TreeMap<Integer, Long> countByBucket;

    private LogHistogram(TreeMap<Integer, Long> countByBucket) {
        this.countByBucket = countByBucket;
    }

    private static long[] bounds() {
        long[] bounds = new long[4096];
        int size = 0;
        long bound = 0;
        while (bound < Long.MAX_VALUE / 2) {
            bounds[size++] = bound;
            bound += Math.max(1, bound / 50);
        }
        return Arrays.copyOf(bounds, size);
    }

    /** Counts values; those below 0 count as 0. */
    public static LogHistogram of(long... values) {
        TreeMap<Integer, Long> counts = new TreeMap<>();
        for (long value : values) {
            counts.merge(bucket(value), 1L, Long::sum);
        }
        return new LogHistogram(counts);
    }

    /**
     * The histogram with these counts.
     *
     * @throws IllegalArgumentException if a bucket does not exist or a count is not above 0
     */
    public static LogHistogram of(Map<Integer, Long> countByBucket) {
        countByBucket.forEach((bucket, count) -> {
            if (bucket < 0 || bucket >= BOUNDS.length || count <= 0) {
                throw new IllegalArgumentException(
                        "There is no bucket (" + bucket + ") with a count of (" + count + ").");
            }
        });
        return new LogHistogram(new TreeMap<>(countByBucket));
    }

    private static int bucket(long value) {
        int found = Arrays.binarySearch(BOUNDS, Math.max(0, value));
        return found >= 0 ? found : -found - 2;
    }

    /** Both. */
    public LogHistogram plus(LogHistogram other) {
        TreeMap<Integer, Long> sum = new TreeMap<>(countByBucket);
        other.countByBucket.forEach((bucket, count) -> sum.merge(bucket, count, Long::sum));
        return new LogHistogram(sum);
    }

    /** Counts by number of the bucket, ascending; none is 0. */
    public Map<Integer, Long> countByBucket() {
        return new TreeMap<>(countByBucket);
    }

    /** Values counted. */
    public long count() {
        return countByBucket.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * The middle of the bucket that holds the percentile by nearest rank.
     *
     * @param percent in 1 to 100
     * @throws IllegalArgumentException if nothing was counted
     */
    public long percentile(int percent) {
        long count = count();
        if (count == 0) {
            throw new IllegalArgumentException("No values have no percentile.");
        }
        // in parts of a hundred first: a count may be large
        long rank = Math.max(1, count / 100 * percent + (count % 100 * percent + 99) / 100);
        for (Map.Entry<Integer, Long> bucket : countByBucket.entrySet()) {
            rank -= bucket.getValue();
            if (rank <= 0) {
                long low = BOUNDS[bucket.getKey()];
                return low + (Math.max(1, low / 50) - 1) / 2;
            }
        }
        throw new IllegalStateException("Counts do not add up.");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LogHistogram that && countByBucket.equals(that.countByBucket);
    }

    @Override
    public int hashCode() {
        return countByBucket.hashCode();
    }

    @Override
    public String toString() {
        return countByBucket.toString();
    }
}
