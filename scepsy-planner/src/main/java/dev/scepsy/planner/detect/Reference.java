package dev.scepsy.planner.detect;

import java.util.Arrays;

/**
 * What a number was like before: enough to say how improbable later ones are, whatever its distribution. Observations enter standardised by
 * the first of them, z = (x − centre) / spread, cut off at ±{@value #CUT}.
 *
 * <pre>
 * Λ(θ)   ln of the mean of e^(θz), at its upper end: (Σ e^(θz_i) + e^(|θ| CUT)) / (n + 1) + {@value #MARGIN} se √τ
 * τ      design effect: by how much the variance of means grows because neighbours are alike; the largest of
 *        (1 + r) / (1 − r), r the lag-1 correlation and half a standard error, and b Var(means of b in a row) / Var(z) less
 *        one standard error for b = 16, 128
 * high   how high the mean lies in the highest hour, low: in the lowest, as far as that is no chance (2 standard errors)
 * </pre>
 *
 * The one observation more at the far end makes e^(θz − Λ) an e-value if old and new are exchangeable (the soft-rank e-value of Z. Ren and
 * R. F. Barber, JRSS-B 2024, with the new value put at its worst); the margin pays for the reference being used again and again.
 *
 * <p>Not thread-safe.
 */
final class Reference {

    /** Tilts: inverses of how many spreads a change is expected to be; each twice the one before, so that one's square is the next. */
    static final double[] TILTS = {0.35, 0.7, 1.4};

    /** What an observation beyond a level weighs, in nats: beyond one of the highest (lowest) two fifths, beyond all of the first. */
    static final double[] WEIGHTS = {2, 5};

    private static final int TILTED = 2 * TILTS.length;

    /** Of the first observations, so many may lie beyond the nearer level. */
    private static final double BEYOND_PART = 0.4;

    /** How far the further level lies from the last of them, spreads. */
    private static final double GAP = 0.1;

    static final int STREAMS = TILTED + 2 * WEIGHTS.length;

    /** Spreads beyond which an observation counts no more. */
    static final double CUT = 3;

    private static final int POWERS = TILTED + 2;
    private static final int LEVELS = STREAMS - TILTED;
    private static final double MARGIN = 2;
    private static final double HALF = 0.5;
    private static final int GROUP = 16;
    private static final int LONG_GROUP = 128;
    private static final int LEAST_GROUPS = 6;
    private static final double LARGEST_EFFECT = 40;
    private static final int LEAST_IN_HOUR = 64;
    private static final long HOUR_NANOS = 3_600_000_000_000L;

    private final double centre;
    private final double spread;
    private final double[] levels;
    private double low;
    private double high;
    private final Batch all = new Batch();
    private double longs;
    private double longSum;
    private double longSquares;
    private long hourBegan;
    private double hourCount;
    private double hourSum;
    private final double[] bounds = new double[STREAMS];
    private double effect = 1;

    private Reference(double centre, double spread, double[] levels) {
        this.centre = centre;
        this.spread = spread;
        this.levels = levels;
    }

    /** A reference that begins with these, which are not absorbed yet. */
    static Reference of(double centre, double spread, double[] firstValues) {
        Reference started = new Reference(centre, spread, new double[LEVELS]);
        double[] ascending = new double[firstValues.length];
        for (int i = 0; i < ascending.length; i++) {
            ascending[i] = started.standardised(firstValues[i]);
        }
        Arrays.sort(ascending);
        int last = ascending.length - 1;
        started.levels[0] = above(ascending);
        started.levels[2] = ascending[last] + GAP;
        double[] mirrored = new double[ascending.length];
        for (int i = 0; i <= last; i++) {
            mirrored[i] = -ascending[last - i];
        }
        started.levels[1] = -above(mirrored);
        started.levels[3] = ascending[0] - GAP;
        return started;
    }

    /** Between two different values, as low as it may be with {@value #BEYOND_PART} of them above; else above all. */
    private static double above(double[] ascending) {
        double level = ascending[ascending.length - 1] + GAP;
        for (int i = ascending.length - 1; i > 0 && ascending.length - i <= BEYOND_PART * ascending.length; i--) {
            if (ascending[i] > ascending[i - 1]) {
                level = HALF * (ascending[i] + ascending[i - 1]);
            }
        }
        return level;
    }

    /** Whether an observation lies beyond the i-th level. */
    private boolean isBeyond(int level, double z) {
        return level % 2 == 0 ? z >= levels[level] : z <= levels[level];
    }

    /** Sums over observations in a row. */
    static final class Batch {
        private double count;
        private double sum;
        private double squares;
        private double lagged;
        private double lags;
        private double numerator;
        private double denominator;
        private double groups;
        private double groupSum;
        private double groupSquares;
        private double partCount;
        private double partSum;
        private double before;
        private long end;

        /** Σ e^(θz) of the tilts and of twice the last, each up and down. */
        private final double[] powers = new double[POWERS];

        /** How many lie beyond each level. */
        private final double[] beyond = new double[LEVELS];

        double count() {
            return count;
        }

        void add(double z, Feature.Observation raw, long epochNanos, Reference of) {
            for (int level = 0; level < LEVELS; level++) {
                beyond[level] += of.isBeyond(level, z) ? 1 : 0;
            }
            if (count > 0) {
                lagged += z * before;
                lags++;
            }
            before = z;
            count++;
            sum += z;
            squares += z * z;
            numerator += raw.numerator;
            denominator += raw.denominator;
            end = epochNanos;
            partSum += z;
            if (++partCount == GROUP) {
                double mean = partSum / GROUP;
                groups++;
                groupSum += mean;
                groupSquares += mean * mean;
                partCount = 0;
                partSum = 0;
            }
            double up = Math.exp(TILTS[0] * z);
            for (int i = 0; i < POWERS; i += 2) {
                powers[i] += up;
                powers[i + 1] += 1 / up;
                up *= up;
            }
        }

        void addSums(double ofNumerator, double ofDenominator) {
            numerator += ofNumerator;
            denominator += ofDenominator;
        }

        /** Observations that follow; what was not yet a group is none. */
        void add(Batch next) {
            count += next.count;
            sum += next.sum;
            squares += next.squares;
            lagged += next.lagged;
            lags += next.lags;
            numerator += next.numerator;
            denominator += next.denominator;
            groups += next.groups;
            groupSum += next.groupSum;
            groupSquares += next.groupSquares;
            partCount = 0;
            partSum = 0;
            before = next.before;
            end = next.end;
            for (int i = 0; i < POWERS; i++) {
                powers[i] += next.powers[i];
            }
            for (int i = 0; i < LEVELS; i++) {
                beyond[i] += next.beyond[i];
            }
        }

        void write(StateText.Writer into) {
            into.add(count)
                    .add(sum)
                    .add(squares)
                    .add(lagged)
                    .add(lags)
                    .add(numerator)
                    .add(denominator);
            into.add(groups)
                    .add(groupSum)
                    .add(groupSquares)
                    .add(partCount)
                    .add(partSum)
                    .add(before)
                    .add(end);
            into.add(powers).add(beyond);
        }

        void read(StateText.Reader from) {
            count = from.number();
            sum = from.number();
            squares = from.number();
            lagged = from.number();
            lags = from.number();
            numerator = from.number();
            denominator = from.number();
            groups = from.number();
            groupSum = from.number();
            groupSquares = from.number();
            partCount = from.number();
            partSum = from.number();
            before = from.number();
            end = from.whole();
            from.numbers(powers);
            from.numbers(beyond);
        }
    }

    double standardised(double value) {
        return Math.max(-CUT, Math.min(CUT, (value - centre) / spread));
    }

    /** Whether a stream looks for growth; else for decline. */
    static boolean isUpward(int stream) {
        return stream % 2 == 0;
    }

    void absorb(Batch batch) {
        all.add(batch);
        if (batch.count == LONG_GROUP) {
            double mean = batch.sum / batch.count;
            longs++;
            longSum += mean;
            longSquares += mean * mean;
        }
        if (hourCount == 0) {
            hourBegan = batch.end;
        }
        hourCount += batch.count;
        hourSum += batch.sum;
        refresh();
        if (batch.end - hourBegan >= HOUR_NANOS && hourCount >= LEAST_IN_HOUR) {
            double deviation = Math.sqrt(Math.max(variance(), 1e-12) * effect / hourCount);
            double off = hourSum / hourCount - mean();
            high = Math.max(high, off - 2 * deviation);
            low = Math.min(low, off + 2 * deviation);
            hourCount = 0;
            hourSum = 0;
        }
    }

    /** So many executions that all said 0. */
    void absorbZeros(long zeros) {
        double z = standardised(0);
        all.count += zeros;
        all.sum += zeros * z;
        all.squares += zeros * z * z;
        all.denominator += zeros;
        double up = Math.exp(TILTS[0] * z);
        for (int i = 0; i < POWERS; i += 2) {
            all.powers[i] += zeros * up;
            all.powers[i + 1] += zeros / up;
            up *= up;
        }
        refresh();
    }

    double count() {
        return all.count;
    }

    /** The estimate: ratio of the two sums. */
    double estimate() {
        return all.denominator > 0 ? all.numerator / all.denominator : 0;
    }

    /** How far a value of the feature lies outside of what its mean was from hour to hour. */
    double distance(double value) {
        double z = (value - centre) / spread - mean();
        return spread * (z < low ? low - z : Math.max(0, z - high));
    }

    double effect() {
        return effect;
    }

    /** The evidence that one more observation is for a change, in nats, before tempering: its expectation is below 0 without one. */
    double evidence(int stream, double z) {
        double shifted = isUpward(stream) ? z - high : z - low;
        if (stream >= TILTED) {
            int level = stream - TILTED;
            return (isBeyond(level, shifted) ? WEIGHTS[level / 2] : 0) - bounds[stream];
        }
        double tilt = TILTS[stream / 2];
        return (isUpward(stream) ? tilt : -tilt) * shifted - bounds[stream];
    }

    private double mean() {
        return all.sum / all.count;
    }

    private double variance() {
        double mean = mean();
        return Math.max(0, all.squares / all.count - mean * mean);
    }

    private void refresh() {
        double variance = variance();
        double found = 1;
        if (variance > 1e-9) {
            double mean = mean();
            double r = all.lags == 0 ? 0 : Math.max(0, (all.lagged / all.lags - mean * mean) / variance);
            r = Math.min(0.95, r + HALF / Math.sqrt(all.count));
            found = (1 + r) / (1 - r);
            if (all.groups >= LEAST_GROUPS) {
                found = Math.max(found, GROUP * varianceOfMeans(all.groups, all.groupSum, all.groupSquares) / variance);
            }
            if (longs >= LEAST_GROUPS) {
                found = Math.max(found, LONG_GROUP * varianceOfMeans(longs, longSum, longSquares) / variance);
            }
        }
        effect = Math.min(LARGEST_EFFECT, Math.max(1, found));
        for (int level = 0; level < LEVELS; level++) {
            double far = Math.exp(WEIGHTS[level / 2]);
            double part = all.beyond[level] / all.count;
            double mean = (all.beyond[level] * (far - 1) + all.count + far) / (all.count + 1);
            double spreadOfMean = (far - 1) * Math.sqrt(part * (1 - part) * effect / all.count);
            bounds[TILTED + level] = Math.log(mean + MARGIN * spreadOfMean);
        }
        for (int s = 0; s < TILTED; s++) {
            double far = Math.exp(TILTS[s / 2] * CUT);
            double mean = all.powers[s] / all.count;
            double spreadOfMean =
                    Math.sqrt(Math.max(0, all.powers[s + 2] / all.count - mean * mean) * effect / all.count);
            bounds[s] = Math.log((all.powers[s] + far) / (all.count + 1) + MARGIN * spreadOfMean);
        }
    }

    private static double varianceOfMeans(double number, double sum, double squares) {
        double mean = sum / number;
        double variance = Math.max(0, squares / number - mean * mean) * number / (number - 1);
        return variance * (1 - Math.sqrt(2 / number));
    }

    void write(StateText.Writer into) {
        into.add(centre).add(spread).add(levels).add(low).add(high);
        all.write(into);
        into.add(longs)
                .add(longSum)
                .add(longSquares)
                .add(hourBegan)
                .add(hourCount)
                .add(hourSum);
    }

    static Reference read(StateText.Reader from) {
        Reference read = new Reference(from.number(), from.number(), new double[LEVELS]);
        from.numbers(read.levels);
        read.low = from.number();
        read.high = from.number();
        read.all.read(from);
        read.longs = from.number();
        read.longSum = from.number();
        read.longSquares = from.number();
        read.hourBegan = from.whole();
        read.hourCount = from.number();
        read.hourSum = from.number();
        if (!(read.all.count > 0 && read.spread > 0)) {
            throw new IllegalArgumentException("The state holds a reference of nothing: it is damaged.");
        }
        read.refresh();
        return read;
    }
}
