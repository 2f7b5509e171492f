package dev.scepsy.planner.detect;

import dev.scepsy.planner.share.Drift;
import dev.scepsy.planner.share.ModelPart;
import dev.scepsy.planner.stat.ReadableNumber;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Notices that one workflow asks its models for something else than it did: calls per execution, tokens per call, parallelism, sequential
 * calls, share of the execution time, models that are new or gone. Executions are fed one at a time in order of their ends; the first
 * {@value Watch#FIRST} of them, and those that follow without suspicion for a day, are the reference.
 *
 * <p>A change is told when it is significant ({@link Watch}: evidence above a threshold h) and large ({@link Drift#LARGE_RELATIVE_CHANGE},
 * {@link Drift#LARGE_SHARE_CHANGE}) and of a model with {@value #LEAST_SHARE} of the execution time or more before or after (one that comes or goes:
 * {@link Drift#LARGE_SHARE_CHANGE}):
 *
 * <pre>
 * h = ln(A) + ln(streams of the feature / its part of the false alarms),   A = max({@value #LEAST_RUN}, {@value #QUIET_HOURS} h · executions per hour)
 * </pre>
 *
 * so that the expected time to a false alarm of the whole workflow is {@value #QUIET_HOURS} hours at least where executions are exchangeable, however
 * they are distributed. The bound is loose: distributions for which it is tight do not occur, and what is significant must also be large. By
 * experiment it is beyond 10,000 hours (docs/reference/service/detection.md). A model that no execution of the reference called is told at the second execution that calls it within {@value #NEW_WITHIN}, if its share
 * since the first is large; one that comes once is known from then on.
 *
 * <p>After a change the reference is learned anew. If within {@value #RETURN_HOURS} hours the workflow goes back to what it was before, that is told once
 * more; from then on both are ordinary, as by day and by night.
 *
 * <p>Not thread-safe; reads no clock. {@link #state} and {@link #restored} carry it over a restart.
 */
public final class DriftDetector {

    static final String STATE = "scepsy.drift.2";
    static final double LEAST_SHARE = 0.005;
    static final double QUIET_HOURS = 200;
    static final double LEAST_RUN = 6_000;
    static final int NEW_WITHIN = 20;
    static final int LEAST_NEW_WITHIN = 3;
    static final int RETURN_HOURS = 72;

    private static final double NANOS_PER_HOUR = 3.6e12;
    private static final double HOURS_OF_REFERENCE = 24;
    private static final long EXECUTIONS_OF_REFERENCE = 1_000;
    private static final long FREEZE_LEAST = 300;
    private static final double HALF = 0.5;
    private static final int RATE_EVERY = 256;

    private final String workflow;
    private final Map<String, ModelWatch> models = new TreeMap<>();
    private final Map<String, Newcomer> newcomers = new TreeMap<>();
    private final double[] thresholds = new double[ModelWatch.FEATURES.length];
    private Map<String, ModelWatch> remembered = new TreeMap<>();
    private long rememberedAt;
    private long executions;
    private long began;
    private double run = LEAST_RUN;
    private boolean frozen;

    /** A model that was called for the first time. */
    private static final class Newcomer {
        final long first;
        final long since;
        double calls;
        double nanos;
        double all;
        int appearances;

        Newcomer(long first, long since) {
            this.first = first;
            this.since = since;
        }

        /** Executions within which it must come again: with a short reference, a rare model is likely to be missing. */
        long within() {
            return Math.max(LEAST_NEW_WITHIN, Math.min(NEW_WITHIN, first / 10));
        }
    }

    /** What exceeds its threshold, or half of it. */
    private record Found(String model, Feature feature, int stream, double evidence, Watch watch) {}

    /** For the workflow that is shown as {@code workflow}. */
    public DriftDetector(String workflow) {
        this.workflow = workflow;
    }

    /** Executions since the reference was begun. */
    public long executions() {
        return executions;
    }

    /** Whether enough is known to notice a change. */
    public boolean isReady() {
        return executions >= Watch.FIRST;
    }

    /**
     * Learns the reference anew, as after a plan was applied: times, and with them shares, are others then. Names of models stay known.
     */
    public void restart() {
        remembered = new TreeMap<>();
        begin();
    }

    /**
     * Takes one complete execution.
     *
     * @param endEpochNanos end of its root; an earlier one than the last is taken as it comes
     * @param parts what it asked of each model, none twice
     * @return the change that it completes the evidence for
     */
    public Optional<Change.Drift> take(long endEpochNanos, List<ModelPart> parts) {
        if (executions == 0) {
            began = endEpochNanos;
        }
        Feature.Whole all = Feature.Whole.of(parts);
        for (ModelPart part : parts) {
            if (!models.containsKey(part.model()) && !newcomers.containsKey(part.model())) {
                if (isReady()) {
                    newcomers.put(part.model(), new Newcomer(executions, endEpochNanos));
                } else {
                    models.put(part.model(), learned(executions));
                    setThresholds();
                }
            }
        }
        if (executions % RATE_EVERY == 0) {
            double hours = (endEpochNanos - began) / NANOS_PER_HOUR;
            run = hours > 0 ? Math.max(LEAST_RUN, QUIET_HOURS * executions / Math.max(1, hours)) : LEAST_RUN;
            setThresholds();
        }
        executions++;
        for (Map.Entry<String, ModelWatch> model : models.entrySet()) {
            model.getValue().take(part(parts, model.getKey()), all, endEpochNanos, thresholds);
        }
        if (!frozen
                && executions >= EXECUTIONS_OF_REFERENCE
                && endEpochNanos - began >= HOURS_OF_REFERENCE * NANOS_PER_HOUR) {
            frozen = true;
        }
        if (frozen && executions % RATE_EVERY == 0) {
            models.values().forEach(model -> model.freeze(FREEZE_LEAST));
        }
        Optional<Change.Drift> appeared = newcomers.isEmpty() ? Optional.empty() : newcomer(parts, all.callNanos);
        Optional<Change.Drift> change = appeared.isPresent() ? appeared : changed();
        return change.map(found -> {
            learnAnew(found, endEpochNanos);
            return found;
        });
    }

    /** A model of the first executions counts as not called by those before. */
    private static ModelWatch learned(long before) {
        ModelWatch started = new ModelWatch();
        for (long i = 0; i < before; i++) {
            started.take(null, new Feature.Whole(), 0, new double[ModelWatch.FEATURES.length]);
        }
        return started;
    }

    private Optional<Change.Drift> newcomer(List<ModelPart> parts, long all) {
        for (var each : List.copyOf(newcomers.entrySet())) {
            Newcomer newcomer = each.getValue();
            ModelPart part = part(parts, each.getKey());
            newcomer.all += all;
            if (part != null) {
                newcomer.appearances++;
                newcomer.calls += part.calls();
                newcomer.nanos += part.callNanos();
            }
            long seen = executions - newcomer.first;
            double share = newcomer.all > 0 ? newcomer.nanos / newcomer.all : 0;
            if (newcomer.appearances > 1 && seen <= newcomer.within() && share >= Drift.LARGE_SHARE_CHANGE) {
                double calls = newcomer.calls / seen;
                Map<String, Double> evidence = new TreeMap<>();
                evidence.put("callsPerExecutionBefore", 0.0);
                evidence.put("callsPerExecutionAfter", calls);
                evidence.put("executionShareAfter", share);
                evidence.put("executionsSince", (double) seen);
                evidence.put("executionsOfReference", (double) newcomer.first);
                return Optional.of(new Change.Drift(
                        workflow,
                        each.getKey(),
                        Feature.CALLS.key,
                        0,
                        calls,
                        Epoch.instant(newcomer.since),
                        workflow + " calls " + each.getKey() + ", which none of the " + newcomer.first
                                + " executions before did: " + number(calls) + " calls per execution and "
                                + number(100 * share) + " % of the execution time in the last " + seen + ".",
                        evidence));
            }
            if (seen >= newcomer.within()) {
                newcomers.remove(each.getKey());
                models.put(each.getKey(), ModelWatch.unknownBefore(executions));
                setThresholds();
            }
        }
        return Optional.empty();
    }

    private Optional<Change.Drift> changed() {
        boolean any = false;
        for (ModelWatch model : models.values()) {
            for (Feature feature : ModelWatch.FEATURES) {
                Watch watch = model.watch(feature);
                double threshold = thresholds[feature.ordinal()];
                if (watch.evidence(watch.strongest()) > threshold) {
                    if (strongestOfLarge(model, feature, threshold) >= 0) {
                        any = true;
                    } else {
                        watch.resetAbove(threshold);
                    }
                }
            }
        }
        return any ? Optional.of(told()) : Optional.empty();
    }

    /** Of the streams with more evidence than that whose estimate is largely another, the one with the most; -1 if there is none. */
    private int strongestOfLarge(ModelWatch model, Feature feature, double least) {
        Watch watch = model.watch(feature);
        int strongest = -1;
        for (int stream = 0; stream < Reference.STREAMS; stream++) {
            double evidence = watch.evidence(stream);
            if (evidence > least
                    && (strongest < 0 || evidence > watch.evidence(strongest))
                    && isLarge(model, feature, watch, stream)) {
                strongest = stream;
            }
        }
        return strongest;
    }

    private boolean isLarge(ModelWatch model, Feature feature, Watch watch, int stream) {
        double before = watch.before();
        double after = watch.after(stream);
        if (!feature.isLarge(before, after) || after > before != Reference.isUpward(stream)) {
            return false;
        }
        Watch shares = model.watch(Feature.EXECUTION_SHARE);
        boolean comesOrGoes = before == 0 || after == 0;
        if (!shares.isReady()) {
            // called too rarely to have a share: what is called in one of twenty executions counts
            return Math.max(before, after) >= Drift.LARGE_SHARE_CHANGE;
        }
        double share = Math.max(shares.before(), shares.after(shares.strongest()));
        return share >= (comesOrGoes ? Drift.LARGE_SHARE_CHANGE : LEAST_SHARE);
    }

    private Change.Drift told() {
        List<Found> found = new ArrayList<>();
        models.forEach((name, model) -> {
            for (Feature feature : ModelWatch.FEATURES) {
                int stream = strongestOfLarge(model, feature, HALF * thresholds[feature.ordinal()]);
                if (stream >= 0) {
                    Watch watch = model.watch(feature);
                    found.add(new Found(name, feature, stream, watch.evidence(stream), watch));
                }
            }
        });
        found.sort(Comparator.comparing(Found::feature).thenComparing(each -> -each.evidence()));
        Found cause = found.get(0);
        Map<String, Double> evidence = new TreeMap<>();
        for (Found each : found) {
            String prefix = each.equals(cause) ? "" : each.model() + ".";
            evidence.put(prefix + each.feature().key + "Before", each.watch().before());
            evidence.put(prefix + each.feature().key + "After", each.watch().after(each.stream()));
        }
        Watch watch = cause.watch();
        double before = watch.before();
        double after = watch.after(cause.stream());
        evidence.put("executionsSince", watch.count(cause.stream()));
        evidence.put("executionsOfReference", watch.known().count());
        evidence.put("evidenceNats", cause.evidence());
        evidence.put("thresholdNats", thresholds[cause.feature().ordinal()]);
        evidence.put("designEffect", watch.known().effect());
        return new Change.Drift(
                workflow,
                cause.model(),
                cause.feature().key,
                before,
                after,
                Epoch.instant(watch.since(cause.stream())),
                sentence(cause, before, after),
                evidence);
    }

    private String sentence(Found cause, double before, double after) {
        boolean share = cause.feature() == Feature.EXECUTION_SHARE;
        if (after == 0 && cause.feature().key.equals(Feature.CALLS.key)) {
            return workflow + " does not call " + cause.model() + " any more: 0 instead of " + number(before)
                    + " calls per execution in the last "
                    + (long) cause.watch().count(cause.stream()) + " executions.";
        }
        return workflow + ": " + cause.feature().words + " of " + cause.model() + " went from "
                + (share ? number(100 * before) + " %" : number(before)) + " to "
                + (share ? number(100 * after) + " %" : number(after)) + " in the last "
                + (long) cause.watch().count(cause.stream()) + " executions."
                + (share ? " Neither its calls nor its tokens did: engines or load are others." : "");
    }

    private void learnAnew(Change.Drift change, long endEpochNanos) {
        Map<String, ModelWatch> now = new TreeMap<>(models);
        boolean soon = endEpochNanos - rememberedAt <= RETURN_HOURS * NANOS_PER_HOUR;
        boolean returns = soon && returns(change);
        Map<String, ModelWatch> earlier = remembered;
        newcomers.keySet().forEach(name -> models.put(name, new ModelWatch()));
        begin();
        if (returns) {
            models.forEach((name, model) -> {
                if (now.containsKey(name) && earlier.containsKey(name)) {
                    model.keep(earlier.get(name));
                    model.keep(now.get(name));
                }
            });
        }
        remembered = now;
        rememberedAt = endEpochNanos;
    }

    /** Whether what was found is nearer to what was ordinary before the last change than to what was so since. */
    private boolean returns(Change.Drift change) {
        ModelWatch model = models.get(change.model());
        ModelWatch earlier = remembered.get(change.model());
        if (model == null || earlier == null) {
            return false;
        }
        for (Feature feature : ModelWatch.FEATURES) {
            Watch before = earlier.watch(feature);
            Watch watch = model.watch(feature);
            if (feature.key.equals(change.estimate()) && before.isReady() && watch.isReady()) {
                double value = watch.valueAfter(watch.strongest());
                if (before.known().distance(value) < HALF * watch.known().distance(value)) {
                    return true;
                }
            }
        }
        return false;
    }

    private void begin() {
        models.replaceAll((name, model) -> new ModelWatch());
        newcomers.clear();
        executions = 0;
        frozen = false;
        run = LEAST_RUN;
        setThresholds();
    }

    private void setThresholds() {
        double streams = (double) Math.max(1, models.size()) * Reference.STREAMS;
        for (Feature feature : ModelWatch.FEATURES) {
            thresholds[feature.ordinal()] = Math.log(run) + Math.log(streams / feature.budget);
        }
    }

    private static @Nullable ModelPart part(List<ModelPart> parts, String model) {
        for (ModelPart part : parts) {
            if (part.model().equals(model)) {
                return part;
            }
        }
        return null;
    }

    private static String number(double value) {
        return ReadableNumber.of(value, 3);
    }

    /** All that it knows, as one line of text with a version in front. */
    public String state() {
        StateText.Writer into = new StateText.Writer(STATE);
        into.add(workflow)
                .add(executions)
                .add(began)
                .add(run)
                .add(frozen ? 1 : 0)
                .add(rememberedAt);
        into.add(remembered.size());
        remembered.forEach((name, ordinary) -> {
            into.add(name);
            ordinary.write(into);
        });
        into.add(newcomers.size());
        newcomers.forEach((name, each) -> into.add(name)
                .add(each.first)
                .add(each.since)
                .add(each.calls)
                .add(each.nanos)
                .add(each.all)
                .add(each.appearances));
        into.add(models.size());
        models.forEach((name, model) -> {
            into.add(name);
            model.write(into);
        });
        return into.text();
    }

    /**
     * The detector that said {@code state}.
     *
     * @throws IllegalArgumentException if it is of another version or damaged: begin anew then
     */
    public static DriftDetector restored(String state) {
        StateText.Reader from = new StateText.Reader(STATE, state);
        DriftDetector read = new DriftDetector(from.name());
        read.executions = from.whole();
        read.began = from.whole();
        read.run = from.number();
        read.frozen = from.whole() == 1;
        read.rememberedAt = from.whole();
        int remembered = from.count();
        for (int i = 0; i < remembered; i++) {
            read.remembered.put(from.name(), ModelWatch.read(from));
        }
        int newcomers = from.count();
        for (int i = 0; i < newcomers; i++) {
            String name = from.name();
            Newcomer each = new Newcomer(from.whole(), from.whole());
            each.calls = from.number();
            each.nanos = from.number();
            each.all = from.number();
            each.appearances = (int) from.whole();
            read.newcomers.put(name, each);
        }
        int models = from.count();
        for (int i = 0; i < models; i++) {
            read.models.put(from.name(), ModelWatch.read(from));
        }
        read.setThresholds();
        return read;
    }
}
