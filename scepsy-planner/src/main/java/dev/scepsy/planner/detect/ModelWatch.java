package dev.scepsy.planner.detect;

import dev.scepsy.planner.share.ModelPart;
import org.jspecify.annotations.Nullable;

/** All that is watched of one model of a workflow. Not thread-safe. */
final class ModelWatch {

    static final Feature[] FEATURES = Feature.values();

    private final Feature.Observation observation = new Feature.Observation();
    private final Watch[] watches = new Watch[FEATURES.length];

    ModelWatch() {
        for (Feature feature : FEATURES) {
            watches[feature.ordinal()] = new Watch(feature.leastSpread);
        }
    }

    /** Of a model that {@code zeros} executions did not call. */
    static ModelWatch unknownBefore(long zeros) {
        ModelWatch started = new ModelWatch();
        for (Feature feature : FEATURES) {
            if (feature.isZeroWithoutCalls() && zeros >= Watch.FIRST) {
                started.watches[feature.ordinal()].startWithZeros(zeros);
            }
        }
        return started;
    }

    Watch watch(Feature feature) {
        return watches[feature.ordinal()];
    }

    /** Takes one execution's part; null: none. {@code thresholds} by feature. */
    void take(@Nullable ModelPart part, long allCallNanos, long epochNanos, double[] thresholds) {
        for (Feature feature : FEATURES) {
            if (feature.observe(part, allCallNanos, observation)) {
                watches[feature.ordinal()].take(observation, epochNanos, thresholds[feature.ordinal()]);
            }
        }
    }

    void freeze(long leastObservations) {
        for (Watch watch : watches) {
            if (watch.isReady() && watch.known().count >= leastObservations) {
                watch.freeze();
            }
        }
    }

    /** The lowest and highest ordinary value of each feature; not finite where nothing is known. */
    double[] ordinary() {
        double[] ends = new double[2 * FEATURES.length];
        for (Feature feature : FEATURES) {
            Watch watch = watch(feature);
            boolean known = watch.isReady();
            ends[2 * feature.ordinal()] = known ? watch.known().lowestValue() : Double.POSITIVE_INFINITY;
            ends[2 * feature.ordinal() + 1] = known ? watch.known().highestValue() : Double.NEGATIVE_INFINITY;
        }
        return ends;
    }

    void keep(double[] ordinary) {
        for (Feature feature : FEATURES) {
            double low = ordinary[2 * feature.ordinal()];
            double high = ordinary[2 * feature.ordinal() + 1];
            if (low <= high) {
                watch(feature).keep(low, high);
            }
        }
    }

    void write(StateText.Writer into) {
        for (Watch watch : watches) {
            watch.write(into);
        }
    }

    static ModelWatch read(StateText.Reader from) {
        ModelWatch read = new ModelWatch();
        for (Feature feature : FEATURES) {
            read.watches[feature.ordinal()] = Watch.read(from, feature.leastSpread);
        }
        return read;
    }
}
