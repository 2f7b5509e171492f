package dev.scepsy.planner.file;

import dev.scepsy.planner.stat.ReadableNumber;
import java.util.List;

/**
 * The numbers a key may hold. Immutable.
 *
 * @param low least value
 * @param lowIncluded whether {@code low} itself is legal
 * @param high greatest value, itself legal
 * @param slips units that people mistake for the key's own, the likeliest first
 */
record Range(double low, boolean lowIncluded, double high, List<UnitSlip> slips) {

    Range {
        slips = List.copyOf(slips);
    }

    Range(double low, boolean lowIncluded, double high) {
        this(low, lowIncluded, high, List.of());
    }

    /** No rate, time, size or count of this field is larger; sums and products of such numbers stay finite. */
    private static final double LARGEST = 1e15;

    static final Range POSITIVE = new Range(0, false, LARGEST);
    static final Range NOT_NEGATIVE = new Range(0, true, LARGEST);
    static final Range UNIT = new Range(0, true, 1);
    static final Range PART = new Range(0, false, 1);

    static Range atLeast(double low) {
        return new Range(low, true, LARGEST);
    }

    static Range between(double low, double high) {
        return new Range(low, true, high);
    }

    /** The same where numbers outside may be written in another unit. */
    Range mistakenFor(UnitSlip... others) {
        return new Range(low, lowIncluded, high, List.of(others));
    }

    boolean contains(double value) {
        return (lowIncluded ? value >= low : value > low) && value <= high;
    }

    /** A legal value, to go on with after a problem was reported. */
    double placeholder() {
        return lowIncluded ? low : Math.min(high, low + 1);
    }

    /** What {@code value} breaks: {@code be above 0}, {@code lie in [0, 1]}. */
    String rule(double value) {
        if (high == LARGEST) {
            return value > high
                    ? "be at most " + LARGEST
                    : lowIncluded ? "be at least " + plain(low) : "be above " + plain(low);
        }
        return "lie in " + (lowIncluded ? "[" : "(") + plain(low) + ", " + plain(high) + "]";
    }

    /** What an illegal {@code value} was probably meant to be, as a sentence after a blank; empty where nothing is likely. */
    String suspicion(double value) {
        return slips.stream()
                .filter(slip -> contains(slip.inOwnUnit(value)))
                .findFirst()
                .map(slip -> " " + ReadableNumber.of(value, 6) + " looks like " + slip.unit() + ": "
                        + ReadableNumber.of(slip.inOwnUnit(value), 3) + " " + slip.ownUnit() + ".")
                .orElse("");
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
