package dev.scepsy.planner.detect;

import dev.scepsy.planner.stat.ReadableNumber;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Notices that one of a model's engines has become slower than its siblings, which share its load and so tell what the load explains.
 *
 * <pre>
 * ratio = seconds of the engine / median of the seconds of the others, of the same moment; watched: ln ratio ({@link Watch})
 * told where the evidence is above {@value #EVIDENCE} nats and the ratio has grown by {@value #SLOW} or more;
 * or where the ratio of the first {@value Watch#FIRST} samples is above {@value #SLOW_FROM_THE_START} already
 * </pre>
 *
 * Seconds are best per output token, which depends on load and place but little on requests. An engine without siblings is compared with the
 * prediction, if there is one; else with itself, and must then be {@value #SLOW_ALONE} times slower, because load may explain less. Its knowledge is of minutes: after a restart
 * it is learned anew. Not thread-safe; reads no clock.
 */
public final class SlowEngineDetector {

    static final double EVIDENCE = 16.5;
    static final double SLOW = 1.3;
    static final double SLOW_FROM_THE_START = 1.6;
    static final double SLOW_ALONE = 2;

    private static final double LEAST_SPREAD = 0.1;
    private static final int BEFORE_FREEZE = 720;

    private final String model;
    private final Map<String, Watched> engines = new TreeMap<>();

    private static final class Watched {
        Watch watch = new Watch(LEAST_SPREAD);
        int samples;
        boolean told;
        long first;
    }

    /** What one engine said at one moment: mean seconds per output token, or per request, above 0, of requests it finished since the last. */
    public record Sample(String engine, double seconds) {
        public Sample {
            if (!(seconds > 0)) {
                throw new IllegalArgumentException(
                        "The seconds (" + seconds + ") of engine (" + engine + ") must be above 0.");
            }
        }
    }

    public SlowEngineDetector(String model) {
        this.model = model;
    }

    /** Another plan serves now. */
    public void planned() {
        engines.clear();
    }

    /**
     * Takes what the model's engines said of one moment.
     *
     * @param samples of those that finished requests, one each
     * @param predictedSeconds of the same kind; used where an engine has no siblings
     */
    public List<Change.Cluster> take(long epochNanos, List<Sample> samples, OptionalDouble predictedSeconds) {
        List<Change.Cluster> changes = new ArrayList<>();
        for (Sample sample : samples) {
            OptionalDouble others = median(samples, sample.engine());
            boolean alone = others.isEmpty();
            double reference = others.orElse(predictedSeconds.orElse(1));
            boolean itself = alone && predictedSeconds.isEmpty();
            slow(epochNanos, sample, sample.seconds() / reference, itself).ifPresent(changes::add);
        }
        return changes;
    }

    private Optional<Change.Cluster> slow(long epochNanos, Sample sample, double ratio, boolean itself) {
        Watched engine = engines.computeIfAbsent(sample.engine(), any -> new Watched());
        if (engine.samples++ == 0) {
            engine.first = epochNanos;
        }
        Feature.Observation observation = new Feature.Observation();
        observation.value = Math.log(ratio);
        observation.numerator = ratio;
        observation.denominator = 1;
        engine.watch.take(observation, epochNanos, EVIDENCE, engine.watch.effect());
        if (!engine.watch.isReady()) {
            return Optional.empty();
        }
        if (engine.samples == BEFORE_FREEZE) {
            engine.watch.freeze();
        }
        int stream = engine.watch.strongest();
        double before = engine.watch.before();
        if (!engine.told && !itself && engine.samples == Watch.FIRST && before > SLOW_FROM_THE_START) {
            engine.told = true;
            return Optional.of(told(sample, before, 1, Epoch.instant(engine.first), Watch.FIRST, 0));
        }
        if (engine.watch.evidence(stream) <= EVIDENCE) {
            return Optional.empty();
        }
        double after = engine.watch.after(stream);
        boolean slower = after > before * (itself ? SLOW_ALONE : SLOW);
        Optional<Change.Cluster> change = slower
                ? Optional.of(told(
                        sample,
                        after,
                        before,
                        Epoch.instant(engine.watch.since(stream)),
                        engine.watch.count(stream),
                        engine.watch.evidence(stream)))
                : Optional.empty();
        boolean changed = slower || after * SLOW < before;
        if (changed) {
            engine.watch = new Watch(LEAST_SPREAD);
            engine.samples = 0;
            engine.told = slower;
        } else {
            engine.watch.reset(stream);
        }
        return change;
    }

    private Change.Cluster told(
            Sample sample, double ratio, double before, java.time.Instant since, double samples, double evidence) {
        return new Change.Cluster(
                Change.Difference.ENGINE_SLOW,
                sample.engine(),
                model,
                since,
                "Engine " + sample.engine() + " of " + model + " takes " + ReadableNumber.of(ratio / before, 3)
                        + " times as long as " + (before == 1 ? "its siblings or the prediction" : "it did beside them")
                        + ", in the last " + (long) samples + " samples.",
                Map.of(
                        "ratioBefore", before,
                        "ratioAfter", ratio,
                        "secondsNow", sample.seconds(),
                        "samples", samples,
                        "evidenceNats", evidence));
    }

    private static OptionalDouble median(List<Sample> samples, String but) {
        double[] others = samples.stream()
                .filter(each -> !each.engine().equals(but))
                .mapToDouble(Sample::seconds)
                .sorted()
                .toArray();
        int n = others.length;
        return n == 0 ? OptionalDouble.empty() : OptionalDouble.of((others[(n - 1) / 2] + others[n / 2]) / 2);
    }
}
