package dev.scepsy.planner.stat;

import java.util.Arrays;

/** Sorts whole numbers that are small for how many they are, such as tokens of a million calls, by counting them. */
public final class SmallNumbers {

    /** So many different numbers per number are counted at most: more memory than sorting costs time. */
    private static final int RANGE = 2;

    private SmallNumbers() {}

    /** Puts them in ascending order, as {@link Arrays#sort(int[])} does. */
    public static void sort(int[] values) {
        int least = Integer.MAX_VALUE;
        int most = Integer.MIN_VALUE;
        for (int value : values) {
            least = Math.min(least, value);
            most = Math.max(most, value);
        }
        if (values.length == 0 || least < 0 || most >= (long) RANGE * values.length) {
            Arrays.sort(values);
            return;
        }
        int[] counts = new int[most + 1];
        for (int value : values) {
            counts[value]++;
        }
        int at = 0;
        for (int value = least; value <= most; value++) {
            int to = at + counts[value];
            Arrays.fill(values, at, to, value);
            at = to;
        }
    }
}
