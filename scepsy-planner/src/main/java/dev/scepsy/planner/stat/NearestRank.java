package dev.scepsy.planner.stat;

/** Percentiles by nearest rank: the smallest value that at least the asked part of all values does not exceed. Exact. */
public final class NearestRank {

    private NearestRank() {}

    /**
     * The percentile of values in ascending order.
     *
     * @param percent in 1 to 100
     * @throws IllegalArgumentException if there are no values
     */
    public static long percentile(long[] ascending, int percent) {
        if (ascending.length == 0) {
            throw new IllegalArgumentException("No values have no percentile.");
        }
        return ascending[index(ascending.length, percent)];
    }

    /** Likewise. */
    public static int percentile(int[] ascending, int percent) {
        if (ascending.length == 0) {
            throw new IllegalArgumentException("No values have no percentile.");
        }
        return ascending[index(ascending.length, percent)];
    }

    private static int index(int count, int percent) {
        // the rank is the ceiling of percent / 100 * count, in whole numbers
        long rank = ((long) percent * count + 99) / 100;
        return (int) Math.max(1, rank) - 1;
    }
}
