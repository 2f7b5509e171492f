package dev.scepsy.planner.profile;

import java.util.function.DoubleBinaryOperator;

/**
 * Times of one decode step's attention by sequences and cached tokens of each, kept at the powers of two and read between by
 * straight lines in both directions, which is exact for traffic; quick and allocation-free to read. More work never takes
 * less time: dips and bumps of the tables are levelled. Immutable.
 */
final class AttentionTimes {

    private static final int LAST_SEQUENCES = 11;
    private static final int LAST_CONTEXT = 18;
    private static final int STRIDE = LAST_CONTEXT + 1;

    private final double[] values;

    private AttentionTimes(double[] values) {
        this.values = values;
    }

    static AttentionTimes zero() {
        return new AttentionTimes(new double[(LAST_SEQUENCES + 1) * STRIDE]);
    }

    static AttentionTimes of(DoubleBinaryOperator function) {
        double[] values = new double[(LAST_SEQUENCES + 1) * STRIDE];
        for (int sequences = 0; sequences <= LAST_SEQUENCES; sequences++) {
            for (int context = 0; context <= LAST_CONTEXT; context++) {
                values[sequences * STRIDE + context] = function.applyAsDouble(1 << sequences, 1 << context);
            }
        }
        double[] highestBefore = values.clone();
        double[] lowestAfter = values.clone();
        for (int i = 0; i < values.length; i++) {
            highestBefore[i] = Math.max(
                    values[i],
                    Math.max(i % STRIDE == 0 ? 0 : highestBefore[i - 1], i < STRIDE ? 0 : highestBefore[i - STRIDE]));
            int j = values.length - 1 - i;
            lowestAfter[j] = Math.min(
                    values[j],
                    Math.min(
                            j % STRIDE == LAST_CONTEXT ? Double.MAX_VALUE : lowestAfter[j + 1],
                            j + STRIDE < values.length ? lowestAfter[j + STRIDE] : Double.MAX_VALUE));
        }
        for (int i = 0; i < values.length; i++) {
            values[i] = (highestBefore[i] + lowestAfter[i]) / 2;
        }
        return new AttentionTimes(values);
    }

    /** This plus {@code factor} times {@code other}. */
    AttentionTimes plus(double factor, AttentionTimes other) {
        double[] sum = values.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += factor * other.values[i];
        }
        return new AttentionTimes(sum);
    }

    /** The time at {@code sequences} of {@code context} tokens each; of a part of one sequence, that part. */
    double at(double sequences, double context) {
        if (sequences <= 0) {
            return 0;
        }
        double part = Math.min(1, sequences);
        double rows = Math.max(1, sequences);
        double columns = Math.max(1, context);
        int row = Math.min(LAST_SEQUENCES - 1, Math.getExponent(rows));
        int column = Math.min(LAST_CONTEXT - 1, Math.getExponent(columns));
        double down = Math.scalb(rows, -row) - 1;
        double right = Math.scalb(columns, -column) - 1;
        int at = row * STRIDE + column;
        double here = values[at] + (values[at + 1] - values[at]) * right;
        double below = values[at + STRIDE] + (values[at + STRIDE + 1] - values[at + STRIDE]) * right;
        return part * (here + (below - here) * down);
    }
}
