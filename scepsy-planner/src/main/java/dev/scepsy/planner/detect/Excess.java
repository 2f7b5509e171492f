package dev.scepsy.planner.detect;

/**
 * Tells a lasting excess of a series over a level from what chance brings. With a score c in [−1, 2] of how far a sample lies above,
 *
 * <pre>
 * S ← max(0, S + c dt);   lasting where S &gt; {@value #PATIENCE} τ,  within [{@value #SHORTEST_SECONDS}, {@value #LONGEST_SECONDS}] s
 * τ = dt (1 + r) / (1 − r), r the correlation of samples in a row
 * </pre>
 *
 * Excursions of a queue above a level decay like e^(−t/τ) with its relaxation time τ, which grows as 1 / (1 − √ρ)² towards saturation (J. W.
 * Cohen, The Single Server Queue, 1982, III.7), so patience is counted in τ as measured, not in seconds. Not thread-safe.
 */
final class Excess {

    static final double PATIENCE = 15;
    static final double SHORTEST_SECONDS = 60;
    static final double LONGEST_SECONDS = 14_400;

    private static final double LARGEST_CORRELATION = 0.998;
    private static final double FORGET = 20_000;
    private static final double LEAST_SAMPLES = 30;

    private double score;
    private long began;
    private double seconds;
    private double weighted;
    private double last;
    private boolean hasLast;
    private double samples;
    private double sum;
    private double squares;
    private double lagged;
    private double interval;

    /** Takes a sample after {@code dt} seconds; whether the excess is lasting. */
    boolean take(double value, double scored, double dt, long epochNanos) {
        if (score == 0) {
            began = epochNanos;
            seconds = 0;
            weighted = 0;
        }
        score = Math.max(0, score + Math.max(-1, Math.min(2, scored)) * dt);
        seconds += dt;
        weighted += value * dt;
        boolean lasting = score > patienceSeconds();
        if (score < SHORTEST_SECONDS) {
            learn(value, dt);
        }
        last = value;
        hasLast = true;
        return lasting;
    }

    private void learn(double value, double dt) {
        if (!hasLast) {
            return;
        }
        double y = Math.log1p(value);
        samples++;
        sum += y;
        squares += y * y;
        lagged += y * Math.log1p(last);
        interval += (dt - interval) / Math.min(samples, FORGET);
        if (samples > FORGET) {
            samples /= 2;
            sum /= 2;
            squares /= 2;
            lagged /= 2;
        }
    }

    double patienceSeconds() {
        if (samples < LEAST_SAMPLES) {
            return 5 * SHORTEST_SECONDS;
        }
        double mean = sum / samples;
        double variance = squares / samples - mean * mean;
        double r = variance > 1e-9 ? (lagged / samples - mean * mean) / variance : 0;
        r = Math.max(0, Math.min(LARGEST_CORRELATION, r));
        return Math.max(SHORTEST_SECONDS, Math.min(LONGEST_SECONDS, PATIENCE * interval * (1 + r) / (1 - r)));
    }

    long began() {
        return began;
    }

    double seconds() {
        return seconds;
    }

    double mean() {
        return seconds > 0 ? weighted / seconds : last;
    }

    boolean isOver() {
        return score == 0;
    }

    void reset() {
        score = 0;
    }
}
