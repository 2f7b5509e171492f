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
    void take(@Nullable ModelPart part, Feature.Whole whole, long epochNanos, double[] thresholds) {
        double effect = 1;
        for (Watch watch : watches) {
            effect = Math.max(effect, watch.effect());
        }
        for (Feature feature : FEATURES) {
            Watch watch = watches[feature.ordinal()];
            switch (feature.observe(part, whole, observation)) {
                case ALL -> watch.take(observation, epochNanos, thresholds[feature.ordinal()], effect);
                case SUMS -> watch.sums(observation);
                case NOTHING -> {}
            }
        }
    }

    void freeze(long leastObservations) {
        for (Watch watch : watches) {
            if (watch.isReady() && watch.known().count() >= leastObservations) {
                watch.freeze();
            }
        }
    }

    /** What {@code earlier} took for ordinary is so still. */
    void keep(ModelWatch earlier) {
        for (Feature feature : FEATURES) {
            watch(feature).keep(earlier.watch(feature));
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
