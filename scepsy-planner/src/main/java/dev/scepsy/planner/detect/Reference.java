package dev.scepsy.planner.detect;

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

    static final int STREAMS = 2 * TILTS.length;

    /** Spreads beyond which an observation counts no more. */
    static final double CUT = 3;

    private static final int POWERS = STREAMS + 2;
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

    Reference(double centre, double spread) {
        this.centre = centre;
        this.spread = spread;
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

        double count() {
            return count;
        }

        void add(double z, Feature.Observation raw, long epochNanos) {
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
            into.add(powers);
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
        }
    }

    double standardised(double value) {
        return Math.max(-CUT, Math.min(CUT, (value - centre) / spread));
    }

    /** The tilt of a stream: even ones look for growth, odd ones for decline. */
    static double tilt(int stream) {
        return stream % 2 == 0 ? TILTS[stream / 2] : -TILTS[stream / 2];
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
        double shifted = stream % 2 == 0 ? z - high : z - low;
        return tilt(stream) * shifted - bounds[stream];
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
        for (int s = 0; s < STREAMS; s++) {
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
        into.add(centre).add(spread).add(low).add(high);
        all.write(into);
        into.add(longs)
                .add(longSum)
                .add(longSquares)
                .add(hourBegan)
                .add(hourCount)
                .add(hourSum);
    }

    static Reference read(StateText.Reader from) {
        Reference read = new Reference(from.number(), from.number());
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
