package dev.scepsy.planner.serve.engines;

import dev.scepsy.planner.serve.engines.EngineLoads.EngineWork;
import dev.scepsy.planner.serve.engines.EngineReading.Histogram;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** What one engine did in the last hour, by minutes. Bounded; guarded by its owner. */
final class EngineHour {

    private static final Histogram NONE = new Histogram(0, 0, Buckets.NONE);

    private static final class Minute {
        private double seconds;
        private double requests;
        private double decodeSeconds;
        private double decodedTokens;
        private double promptTokens;
    }

    private final EngineSource.Target engine;
    private final NavigableMap<Long, Minute> minutes = new TreeMap<>();

    EngineHour(EngineSource.Target engine) {
        this.engine = engine;
    }

    void add(EngineTrack.Delta delta, Instant at) {
        Minute minute = minutes.computeIfAbsent(minute(at), key -> new Minute());
        Map<EngineFact, Histogram> histograms = delta.histograms();
        Histogram decode = histograms.getOrDefault(EngineFact.DECODE, NONE);
        Histogram generated = histograms.getOrDefault(EngineFact.GENERATED_LENGTH, NONE);
        minute.seconds += delta.seconds();
        minute.requests += generated.count();
        minute.decodeSeconds += decode.sum();
        minute.decodedTokens += Math.max(0, generated.sum() - generated.count());
        minute.promptTokens +=
                histograms.getOrDefault(EngineFact.PROMPT_LENGTH, NONE).sum();
        forget(at);
    }

    /** Drops what is older than an hour; what lies in the future, because the clock went back, too. */
    private void forget(Instant now) {
        minutes.headMap(minute(now) - Duration.ofHours(1).toMinutes(), true).clear();
        minutes.tailMap(minute(now), false).clear();
    }

    private static long minute(Instant at) {
        return Math.floorDiv(at.getEpochSecond(), ModelHour.MINUTE_SECONDS);
    }

    /** Of the minutes that lie wholly in the time; empty where it published nothing of the kind. */
    Optional<EngineWork> between(Instant from, Instant to) {
        long first = Math.floorDiv(from.getEpochSecond() + ModelHour.MINUTE_SECONDS - 1, ModelHour.MINUTE_SECONDS);
        Minute sum = new Minute();
        minutes.subMap(first, true, Math.max(first, minute(to)), false).values().forEach(minute -> {
            sum.seconds += minute.seconds;
            sum.requests += minute.requests;
            sum.decodeSeconds += minute.decodeSeconds;
            sum.decodedTokens += minute.decodedTokens;
            sum.promptTokens += minute.promptTokens;
        });
        return sum.decodedTokens > 0 && sum.decodeSeconds > 0
                ? Optional.of(new EngineWork(
                        engine.model(),
                        engine.id(),
                        engine.pod().orElse(null),
                        sum.seconds,
                        sum.requests,
                        sum.decodeSeconds,
                        sum.decodedTokens,
                        sum.promptTokens))
                : Optional.empty();
    }
}
