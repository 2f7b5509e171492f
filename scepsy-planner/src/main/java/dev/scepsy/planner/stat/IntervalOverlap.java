package dev.scepsy.planner.stat;

import java.util.Arrays;

/**
 * How crowded a set of intervals is, seen from inside: ∫ c(t)² dt, where c(t) intervals are open at t. Divided by their
 * summed length ∫ c(t) dt it is the mean number open, itself included, that a point of an interval sees.
 */
public final class IntervalOverlap {

    private IntervalOverlap() {}

    /**
     * ∫ c² dt in the unit of the intervals.
     *
     * @param starts one per interval; sorted afterwards
     * @param ends one per interval, not before its start; sorted afterwards
     */
    public static double squared(long[] starts, long[] ends) {
        // starts and ends may be sorted apart: c only counts how many have begun and ended
        Arrays.sort(starts);
        Arrays.sort(ends);
        double sum = 0;
        int begun = 0;
        long last = starts.length == 0 ? 0 : starts[0];
        for (int ended = 0; ended < ends.length; ) {
            boolean begins = begun < starts.length && starts[begun] < ends[ended];
            long at = begins ? starts[begun] : ends[ended];
            double open = begun - ended;
            sum += open * open * (at - last);
            last = at;
            if (begins) {
                begun++;
            } else {
                ended++;
                begun = Math.max(begun, ended);
            }
        }
        return sum;
    }
}
