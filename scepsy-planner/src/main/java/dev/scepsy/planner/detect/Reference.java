package dev.scepsy.planner.detect;

/**
 * What a number was like before: enough to say how improbable later ones are, whatever its distribution. Observations enter standardised by
 * the first of them, z = (x − centre) / spread, cut off at ±{@value #CUT}.
 *
 * <pre>
 * Λ(θ)   ln of the mean of e^(θz), at its upper end: (Σ e^(θz_i) + e^(|θ| CUT)) / (n + 1) + {@value #MARGIN} se √τ
 * τ      design effect: by how much the variance of means grows because neighbours are alike; the largest of
 *        (1 + r) / (1 − r), r the lag-1 correlation at its upper end, and b Var(means of b in a row) / Var(z) for b = 16, 128
 * high   how high the mean lies in the highest hour, low: in the lowest, as far as that is no chance (2 standard errors)
 * </pre>
 *
 * The one observation more at the far end makes e^(θz − Λ) an e-value if old and new are exchangeable (the soft-rank e-value of Z. Ren and
 * R. F. Barber, JRSS-B 2023, with the new value put at its worst); the margin pays for the reference being used again and again.
 *
 * <p>Not thread-safe.
 */
final class Reference {

    /** Tilts: how many spreads, in units of their inverse, a change is expected to be. */
    static final double[] TILTS = {0.3, 0.7, 1.4};

    static final int STREAMS = 2 * TILTS.length;

    /** Spreads beyond which an observation counts no more. */
    static final double CUT = 3;

    private static final double MARGIN = 2.5;
    private static final int BATCH = 16;
    private static final int BATCHES_IN_LONG = 8;
    private static final int LEAST_BATCHES = 6;
    private static final double LARGEST_EFFECT = 40;
    private static final int LEAST_IN_HOUR = 64;
    private static final long HOUR_NANOS = 3_600_000_000_000L;

    double centre;
    double spread;

    /** Ends of what the mean was like from hour to hour, standardised; 0 where no hour differed. */
    double low;

    double high;
    double numerator;
    double denominator;
    long count;
    private double sum;
    private double squares;
    private double lagged;
    private double lagCount;
    private final double[] exponentials = new double[STREAMS];
    private final double[] exponentialSquares = new double[STREAMS];
    private double batches;
    private double batchSum;
    private double batchSquares;
    private double longs;
    private double longSum;
    private double longSquares;
    private double partOfLong;
    private double batchesOfLong;
    private long hourBegan;
    private double hourCount;
    private double hourSum;
    private final double[] bounds = new double[STREAMS];
    private double effect = 1;

    Reference(double centre, double spread) {
        this.centre = centre;
        this.spread = spread;
    }

    /** A batch of observations in a row, not yet part of a reference. */
    static final class Batch {
        int count;
        double sum;
        double squares;
        double lagged;
        int lagCount;
        double numerator;
        double denominator;
        long end;
        final double[] exponentials = new double[TILTS.length * 2];
        final double[] exponentialSquares = new double[TILTS.length * 2];

        boolean isFull() {
            return count >= BATCH;
        }

        void add(double z, double before, boolean hasBefore, Feature.Observation raw, long epochNanos) {
            count++;
            sum += z;
            squares += z * z;
            if (hasBefore) {
                lagged += z * before;
                lagCount++;
            }
            numerator += raw.numerator;
            denominator += raw.denominator;
            end = epochNanos;
            for (int i = 0; i < TILTS.length; i++) {
                double up = Math.exp(TILTS[i] * z);
                exponentials[2 * i] += up;
                exponentialSquares[2 * i] += up * up;
                exponentials[2 * i + 1] += 1 / up;
                exponentialSquares[2 * i + 1] += 1 / (up * up);
            }
        }

        void write(StateText.Writer into) {
            into.add(count).add(sum).add(squares).add(lagged).add(lagCount).add(numerator).add(denominator).add(end);
            into.add(exponentials).add(exponentialSquares);
        }

        void read(StateText.Reader from) {
            count = (int) from.whole();
            sum = from.number();
            squares = from.number();
            lagged = from.number();
            lagCount = (int) from.whole();
            numerator = from.number();
            denominator = from.number();
            end = from.whole();
            from.numbers(exponentials);
            from.numbers(exponentialSquares);
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
        count += batch.count;
        sum += batch.sum;
        squares += batch.squares;
        lagged += batch.lagged;
        lagCount += batch.lagCount;
        numerator += batch.numerator;
        denominator += batch.denominator;
        for (int s = 0; s < STREAMS; s++) {
            exponentials[s] += batch.exponentials[s];
            exponentialSquares[s] += batch.exponentialSquares[s];
        }
        if (batch.isFull()) {
            double mean = batch.sum / batch.count;
            batches++;
            batchSum += mean;
            batchSquares += mean * mean;
            partOfLong += mean / BATCHES_IN_LONG;
            if (++batchesOfLong == BATCHES_IN_LONG) {
                longs++;
                longSum += partOfLong;
                longSquares += partOfLong * partOfLong;
                partOfLong = 0;
                batchesOfLong = 0;
            }
        }
        if (hourCount == 0) {
            hourBegan = batch.end;
        }
        hourCount += batch.count;
        hourSum += batch.sum;
        refresh();
        if (batch.end - hourBegan >= HOUR_NANOS && hourCount >= LEAST_IN_HOUR) {
            endHour();
        }
    }

    /** The observations that set the scale: no batch of the usual size. */
    void absorbFirst(Batch first) {
        count = first.count;
        sum = first.sum;
        squares = first.squares;
        lagged = first.lagged;
        lagCount = first.lagCount;
        numerator = first.numerator;
        denominator = first.denominator;
        System.arraycopy(first.exponentials, 0, exponentials, 0, STREAMS);
        System.arraycopy(first.exponentialSquares, 0, exponentialSquares, 0, STREAMS);
        refresh();
    }

    /** The same number of executions that all said 0. */
    void absorbZeros(long zeros) {
        double z = standardised(0);
        count += zeros;
        sum += zeros * z;
        squares += zeros * z * z;
        denominator += zeros;
        for (int s = 0; s < STREAMS; s++) {
            double each = Math.exp(tilt(s) * z);
            exponentials[s] += zeros * each;
            exponentialSquares[s] += zeros * each * each;
        }
        refresh();
    }

    /** Ends from elsewhere, as plain values of the feature: what was ordinary before is so still. */
    void widen(double lowValue, double highValue) {
        low = Math.min(low, (lowValue - centre) / spread - mean());
        high = Math.max(high, (highValue - centre) / spread - mean());
    }

    double lowestValue() {
        return centre + spread * (mean() + low);
    }

    double highestValue() {
        return centre + spread * (mean() + high);
    }

    double mean() {
        return count == 0 ? 0 : sum / count;
    }

    double effect() {
        return effect;
    }

    /** The evidence that one more observation is for a change, in nats: its expectation is below 0 without one. */
    double evidence(int stream, double z) {
        double shifted = stream % 2 == 0 ? z - high : z - low;
        return (tilt(stream) * shifted - bounds[stream]) / effect;
    }

    private void endHour() {
        double deviation = Math.sqrt(Math.max(variance(), 1e-12) * effect / hourCount);
        double off = hourSum / hourCount - mean();
        high = Math.max(high, off - 2 * deviation);
        low = Math.min(low, off + 2 * deviation);
        hourCount = 0;
        hourSum = 0;
    }

    private double variance() {
        double mean = mean();
        return Math.max(0, squares / count - mean * mean);
    }

    private void refresh() {
        double variance = variance();
        double found = 1;
        if (variance > 1e-9) {
            double mean = mean();
            double r = lagCount == 0 ? 0 : Math.max(0, (lagged / lagCount - mean * mean) / variance);
            r = Math.min(0.95, r + 1 / Math.sqrt(count));
            found = (1 + r) / (1 - r);
            if (batches >= LEAST_BATCHES) {
                found = Math.max(found, BATCH * ofMeans(batches, batchSum, batchSquares) / variance);
            }
            if (longs >= LEAST_BATCHES) {
                found = Math.max(found, BATCH * BATCHES_IN_LONG * ofMeans(longs, longSum, longSquares) / variance);
            }
        }
        effect = Math.min(LARGEST_EFFECT, Math.max(1, found));
        for (int s = 0; s < STREAMS; s++) {
            double far = Math.exp(TILTS[s / 2] * CUT);
            double mean = exponentials[s] / count;
            double deviation = Math.sqrt(Math.max(0, exponentialSquares[s] / count - mean * mean) * effect / count);
            bounds[s] = Math.log((exponentials[s] + far) / (count + 1) + MARGIN * deviation);
        }
    }

    private static double ofMeans(double number, double sum, double squares) {
        double mean = sum / number;
        return Math.max(0, squares / number - mean * mean) * number / (number - 1);
    }

    void write(StateText.Writer into) {
        into.add(centre).add(spread).add(low).add(high).add(numerator).add(denominator).add(count);
        into.add(sum).add(squares).add(lagged).add(lagCount).add(exponentials).add(exponentialSquares);
        into.add(batches).add(batchSum).add(batchSquares).add(longs).add(longSum).add(longSquares);
        into.add(partOfLong).add(batchesOfLong).add(hourBegan).add(hourCount).add(hourSum);
    }

    static Reference read(StateText.Reader from) {
        Reference read = new Reference(from.number(), from.number());
        read.low = from.number();
        read.high = from.number();
        read.numerator = from.number();
        read.denominator = from.number();
        read.count = from.whole();
        read.sum = from.number();
        read.squares = from.number();
        read.lagged = from.number();
        read.lagCount = from.number();
        from.numbers(read.exponentials);
        from.numbers(read.exponentialSquares);
        read.batches = from.number();
        read.batchSum = from.number();
        read.batchSquares = from.number();
        read.longs = from.number();
        read.longSum = from.number();
        read.longSquares = from.number();
        read.partOfLong = from.number();
        read.batchesOfLong = from.number();
        read.hourBegan = from.whole();
        read.hourCount = from.number();
        read.hourSum = from.number();
        if (read.count > 0) {
            read.refresh();
        }
        return read;
    }
}
