package dev.scepsy.planner.measure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.stat.ReadableNumber;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Measures the latency curve of one replica: settles on what the server understands, asks it one by one, then rate by rate
 * until the knee is found. What {@link Listener#measured} was told is all that is needed to go on after a stop. Not
 * thread-safe.
 */
public final class Profiler implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int LONELY_REQUESTS = 8;

    /** The first ones are slow on both sides: connections, caches, code that is not compiled yet. */
    private static final int WARM_UP_REQUESTS = 4;

    private static final int FEW_WORDS = 40;
    private static final int MANY_WORDS = 240;
    private static final double LEAST_TOKENS_PER_WORD = 0.3;
    private static final double MOST_TOKENS_PER_WORD = 12;
    private static final int CALM_TRIES = 60;
    private static final double CALM = 1.5;
    private static final double LATE_SECONDS = 0.02;
    private static final double LATE_PART = 0.1;
    private static final int MOST_TRIES = 3;

    /** Told what happens, as it happens, by the thread that measures. */
    public interface Listener {

        /** What is being done now. */
        void doing(String what);

        /** Something users should know. */
        void note(String sentence);

        /** A point is done; {@code points} are all so far, the lonely request's first. */
        void measured(List<RatePoint> points);
    }

    private final Endpoint endpoint;
    private final LengthSource lengths;
    private final ProfilerSettings settings;
    private final Listener listener;
    private final EndpointClient client;
    private final long promptNonce;
    private final UsageAudit audit = new UsageAudit();
    private @Nullable NeighbourLoad neighbour;

    /**
     * A profiler of one replica.
     *
     * @param promptNonce with the settings' seed it determines the prompts; two runs with the same one hit each other's prefix cache
     */
    public Profiler(
            Endpoint endpoint, LengthSource lengths, ProfilerSettings settings, long promptNonce, Listener listener) {
        this.promptNonce = promptNonce;
        this.endpoint = endpoint;
        this.lengths = lengths;
        this.settings = settings;
        this.listener = listener;
        this.client = new EndpointClient(endpoint);
    }

    /** Measures beside {@code busy} from now on: a point during which it was lost counts for nothing. */
    public void beside(NeighbourLoad busy) {
        neighbour = busy;
    }

    private void requireNeighbour() throws EndpointLostException {
        if (neighbour != null) {
            neighbour.requireBusy();
        }
    }

    /** What a measurement came to; see {@link Curve}. */
    private record Prepared(Dialect dialect, Prompts prompts) {}

    /**
     * Measures until the curve is done, the time is over or the endpoint is lost.
     *
     * @param known points of an earlier run with the same settings, the lonely request's first; may be empty
     * @throws EndpointLostException if the endpoint does not answer; what was measured was told to the listener
     * @throws InterruptedException if the thread is interrupted
     */
    public Curve measure(List<RatePoint> known) throws EndpointLostException, InterruptedException {
        long deadline = System.nanoTime() + settings.maxDuration().toNanos();
        LoadGenerator generator = generator();
        Optional<PrefixCacheWatch> before = prefixCache();
        List<RatePoint> points = new ArrayList<>(known);
        if (points.isEmpty()) {
            listener.doing("one request at a time");
            points.add(statistics(generator.oneByOne(WARM_UP_REQUESTS, LONELY_REQUESTS, seed(0, 0))));
            requireNeighbour();
            listener.measured(List.copyOf(points));
        }
        KneeSearch search = new KneeSearch(settings.resolution(), settings.mostPerSecond(), settings.mostPoints());
        double lonely = points.get(0).meanLatencySeconds();
        boolean inTime = true;
        OptionalDouble rate = search.next(lonely, rates(points));
        while (rate.isPresent() && inTime) {
            double next = rate.getAsDouble();
            LoadGenerator.Plan plan = settings.plan(next, expectedLatency(next, points));
            listener.doing(String.format(
                    java.util.Locale.ROOT,
                    "%s requests/s for about %.0f s",
                    ReadableNumber.of(next, 3),
                    plan.warmUpSeconds() + plan.windowSeconds()));
            RatePoint point = statistics(punctual(generator, plan, points.size()));
            requireNeighbour();
            points.add(point);
            listener.measured(List.copyOf(points));
            if (!point.sustained()) {
                settle(generator, lonely, points.size());
            }
            rate = search.next(lonely, rates(points));
            inTime = System.nanoTime() < deadline;
        }
        again(generator, points, deadline);
        hits(before, points);
        audit.findings().forEach(listener::note);
        if (points.stream().anyMatch(point -> point.worstLatenessSeconds() > LATE_SECONDS)) {
            listener.note(String.format(
                    java.util.Locale.ROOT,
                    "Some requests were sent up to %.0f ms late: this machine is short of CPU, so that arrivals came"
                            + " in bursts.",
                    1e3
                            * points.stream()
                                    .mapToDouble(RatePoint::worstLatenessSeconds)
                                    .max()
                                    .orElse(0)));
        }
        return Curve.of(points, rate.isEmpty());
    }

    /** A run whose requests went out in time: arrivals in bursts would be this machine's doing, not the load's. */
    private LoadRun punctual(LoadGenerator generator, LoadGenerator.Plan plan, int point)
            throws InterruptedException, EndpointLostException {
        LoadRun run = generator.run(plan, seed(point, 0));
        for (int i = 1; i < MOST_TRIES && run.worstLatenessSeconds() > LATE_PART * plan.windowSeconds(); i++) {
            listener.doing("once more, as this machine was too slow to send in time");
            LoadRun again = generator.run(plan, seed(point, i));
            run = again.worstLatenessSeconds() < run.worstLatenessSeconds() ? again : run;
        }
        return run;
    }

    /** No two points have arrivals and lengths in common; a resumed measurement goes on where it was. */
    private long seed(int point, int attempt) {
        return settings.seed() * 0x9E3779B97F4A7C15L + point * 1_000_003L + attempt;
    }

    /**
     * A rate that took longer than a higher one met something else than its load, such as a backlog from before: it is measured
     * once more, and what is then slower still is said.
     */
    private void again(LoadGenerator generator, List<RatePoint> points, long deadline)
            throws InterruptedException, EndpointLostException {
        for (int i = 1; i < points.size(); i++) {
            RatePoint point = points.get(i);
            if (!KneeSearch.isDoubtful(point, rates(points)) || System.nanoTime() > deadline) {
                continue;
            }
            listener.doing("once more, as a higher rate was faster");
            LoadGenerator.Plan plan =
                    settings.plan(point.offeredPerSecond(), points.get(0).meanLatencySeconds());
            RatePoint second = statistics(generator.run(plan, seed(i, MOST_TRIES)));
            if (second.sustained() && second.meanLatencySeconds() < point.meanLatencySeconds()) {
                points.set(i, second);
                listener.measured(List.copyOf(points));
            }
            if (KneeSearch.isDoubtful(points.get(i), rates(points))) {
                listener.note("At " + ReadableNumber.of(point.offeredPerSecond(), 3) + " requests/s a request took "
                        + ReadableNumber.of(points.get(i).meanLatencySeconds(), 3)
                        + " s, twice, and less at a higher rate: something else than the load slowed it down.");
            }
        }
    }

    private Optional<PrefixCacheWatch> prefixCache() throws InterruptedException {
        return client.metrics().flatMap(PrefixCacheWatch::read);
    }

    private void hits(Optional<PrefixCacheWatch> before, List<RatePoint> points) throws InterruptedException {
        Optional<PrefixCacheWatch> after = prefixCache();
        double input = points.stream()
                .mapToDouble(RatePoint::meanInputTokens)
                .average()
                .orElse(0);
        double expected = input > 0 ? Math.min(1, settings.sharedPrefixTokens() / input) : 0;
        if (before.isPresent() && after.isPresent()) {
            after.get().finding(before.get(), expected).ifPresent(listener::note);
        }
    }

    private static List<RatePoint> rates(List<RatePoint> points) {
        return points.subList(1, points.size());
    }

    private RatePoint statistics(LoadRun run) {
        return run.statistics(audit, endpoint.api().generates());
    }

    /** Of the highest rate below that was sustained. */
    private static double expectedLatency(double rate, List<RatePoint> points) {
        double best = -1;
        double latency = points.get(0).meanLatencySeconds();
        for (RatePoint point : points) {
            if (point.sustained() && point.offeredPerSecond() <= rate && point.offeredPerSecond() > best) {
                best = point.offeredPerSecond();
                latency = point.meanLatencySeconds();
            }
        }
        return latency;
    }

    /**
     * Settles on dialect and prompts and asks a few requests, without measuring.
     *
     * @return seconds of a lonely request
     */
    public double probe() throws EndpointLostException, InterruptedException {
        LoadRun run = generator().oneByOne(1, 2, seed(0, 0));
        double seconds = statistics(run).meanLatencySeconds();
        audit.findings().forEach(listener::note);
        return seconds;
    }

    LoadGenerator generator() throws EndpointLostException, InterruptedException {
        listener.doing("asking what the server understands");
        Prepared prepared = prepare();
        prepared.dialect().losses().forEach(listener::note);
        return new LoadGenerator(
                client, prepared.dialect(), prepared.prompts(), lengths, settings.mostInFlight(), promptNonce);
    }

    /** Shrinks the dialect until a request is answered, then measures what words cost. */
    private Prepared prepare() throws EndpointLostException, InterruptedException {
        Dialect dialect = Dialect.full();
        SplittableRandom random = new SplittableRandom(settings.seed() ^ promptNonce);
        RequestLengths tiny = new RequestLengths(FEW_WORDS, endpoint.api().generates() ? 2 : 0);
        Answer few = ask(tiny, dialect, Prompts.ofWords(FEW_WORDS, random));
        while (!few.isAnswered()) {
            Failure failure = java.util.Objects.requireNonNull(few.failure());
            Optional<Dialect> next =
                    failure.kind() == Failure.Kind.REFUSED && endpoint.api().generates()
                            ? dialect.after(failure.message())
                            : Optional.empty();
            if (next.isEmpty()) {
                throw new EndpointLostException(explained(failure));
            }
            dialect = next.get();
            few = ask(tiny, dialect, Prompts.ofWords(FEW_WORDS, random));
        }
        Answer many = ask(tiny, dialect, Prompts.ofWords(MANY_WORDS, random));
        return new Prepared(dialect, prompts(few, many).withShared(settings.sharedPrefixTokens()));
    }

    private Answer ask(RequestLengths lengthsAsked, Dialect dialect, String text) throws InterruptedException {
        return LoadGenerator.await(client.send(lengthsAsked, dialect, text));
    }

    private Prompts prompts(Answer few, Answer many) {
        if (few.inputTokens().isEmpty() || many.inputTokens().isEmpty()) {
            listener.note("The server does not say how many tokens a prompt has: a word is taken for one token.");
            return Prompts.UNMEASURED;
        }
        double perWord =
                (double) (many.inputTokens().getAsInt() - few.inputTokens().getAsInt()) / (MANY_WORDS - FEW_WORDS);
        if (perWord < LEAST_TOKENS_PER_WORD || perWord > MOST_TOKENS_PER_WORD) {
            listener.note(
                    "The server counts " + few.inputTokens().getAsInt() + " tokens in " + FEW_WORDS + " words and "
                            + many.inputTokens().getAsInt() + " in " + MANY_WORDS
                            + ", which cannot be: a word is taken for one token.");
            return Prompts.UNMEASURED;
        }
        return new Prompts(perWord, Math.max(0, few.inputTokens().getAsInt() - perWord * FEW_WORDS), 0);
    }

    private String explained(Failure failure) throws InterruptedException {
        return switch (failure.kind()) {
            case DOOR_CLOSED ->
                "The endpoint's door is closed (" + failure.message() + "): "
                        + (endpoint.key().isPresent() ? "it does not take the key that was given." : "it wants a key.");
            case CONNECTION -> "The endpoint cannot be reached: " + failure.message() + ".";
            case TIMEOUT -> "The endpoint does not answer: " + failure.message() + ".";
            default -> "The endpoint does not answer requests: " + failure.message() + "." + served();
        };
    }

    /** Names the models where the wanted one is not among them. */
    private String served() throws InterruptedException {
        List<String> names = servedModels();
        return names.isEmpty() || names.contains(endpoint.model())
                ? ""
                : " It serves " + String.join(", ", names) + ", not " + endpoint.model() + ".";
    }

    /** The names that the endpoint says it serves; empty where it does not say. */
    public List<String> servedModels() throws InterruptedException {
        Optional<String> said = client.models();
        List<String> names = new ArrayList<>();
        if (said.isPresent()) {
            try {
                for (JsonNode model : JSON.readTree(said.get()).path("data")) {
                    names.add(model.path("id").asText());
                }
            } catch (IOException e) {
                return List.of();
            }
        }
        return names;
    }

    /** After an overload the aborted requests may still be worked on: waits until a lonely request is quick again. */
    private void settle(LoadGenerator generator, double lonelySeconds, int point)
            throws InterruptedException, EndpointLostException {
        listener.doing("waiting until the server is idle");
        for (int i = 0; i < CALM_TRIES; i++) {
            LoadRun run = generator.oneByOne(0, 1, seed(point, MOST_TRIES + i));
            if (run.answers().get(0).latencyNanos() / 1e9 < CALM * lonelySeconds) {
                return;
            }
            TimeUnit.NANOSECONDS.sleep((long) (lonelySeconds * 1e9 / 4));
        }
        listener.note("After an overload the server did not become as quick as before within " + CALM_TRIES
                + " requests: later points may be too slow.");
    }

    @Override
    public void close() {
        client.close();
    }
}
