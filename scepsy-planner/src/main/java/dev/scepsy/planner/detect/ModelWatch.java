package dev.scepsy.planner.detect;

import dev.scepsy.planner.share.ModelPart;
import org.jspecify.annotations.Nullable;

/** All that is watched of one model of a workflow. Not thread-safe. */
final class ModelWatch {

    static final Feature[] FEATURES = Feature.values();

    /** Executions over which the others' time is averaged. */
    private static final double OTHERS = 16;

    private double othersLogNanos;
    private double othersSeen;
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
        double ordinary = othersSeen < OTHERS ? Double.NaN : othersLogNanos;
        for (Feature feature : FEATURES) {
            Watch watch = watches[feature.ordinal()];
            switch (feature.observe(part, whole, ordinary, observation)) {
                case ALL -> watch.take(observation, epochNanos, thresholds[feature.ordinal()], effect);
                case SUMS -> watch.sums(observation);
                case NOTHING -> {}
            }
        }
        learnOthers(part, whole);
    }

    /** An execution that calls only this model says something of its share beside what the others took where they were called. */
    private void learnOthers(@Nullable ModelPart part, Feature.Whole whole) {
        long others = whole.callNanos - (part == null ? 0 : part.callNanos());
        if (others > 0) {
            othersSeen = Math.min(OTHERS, othersSeen + 1);
            othersLogNanos += (Math.log(others) - othersLogNanos) / othersSeen;
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
        into.add(othersLogNanos).add(othersSeen);
        for (Watch watch : watches) {
            watch.write(into);
        }
    }

    static ModelWatch read(StateText.Reader from) {
        ModelWatch read = new ModelWatch();
        read.othersLogNanos = from.number();
        read.othersSeen = from.number();
        for (Feature feature : FEATURES) {
            read.watches[feature.ordinal()] = Watch.read(from, feature.leastSpread);
        }
        return read;
    }
}
