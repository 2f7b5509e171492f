package dev.scepsy.planner.profile;

import java.util.function.DoubleUnaryOperator;

/**
 * A function of a positive number, kept at the powers of two and read between by straight lines; below 1 as at 1, beyond the
 * last along its last piece. Quick and allocation-free to read. Immutable.
 */
final class Doublings {

    /** Highest power of two: 262,144. */
    private static final int LAST = 18;

    private final double[] values;

    private Doublings(double[] values) {
        this.values = values;
    }

    static Doublings of(DoubleUnaryOperator function) {
        double[] values = new double[LAST + 1];
        for (int power = 0; power <= LAST; power++) {
            values[power] = function.applyAsDouble(1 << power);
        }
        return new Doublings(values);
    }

    /** The same for a time that more work never shortens: dips and bumps of the tables are levelled. */
    static Doublings growing(DoubleUnaryOperator function) {
        double[] values = of(function).values;
        double[] highestBefore = values.clone();
        double[] lowestAfter = values.clone();
        for (int power = 1; power <= LAST; power++) {
            highestBefore[power] = Math.max(values[power], highestBefore[power - 1]);
            lowestAfter[LAST - power] = Math.min(values[LAST - power], lowestAfter[LAST - power + 1]);
        }
        for (int power = 0; power <= LAST; power++) {
            values[power] = (highestBefore[power] + lowestAfter[power]) / 2;
        }
        return new Doublings(values);
    }

    static Doublings zero() {
        return new Doublings(new double[LAST + 1]);
    }

    /** This plus {@code factor} times {@code other}. */
    Doublings plus(double factor, Doublings other) {
        double[] sum = values.clone();
        for (int power = 0; power <= LAST; power++) {
            sum[power] += factor * other.values[power];
        }
        return new Doublings(sum);
    }

    /** The value at {@code x}, read between by straight lines over x squared: exact for what grows with that. */
    double overSquaresAt(double x) {
        if (!(x > 1)) {
            return values[0] * x * x;
        }
        int power = Math.min(LAST - 1, Math.getExponent(x));
        double part = Math.scalb(x, -power);
        return values[power] + (values[power + 1] - values[power]) * (part * part - 1) / 3;
    }

    double at(double x) {
        if (!(x > 1)) {
            return values[0];
        }
        int power = Math.min(LAST - 1, Math.getExponent(x));
        return values[power] + (values[power + 1] - values[power]) * (Math.scalb(x, -power) - 1);
    }
}
