package dev.scepsy.planner.serve.engines;

import dev.scepsy.planner.serve.engines.EngineReading.Histogram;
import dev.scepsy.planner.serve.engines.EngineReading.UnusableException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What one engine counted from one reading to the next. Counters that begin anew with their process are told from counters that
 * go backwards: by the process' start where it is published, else because all of them fell. One thread.
 */
final class EngineTrack {

    /** Requests (or tokens, see {@link #MOST_TOKENS_PER_SECOND}) that no engine counts in a second. */
    static final double MOST_PER_SECOND = 1_000_000;

    static final double MOST_TOKENS_PER_SECOND = 1e9;

    /** A day: what no mean per request is above. */
    static final double LONGEST_MEAN_SECONDS = 86_400;

    static final double MOST_MEAN_TOKENS = 1e9;

    /** A process says the same start every time; digits may be cut. */
    private static final double START_ROUNDING_SECONDS = 0.01;

    /** Hits may be published a moment before their queries. */
    private static final double HITS_AHEAD = 1.1;

    private static final int HITS_AHEAD_TOKENS = 10_000;

    private @Nullable EngineReading last;
    private Instant lastAt = Instant.MIN;

    /**
     * What came since the last reading.
     *
     * @param seconds between them, above 0
     */
    record Delta(double seconds, Map<EngineFact, Double> counts, Map<EngineFact, Histogram> histograms) {

        Optional<Double> count(EngineFact fact) {
            return Optional.ofNullable(counts.get(fact));
        }

        /** Seconds from first token to last over the tokens between, of the requests that ended. */
        Optional<Double> secondsPerToken() {
            Histogram decode = histograms.get(EngineFact.DECODE);
            Histogram tokens = histograms.get(EngineFact.GENERATED_LENGTH);
            if (decode == null || tokens == null || tokens.sum() <= tokens.count() || decode.sum() <= 0) {
                return Optional.empty();
            }
            return Optional.of(decode.sum() / (tokens.sum() - tokens.count()));
        }
    }

    /**
     * Takes a reading; empty for the first, and where the clock did not go on.
     *
     * @throws UnusableException if what it counted cannot be; the next reading is then a first one
     */
    Optional<Delta> take(Instant at, EngineReading reading) throws UnusableException {
        EngineReading before = last;
        Instant since = lastAt;
        last = null;
        Optional<Delta> delta = Optional.empty();
        if (before != null && at.isAfter(since) && before.dialect() == reading.dialect()) {
            double seconds = Duration.between(since, at).toNanos() / 1e9;
            delta = Optional.of(checked(delta(before, reading, seconds), reading));
        }
        last = reading;
        lastAt = at;
        return delta;
    }

    private static Delta delta(EngineReading before, EngineReading now, double seconds) throws UnusableException {
        boolean anew = startedAnew(before, now);
        Map<EngineFact, Double> counts = new EnumMap<>(EngineFact.class);
        now.values().forEach((fact, value) -> {
            Double old = before.values().get(fact);
            if (fact.kind() == EngineFact.Kind.COUNTER && old != null) {
                counts.put(fact, anew ? value : value - old);
            }
        });
        Map<EngineFact, Histogram> histograms = new EnumMap<>(EngineFact.class);
        now.histograms().forEach((fact, value) -> {
            Histogram old = before.histograms().get(fact);
            if (old != null) {
                histograms.put(
                        fact,
                        anew
                                ? value
                                : new Histogram(
                                        Math.max(0, value.sum() - old.sum()),
                                        value.count() - old.count(),
                                        value.buckets().since(old.buckets())));
            }
        });
        return new Delta(seconds, counts, histograms);
    }

    private static boolean startedAnew(EngineReading before, EngineReading now) throws UnusableException {
        int fell = 0;
        int rose = 0;
        for (EngineFact fact : EngineFact.values()) {
            OptionalDouble old = counted(fact, before);
            OptionalDouble value = counted(fact, now);
            if (old.isPresent() && value.isPresent()) {
                fell += value.getAsDouble() < old.getAsDouble() ? 1 : 0;
                rose += value.getAsDouble() > old.getAsDouble() ? 1 : 0;
            }
        }
        boolean published =
                before.startSeconds().isPresent() && now.startSeconds().isPresent();
        boolean otherStart = published
                && Math.abs(before.startSeconds().getAsDouble()
                                - now.startSeconds().getAsDouble())
                        > START_ROUNDING_SECONDS;
        if (otherStart || fell == 0) {
            return otherStart;
        }
        if (published || rose > 0) {
            throw new UnusableException(
                    "Its counters go backwards: the sample is dropped. Do several engines answer at this address?");
        }
        return true;
    }

    private static OptionalDouble counted(EngineFact fact, EngineReading reading) {
        if (fact.kind() == EngineFact.Kind.COUNTER) {
            return reading.value(fact);
        }
        Histogram histogram = reading.histograms().get(fact);
        return histogram == null ? OptionalDouble.empty() : OptionalDouble.of(histogram.count());
    }

    private static Delta checked(Delta delta, EngineReading reading) throws UnusableException {
        for (Map.Entry<EngineFact, Double> count : delta.counts().entrySet()) {
            boolean requests = count.getKey() == EngineFact.FINISHED || count.getKey() == EngineFact.PREEMPTIONS;
            if (count.getValue() / delta.seconds() > (requests ? MOST_PER_SECOND : MOST_TOKENS_PER_SECOND)) {
                throw new UnusableException("It counts " + count.getValue() + " of "
                        + name(reading, count.getKey()) + " within " + delta.seconds()
                        + " s, which cannot be: the sample is dropped.");
            }
        }
        for (Map.Entry<EngineFact, Histogram> histogram : delta.histograms().entrySet()) {
            double most = histogram.getKey().isTokens() ? MOST_MEAN_TOKENS : LONGEST_MEAN_SECONDS;
            Histogram value = histogram.getValue();
            if (value.count() > 0 && value.sum() / value.count() > most) {
                throw new UnusableException("It says a mean of " + value.sum() / value.count() + " of "
                        + name(reading, histogram.getKey()) + ", which cannot be: the sample is dropped.");
            }
        }
        double queries = delta.count(EngineFact.PREFIX_QUERIES).orElse(0.0);
        double hits = delta.count(EngineFact.PREFIX_HITS).orElse(0.0);
        if (hits > HITS_AHEAD * queries + HITS_AHEAD_TOKENS) {
            throw new UnusableException("It found " + hits + " in its prefix cache of " + queries
                    + " looked up, which cannot be: the sample is dropped.");
        }
        return delta;
    }

    private static String name(EngineReading reading, EngineFact fact) {
        return reading.dialect().names(fact).get(0).get(0);
    }
}
