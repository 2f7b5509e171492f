package dev.scepsy.planner.detect;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Watches one number for a lasting change of its mean, without knowing its distribution.
 *
 * <pre>
 * W_k ← max(0, W_k) + (θ_k (z − end) − Λ(θ_k)) / τ        for every tilt θ_k, up and down; a change where W_k &gt; h
 * </pre>
 *
 * e^W is an e-CUSUM: e-values multiplied from the best beginning on (J. Shin, A. Ramdas, A. Rinaldo, E-detectors: a nonparametric framework for
 * sequential change detection, New England Journal of Statistics in Data Science, 2024). If every factor has expectation 1 at most, the mean
 * time to a false alarm of one stream is e^h at least, at any distribution. θ, Λ, τ and the ends are those of {@link Reference}. τ tempers
 * the factors for correlated neighbours, which is right for Gaussian sequences with summable correlations, by experiment for others.
 *
 * <p>The first {@value #FIRST} observations set the scale. Later ones join the reference 16 at a time, when at least {@value #HELD} more batches
 * have come after them without suspicion (W &gt; {@value #SUSPICION} h), until it is frozen: so that a change is judged by what was before it.
 *
 * <p>Not thread-safe.
 */
final class Watch {

    static final int FIRST = 30;

    private static final int HELD = 4;
    private static final double SUSPICION = 0.4;

    private final double leastSpread;
    private double[] first = new double[3 * FIRST];
    private int firsts;
    private @Nullable Reference reference;
    private final Deque<Reference.Batch> held = new ArrayDeque<>();
    private Reference.Batch batch = new Reference.Batch();
    private double before;
    private boolean hasBefore;
    private boolean frozen;
    private double keptLow = Double.POSITIVE_INFINITY;
    private double keptHigh = Double.NEGATIVE_INFINITY;
    private final double[] evidence = new double[Reference.STREAMS];
    private final double[] counts = new double[Reference.STREAMS];
    private final double[] numerators = new double[Reference.STREAMS];
    private final double[] denominators = new double[Reference.STREAMS];
    private final double[] values = new double[Reference.STREAMS];
    private final long[] since = new long[Reference.STREAMS];

    Watch(double leastSpread) {
        this.leastSpread = leastSpread;
    }

    /** Values of the feature that are ordinary whatever the new reference will say. */
    void keep(double low, double high) {
        keptLow = Math.min(keptLow, low);
        keptHigh = Math.max(keptHigh, high);
        if (reference != null) {
            reference.widen(keptLow, keptHigh);
        }
    }

    /** A number that was 0 so many times. */
    void startWithZeros(long zeros) {
        reference = new Reference(0, leastSpread);
        reference.absorbZeros(zeros);
        first = new double[0];
    }

    void freeze() {
        frozen = true;
        held.clear();
        batch = new Reference.Batch();
    }

    /** Takes one observation; {@code threshold} is h. */
    void take(Feature.Observation observed, long epochNanos, double threshold) {
        if (reference == null) {
            learnFirst(observed, epochNanos);
            return;
        }
        double z = reference.standardised(observed.value);
        double largest = 0;
        for (int s = 0; s < Reference.STREAMS; s++) {
            double next = evidence[s] + reference.evidence(s, z);
            if (next <= 0) {
                if (counts[s] > 0) {
                    reset(s);
                }
                continue;
            }
            if (counts[s] == 0) {
                since[s] = epochNanos;
            }
            evidence[s] = next;
            counts[s]++;
            numerators[s] += observed.numerator;
            denominators[s] += observed.denominator;
            values[s] += observed.value;
            largest = Math.max(largest, next);
        }
        if (!frozen) {
            batch.add(z, before, hasBefore, observed, epochNanos);
            if (batch.isFull()) {
                held.add(batch);
                batch = new Reference.Batch();
                if (held.size() > HELD) {
                    Reference.Batch oldest = held.remove();
                    if (largest < SUSPICION * threshold) {
                        reference.absorb(oldest);
                    }
                }
            }
            before = z;
            hasBefore = true;
        }
    }

    private void learnFirst(Feature.Observation observed, long epochNanos) {
        first[3 * firsts] = observed.value;
        first[3 * firsts + 1] = observed.numerator;
        first[3 * firsts + 2] = observed.denominator;
        if (++firsts < FIRST) {
            return;
        }
        double mean = 0;
        for (int i = 0; i < FIRST; i++) {
            mean += first[3 * i] / FIRST;
        }
        double squares = 0;
        for (int i = 0; i < FIRST; i++) {
            squares += (first[3 * i] - mean) * (first[3 * i] - mean) / (FIRST - 1);
        }
        Reference started = new Reference(mean, Math.max(leastSpread, Math.sqrt(squares)));
        Reference.Batch all = new Reference.Batch();
        Feature.Observation each = new Feature.Observation();
        double last = 0;
        for (int i = 0; i < FIRST; i++) {
            each.numerator = first[3 * i + 1];
            each.denominator = first[3 * i + 2];
            double z = started.standardised(first[3 * i]);
            all.add(z, last, i > 0, each, epochNanos);
            last = z;
        }
        started.absorbFirst(all);
        if (keptLow <= keptHigh) {
            started.widen(keptLow, keptHigh);
        }
        reference = started;
        first = new double[0];
    }

    boolean isReady() {
        return reference != null;
    }

    /** The stream with the most evidence. */
    int strongest() {
        int best = 0;
        for (int s = 1; s < Reference.STREAMS; s++) {
            if (evidence[s] > evidence[best]) {
                best = s;
            }
        }
        return best;
    }

    double evidence(int stream) {
        return evidence[stream];
    }

    /** The estimate since a stream's evidence began. */
    double after(int stream) {
        return denominators[stream] > 0 ? numerators[stream] / denominators[stream] : 0;
    }

    /** Mean of the feature since then. */
    double valueAfter(int stream) {
        return counts[stream] > 0 ? values[stream] / counts[stream] : 0;
    }

    long since(int stream) {
        return since[stream];
    }

    double count(int stream) {
        return counts[stream];
    }

    /** The estimate of the reference. */
    double before() {
        Reference known = known();
        return known.denominator > 0 ? known.numerator / known.denominator : 0;
    }

    Reference known() {
        if (reference == null) {
            throw new IllegalStateException("There is no reference before " + FIRST + " observations.");
        }
        return reference;
    }

    void reset(int stream) {
        evidence[stream] = 0;
        counts[stream] = 0;
        numerators[stream] = 0;
        denominators[stream] = 0;
        values[stream] = 0;
    }

    void write(StateText.Writer into) {
        into.add(frozen ? 1 : 0).add(keptLow <= keptHigh ? 1 : 0);
        if (keptLow <= keptHigh) {
            into.add(keptLow).add(keptHigh);
        }
        into.add(reference == null ? firsts : -1);
        if (reference == null) {
            into.add(Arrays.copyOf(first, 3 * firsts));
            return;
        }
        reference.write(into);
        into.add(hasBefore ? 1 : 0).add(before);
        for (int s = 0; s < Reference.STREAMS; s++) {
            into.add(counts[s]);
            if (counts[s] > 0) {
                into.add(evidence[s]).add(numerators[s]).add(denominators[s]).add(values[s]).add(since[s]);
            }
        }
        into.add(held.size());
        held.forEach(each -> each.write(into));
        batch.write(into);
    }

    static Watch read(StateText.Reader from, double leastSpread) {
        Watch read = new Watch(leastSpread);
        read.frozen = from.whole() == 1;
        if (from.whole() == 1) {
            read.keptLow = from.number();
            read.keptHigh = from.number();
        }
        int firsts = (int) from.whole();
        if (firsts >= FIRST) {
            throw new IllegalArgumentException("The state holds " + firsts + " first observations: it is damaged.");
        }
        if (firsts >= 0) {
            double[] seen = new double[3 * firsts];
            from.numbers(seen);
            System.arraycopy(seen, 0, read.first, 0, seen.length);
            read.firsts = firsts;
            return read;
        }
        read.reference = Reference.read(from);
        read.first = new double[0];
        read.hasBefore = from.whole() == 1;
        read.before = from.number();
        for (int s = 0; s < Reference.STREAMS; s++) {
            read.counts[s] = from.number();
            if (read.counts[s] > 0) {
                read.evidence[s] = from.number();
                read.numerators[s] = from.number();
                read.denominators[s] = from.number();
                read.values[s] = from.number();
                read.since[s] = from.whole();
            }
        }
        int held = from.count();
        for (int i = 0; i < held; i++) {
            Reference.Batch each = new Reference.Batch();
            each.read(from);
            read.held.add(each);
        }
        read.batch.read(from);
        return read;
    }
}
