package dev.scepsy.planner.serve.engines;

import dev.scepsy.planner.serve.engines.EngineLoads.ModelLoad;
import dev.scepsy.planner.serve.engines.EngineReading.Histogram;
import dev.scepsy.planner.serve.engines.EngineTrack.Delta;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Collects what the engines of one model said in one round. One thread. */
final class ModelRound {

    private final String model;
    private final Map<EngineFact, Double> counts = new EnumMap<>(EngineFact.class);
    private final Map<EngineFact, Double> rates = new EnumMap<>(EngineFact.class);
    private final Map<EngineFact, Histogram> histograms = new EnumMap<>(EngineFact.class);
    private int engines;
    private double running;
    private double waiting;
    private double cacheUse;
    private int cacheUses;
    private double hitRate;
    private int hitRates;
    private int silent;
    private int counting;

    ModelRound(String model) {
        this.model = model;
    }

    /** An engine that answered, and what it counted since it was last asked, where that is known. */
    void add(EngineReading reading, Optional<Delta> delta) {
        engines++;
        running += reading.value(EngineFact.RUNNING).orElse(0);
        waiting += reading.value(EngineFact.WAITING).orElse(0);
        OptionalDouble use = reading.value(EngineFact.CACHE_USE);
        if (use.isPresent()) {
            cacheUse += use.getAsDouble();
            cacheUses++;
        }
        OptionalDouble hits = reading.value(EngineFact.HIT_RATE);
        if (hits.isPresent()) {
            hitRate += hits.getAsDouble();
            hitRates++;
        }
        delta.ifPresent(known -> {
            counting += known.count(EngineFact.FINISHED).isPresent() ? 1 : 0;
            known.counts().forEach((fact, count) -> {
                counts.merge(fact, count, Double::sum);
                rates.merge(fact, count / known.seconds(), Double::sum);
            });
            known.histograms()
                    .forEach((fact, one) -> histograms.merge(
                            fact,
                            one,
                            (a, b) -> new Histogram(
                                    a.sum() + b.sum(),
                                    a.count() + b.count(),
                                    a.buckets().plus(b.buckets()))));
        });
    }

    /** An engine that did not answer, or whose sample was dropped. */
    void addSilent() {
        silent++;
    }

    int silent() {
        return silent;
    }

    int engines() {
        return engines;
    }

    /** Whether any engine's count of ended requests is known. */
    boolean isCounting() {
        return counting > 0;
    }

    double count(EngineFact fact) {
        return counts.getOrDefault(fact, 0.0);
    }

    Histogram histogram(EngineFact fact) {
        return histograms.getOrDefault(fact, new Histogram(0, 0, Buckets.NONE));
    }

    ModelLoad load(Instant at) {
        return new ModelLoad(
                model,
                at,
                engines,
                running,
                waiting,
                cacheUses == 0 ? null : cacheUse / cacheUses,
                hitRate(),
                rates.get(EngineFact.PREEMPTIONS),
                rates.get(EngineFact.FINISHED),
                mean(EngineFact.QUEUE),
                mean(EngineFact.PREFILL),
                mean(EngineFact.DECODE),
                mean(EngineFact.LATENCY),
                tokens(EngineFact.PROMPT_LENGTH, EngineFact.PROMPT_TOKENS),
                tokens(EngineFact.GENERATED_LENGTH, EngineFact.GENERATED_TOKENS));
    }

    private @Nullable Double hitRate() {
        double queries = count(EngineFact.PREFIX_QUERIES);
        if (queries > 0 && counts.containsKey(EngineFact.PREFIX_HITS)) {
            return Math.min(1, count(EngineFact.PREFIX_HITS) / queries);
        }
        return hitRates == 0 ? null : hitRate / hitRates;
    }

    private @Nullable Double mean(EngineFact fact) {
        Histogram histogram = histogram(fact);
        return histogram.count() > 0 ? histogram.sum() / histogram.count() : null;
    }

    private @Nullable Double tokens(EngineFact lengths, EngineFact tokens) {
        Double mean = mean(lengths);
        double finished = count(EngineFact.FINISHED);
        return mean != null ? mean : finished > 0 && counts.containsKey(tokens) ? count(tokens) / finished : null;
    }
}
