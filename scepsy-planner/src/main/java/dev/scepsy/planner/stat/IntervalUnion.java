package dev.scepsy.planner.stat;

import java.util.Arrays;

/** Gathers intervals and measures the time that at least one of them covers. Not thread-safe. */
public final class IntervalUnion {

    private long[] starts = new long[4];
    private long[] ends = new long[4];
    private int size;

    /** Adds [start, end); empty where the end is not after the start. */
    public void add(long start, long end) {
        if (end <= start) {
            return;
        }
        if (size == starts.length) {
            starts = Arrays.copyOf(starts, 2 * size);
            ends = Arrays.copyOf(ends, 2 * size);
        }
        starts[size] = start;
        ends[size++] = end;
    }

    /** Length of the union, in the unit of the intervals. */
    public long length() {
        // starts and ends may be sorted apart: covered is where more intervals have begun than ended
        Arrays.sort(starts, 0, size);
        Arrays.sort(ends, 0, size);
        long length = 0;
        int begun = 0;
        for (int ended = 0; ended < size; ) {
            long from = starts[begun];
            int open = 0;
            do {
                if (begun < size && starts[begun] <= ends[ended]) {
                    open++;
                    begun++;
                } else {
                    open--;
                    ended++;
                }
            } while (open > 0);
            length += ends[ended - 1] - from;
        }
        return length;
    }
}
