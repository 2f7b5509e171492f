package dev.scepsy.planner.detect;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
 * the factors for correlated neighbours, which is right for Gaussian sequences with summable correlations, by experiment for others. Where
 * several references are known (day and night), the least evidence counts.
 *
 * <p>The first {@value #FIRST} observations set the scale. Later ones join the reference in batches as large as it is, {@value #LARGEST_BATCH} at most, each
 * when the next is full and nothing is suspected (W &lt; {@value #SUSPICION} h), until it is frozen: so a change is judged by what was before it.
 *
 * <p>Not thread-safe.
 */
final class Watch {

    static final int FIRST = 30;

    private static final int LARGEST_BATCH = 128;
    private static final int STEP = 16;
    private static final double SUSPICION = 0.25;
    private static final int MOST_KEPT = 3;

    private final double leastSpread;
    private double[] first = new double[3 * FIRST];
    private int firsts;
    private double firstNumerator;
    private double firstDenominator;
    private @Nullable Reference reference;
    private final List<Reference> kept = new ArrayList<>(0);
    private Reference.@Nullable Batch waiting;
    private Reference.@Nullable Batch filling;
    private boolean frozen;
    private final double[] evidence = new double[Reference.STREAMS];
    private final double[] counts = new double[Reference.STREAMS];
    private final double[] numerators = new double[Reference.STREAMS];
    private final double[] denominators = new double[Reference.STREAMS];
    private final double[] values = new double[Reference.STREAMS];
    private final long[] since = new long[Reference.STREAMS];

    Watch(double leastSpread) {
        this.leastSpread = leastSpread;
    }

    /** What {@code earlier} took for ordinary is so still, whatever the new reference will say. */
    void keep(Watch earlier) {
        for (Reference each : earlier.references()) {
            if (kept.size() < MOST_KEPT) {
                kept.add(each);
            }
        }
    }

    private List<Reference> references() {
        List<Reference> all = new ArrayList<>(kept);
        if (reference != null) {
            all.add(reference);
        }
        return all;
    }

    /** A number that was 0 so many times. */
    void startWithZeros(long zeros) {
        Reference started = Reference.of(0, leastSpread, new double[1]);
        started.absorbZeros(zeros);
        reference = started;
        first = new double[0];
    }

    void freeze() {
        frozen = true;
        waiting = null;
        filling = null;
    }

    /** Takes one observation; {@code threshold} is h, {@code effect} τ. */
    void take(Feature.Observation observed, long epochNanos, double threshold, double effect) {
        Reference known = reference;
        if (known == null) {
            learnFirst(observed, epochNanos);
            return;
        }
        double z = known.standardised(observed.value);
        double largest = 0;
        for (int s = 0; s < Reference.STREAMS; s++) {
            double step = known.evidence(s, z);
            for (int i = 0; i < kept.size(); i++) {
                Reference other = kept.get(i);
                step = Math.min(step, other.evidence(s, other.standardised(observed.value)));
            }
            double next = evidence[s] + step / effect;
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
            learn(known, z, observed, epochNanos, largest < SUSPICION * threshold);
        }
    }

    /** Takes what concerns the estimate alone. */
    void sums(Feature.Observation observed) {
        if (reference == null) {
            firstNumerator += observed.numerator;
            firstDenominator += observed.denominator;
            return;
        }
        for (int s = 0; s < Reference.STREAMS; s++) {
            if (counts[s] > 0) {
                numerators[s] += observed.numerator;
                denominators[s] += observed.denominator;
            }
        }
        if (filling != null) {
            filling.addSums(observed.numerator, observed.denominator);
        }
    }

    private void learn(Reference known, double z, Feature.Observation observed, long epochNanos, boolean calm) {
        Reference.Batch batch = filling == null ? new Reference.Batch() : filling;
        filling = batch;
        batch.add(z, observed, epochNanos, known);
        double wanted = Math.min(LARGEST_BATCH, Math.ceil(known.count() / STEP) * STEP);
        if (batch.count() < wanted) {
            return;
        }
        if (waiting != null && !calm) {
            waiting.add(batch);
        } else {
            if (waiting != null) {
                known.absorb(waiting);
            }
            waiting = batch;
        }
        filling = null;
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
        double[] values = new double[FIRST];
        for (int i = 0; i < FIRST; i++) {
            values[i] = first[3 * i];
        }
        Reference started = Reference.of(mean, Math.max(leastSpread, Math.sqrt(squares)), values);
        Reference.Batch all = new Reference.Batch();
        Feature.Observation each = new Feature.Observation();
        for (int i = 0; i < FIRST; i++) {
            each.numerator = first[3 * i + 1];
            each.denominator = first[3 * i + 2];
            all.add(started.standardised(first[3 * i]), each, epochNanos, started);
        }
        all.addSums(firstNumerator, firstDenominator);
        started.absorb(all);
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
        return known().estimate();
    }

    Reference known() {
        if (reference == null) {
            throw new IllegalStateException("There is no reference before " + FIRST + " observations.");
        }
        return reference;
    }

    /** Design effect; 1 where nothing is known. */
    double effect() {
        return reference == null ? 1 : reference.effect();
    }

    /** Begins anew where there is more evidence than that. */
    void resetAbove(double most) {
        for (int s = 0; s < Reference.STREAMS; s++) {
            if (evidence[s] > most) {
                reset(s);
            }
        }
    }

    void reset(int stream) {
        evidence[stream] = 0;
        counts[stream] = 0;
        numerators[stream] = 0;
        denominators[stream] = 0;
        values[stream] = 0;
    }

    void write(StateText.Writer into) {
        into.add(frozen ? 1 : 0).add(kept.size());
        kept.forEach(each -> each.write(into));
        into.add(reference == null ? firsts : -1);
        if (reference == null) {
            into.add(firstNumerator).add(firstDenominator).add(Arrays.copyOf(first, 3 * firsts));
            return;
        }
        reference.write(into);
        for (int s = 0; s < Reference.STREAMS; s++) {
            into.add(counts[s]);
            if (counts[s] > 0) {
                into.add(evidence[s])
                        .add(numerators[s])
                        .add(denominators[s])
                        .add(values[s])
                        .add(since[s]);
            }
        }
        write(waiting, into);
        write(filling, into);
    }

    private static void write(Reference.@Nullable Batch batch, StateText.Writer into) {
        into.add(batch == null ? 0 : 1);
        if (batch != null) {
            batch.write(into);
        }
    }

    static Watch read(StateText.Reader from, double leastSpread) {
        Watch read = new Watch(leastSpread);
        read.frozen = from.whole() == 1;
        int kept = from.count();
        for (int i = 0; i < kept; i++) {
            read.kept.add(Reference.read(from));
        }
        long firsts = from.whole();
        if (firsts >= FIRST) {
            throw new IllegalArgumentException("The state holds " + firsts + " first observations: it is damaged.");
        }
        if (firsts >= 0) {
            read.firstNumerator = from.number();
            read.firstDenominator = from.number();
            double[] seen = new double[3 * (int) firsts];
            from.numbers(seen);
            System.arraycopy(seen, 0, read.first, 0, seen.length);
            read.firsts = (int) firsts;
            return read;
        }
        read.reference = Reference.read(from);
        read.first = new double[0];
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
        read.waiting = readBatch(from);
        read.filling = readBatch(from);
        return read;
    }

    private static Reference.@Nullable Batch readBatch(StateText.Reader from) {
        if (from.whole() == 0) {
            return null;
        }
        Reference.Batch batch = new Reference.Batch();
        batch.read(from);
        return batch;
    }
}
