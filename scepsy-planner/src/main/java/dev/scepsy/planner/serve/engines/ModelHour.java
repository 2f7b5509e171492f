package dev.scepsy.planner.serve.engines;

import dev.scepsy.planner.serve.engines.EngineLoads.ModelLoad;
import dev.scepsy.planner.serve.engines.EngineReading.Histogram;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The last hour of one model: a sample per round, sums per minute. Bounded; guarded by its owner. */
final class ModelHour {

    static final Duration LENGTH = Duration.ofHours(1);

    /** An hour of one every second; the oldest go first. */
    static final int MOST_SAMPLES = 3_600;

    /** Part of a window that counters must cover to stand for it. */
    private static final double COVERED = 0.8;

    static final int MINUTE_SECONDS = 60;

    /** A round: the seconds and requests that it counted. */
    private record Sample(ModelLoad load, double seconds, double finished) {}

    /** Sums of a minute. */
    private static final class Minute {
        private double finished;
        private double queried;
        private double hit;
        private final Map<EngineFact, Histogram> histograms = new EnumMap<>(EngineFact.class);
    }

    private static final List<EngineFact> KEPT =
            List.of(EngineFact.LATENCY, EngineFact.FIRST_TOKEN, EngineFact.PROMPT_LENGTH, EngineFact.GENERATED_LENGTH);

    private final Deque<Sample> samples = new ArrayDeque<>();
    private final NavigableMap<Long, Minute> minutes = new TreeMap<>();
    private boolean whole;

    /** @param wholly whether all of the model's engines answered */
    void add(ModelRound round, Instant at, boolean wholly) {
        ModelLoad load = round.load(at);
        ModelLoad before = latest();
        double seconds = before == null || !round.isCounting()
                ? 0
                : Math.max(0, Duration.between(before.at(), at).toNanos() / 1e9);
        samples.addLast(new Sample(load, seconds, round.count(EngineFact.FINISHED)));
        whole = wholly;
        Minute minute =
                minutes.computeIfAbsent(Math.floorDiv(at.getEpochSecond(), MINUTE_SECONDS), key -> new Minute());
        minute.finished += round.count(EngineFact.FINISHED);
        minute.queried += round.count(EngineFact.PREFIX_QUERIES);
        minute.hit += round.count(EngineFact.PREFIX_HITS);
        for (EngineFact fact : KEPT) {
            Histogram histogram = round.histogram(fact);
            if (histogram.count() > 0) {
                minute.histograms.merge(
                        fact,
                        histogram,
                        (a, b) -> new Histogram(
                                a.sum() + b.sum(),
                                a.count() + b.count(),
                                a.buckets().plus(b.buckets())));
            }
        }
        forget(at);
    }

    /** Drops what is older than an hour; what lies in the future, because the clock went back, too. */
    void forget(Instant now) {
        Instant oldest = now.minus(LENGTH);
        samples.removeIf(sample ->
                sample.load().at().isBefore(oldest) || sample.load().at().isAfter(now));
        while (samples.size() > MOST_SAMPLES) {
            samples.removeFirst();
        }
        long minute = Math.floorDiv(now.getEpochSecond(), MINUTE_SECONDS);
        minutes.headMap(minute - LENGTH.toMinutes(), true).clear();
        minutes.tailMap(minute, false).clear();
    }

    /** A round in which nobody answered. */
    void miss() {
        whole = false;
    }

    boolean isEmpty() {
        return samples.isEmpty();
    }

    @Nullable
    ModelLoad latest() {
        Sample last = samples.peekLast();
        return last == null ? null : last.load();
    }

    List<ModelLoad> samples(Instant from) {
        List<ModelLoad> found = new ArrayList<>();
        samples.forEach(sample -> {
            if (sample.load().at().isAfter(from)) {
                found.add(sample.load());
            }
        });
        return found;
    }

    /** Requests per second since {@code from}; empty where counters do not cover it, or an engine is silent now. */
    Optional<Double> requestsPerSecond(Instant from, Duration window) {
        double seconds = 0;
        double finished = 0;
        for (Sample sample : samples) {
            if (sample.load().at().isAfter(from)) {
                seconds += sample.seconds();
                finished += sample.finished();
            }
        }
        return whole && seconds > 0 && seconds >= COVERED * window.toNanos() / 1e9
                ? Optional.of(finished / seconds)
                : Optional.empty();
    }

    EngineDemand demand(String model) {
        double finished = 0;
        double queried = 0;
        double hit = 0;
        for (Minute minute : minutes.values()) {
            finished += minute.finished;
            queried += minute.queried;
            hit += minute.hit;
        }
        Histogram prompts = histogram(EngineFact.PROMPT_LENGTH);
        Histogram generated = histogram(EngineFact.GENERATED_LENGTH);
        return new EngineDemand(
                model,
                finished,
                prompts.count(),
                mean(prompts),
                mean(generated),
                prompts.buckets().quantile(0.5),
                generated.buckets().quantile(0.5),
                queried,
                hit);
    }

    OptionalDouble quantile(EngineFact fact, double q) {
        return histogram(fact).buckets().quantile(q);
    }

    private Histogram histogram(EngineFact fact) {
        Histogram all = new Histogram(0, 0, Buckets.NONE);
        for (Minute minute : minutes.values()) {
            Histogram one = minute.histograms.get(fact);
            if (one != null) {
                all = new Histogram(
                        all.sum() + one.sum(),
                        all.count() + one.count(),
                        all.buckets().plus(one.buckets()));
            }
        }
        return all;
    }

    private static OptionalDouble mean(Histogram histogram) {
        return histogram.count() > 0 ? OptionalDouble.of(histogram.sum() / histogram.count()) : OptionalDouble.empty();
    }
}
