package dev.scepsy.planner.serve.engines;

import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.serve.engines.EngineReading.UnusableException;
import dev.scepsy.planner.serve.engines.EngineSource.Target;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.ServeSettings.EngineSettings;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Asks engines for their metrics, all of them every {@code scrapeEvery} and {@value #AT_ONCE} at once, and keeps the last hour. An engine that
 * does not answer, or says what cannot be, is left out of that round and said; it never holds the others up for longer than
 * {@value #ROUND_SECONDS} s. Snapshots; thread-safe.
 */
public final class EngineScraper implements EngineLoads, AutoCloseable {

    static final int AT_ONCE = 16;

    /** Of wall time, a round. */
    static final int ROUND_SECONDS = 10;

    /** Of wall time, between the beginnings of two rounds, however fast the service's time runs. */
    static final int SHORTEST_PAUSE_MILLIS = 100;

    static final int MOST_TROUBLES = 20;

    private final EngineSource source;
    private final ModelNames names;
    private final ServiceTime time;
    private final ServiceLog log;
    private final Duration every;
    private final ExecutorService askers;
    private final Thread thread;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Object lock = new Object();
    private final Map<String, ModelHour> hours = new TreeMap<>();
    private volatile List<String> troubles = List.of();

    /** Replaced after each round, never changed. */
    private volatile Map<String, Map<String, Double>> secondsPerToken = Map.of();

    /** By engine; guarded by {@link #lock}. */
    private final Map<String, EngineHour> works = new TreeMap<>();

    /** Of the round's thread alone, as the next two. */
    private final Map<String, EngineTrack> tracks = new HashMap<>();

    private final Map<String, String> paths = new HashMap<>();
    private final Set<String> told = new HashSet<>();

    private EngineScraper(EngineSource source, ModelNames names, Duration every, ServiceTime time, ServiceLog log) {
        this.source = source;
        this.names = names;
        this.every = every;
        this.time = time;
        this.log = log;
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                AT_ONCE,
                AT_ONCE,
                ROUND_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                work -> daemon(work, "scepsy-engine"));
        pool.allowCoreThreadTimeOut(true);
        askers = pool;
        thread = daemon(this::run, "scepsy-engines");
    }

    /**
     * Starts asking. No endpoints: the engines of {@code cluster}; neither: nobody is asked.
     *
     * @param names aliases and adapters by model, by which engines may go
     * @param cluster whose own engines are asked; not closed here
     */
    public static EngineScraper start(
            EngineSettings settings,
            Map<String, Set<String>> names,
            Optional<ClusterClient> cluster,
            ServiceTime time,
            ServiceLog log) {
        EngineSource source = !settings.endpoints().isEmpty()
                ? new ListedEngines(settings.endpoints())
                : cluster.<EngineSource>map(ClusterEngines::new).orElse(List::of);
        return start(settings.scrapeEvery(), source, ModelNames.of(names), time, log);
    }

    /** Starts asking those that {@code source} finds. */
    static EngineScraper start(
            Duration every, EngineSource source, ModelNames names, ServiceTime time, ServiceLog log) {
        EngineScraper scraper = unstarted(every, source, names, time, log);
        scraper.thread.start();
        return scraper;
    }

    /** One whose rounds are called for. */
    static EngineScraper unstarted(
            Duration every, EngineSource source, ModelNames names, ServiceTime time, ServiceLog log) {
        return new EngineScraper(source, names, every, time, log);
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    private void run() {
        try {
            long pauseNanos = TimeUnit.MILLISECONDS.toNanos(
                    Math.max(SHORTEST_PAUSE_MILLIS, time.real(every).toMillis()));
            long next = System.nanoTime();
            while (closing.getCount() > 0) {
                try {
                    round();
                } catch (RuntimeException unexpected) {
                    log.error("A round of asking engines failed; the next one goes on.", unexpected);
                }
                // a round that took too long is followed by the next at once, and none is made up for
                next = Math.max(next + pauseNanos, System.nanoTime());
                if (closing.await(next - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** What came of asking one engine. */
    private record Answer(String path, EngineReading reading, Instant at) {}

    /** Asks everybody once. */
    void round() throws InterruptedException {
        Map<String, String> found = new TreeMap<>();
        List<Target> targets;
        try {
            targets = source.targets();
        } catch (IOException e) {
            synchronized (lock) {
                hours.values().forEach(ModelHour::miss);
            }
            found.put("", "Engines cannot be found: " + e.getMessage());
            publish(found);
            return;
        }
        Map<String, ModelRound> rounds = new TreeMap<>();
        Map<String, Map<String, Double>> speeds = new TreeMap<>();
        List<Callable<Answer>> questions = new ArrayList<>();
        for (Target target : targets) {
            rounds.computeIfAbsent(target.model(), ModelRound::new);
            Optional<String> known = Optional.ofNullable(paths.get(target.id()));
            questions.add(() -> ask(target, known));
        }
        List<Future<Answer>> answers = askers.invokeAll(questions, ROUND_SECONDS, TimeUnit.SECONDS);
        for (int i = 0; i < targets.size(); i++) {
            Target target = targets.get(i);
            ModelRound round = rounds.computeIfAbsent(target.model(), ModelRound::new);
            try {
                Answer answer = answer(answers.get(i));
                paths.put(target.id(), answer.path());
                EngineTrack track = tracks.computeIfAbsent(target.id(), id -> new EngineTrack());
                Optional<EngineTrack.Delta> delta = track.take(answer.at(), answer.reading());
                round.add(answer.reading(), delta);
                delta.ifPresent(counted -> worked(target, counted, answer.at()));
                delta.flatMap(EngineTrack.Delta::secondsPerToken)
                        .ifPresent(seconds -> speeds.computeIfAbsent(target.model(), model -> new TreeMap<>())
                                .put(target.id(), seconds));
            } catch (UnusableException | IOException e) {
                round.addSilent();
                paths.remove(target.id());
                found.put(target.id(), target.id() + ": " + e.getMessage());
            }
        }
        Set<String> ids = new HashSet<>();
        targets.forEach(target -> ids.add(target.id()));
        tracks.keySet().retainAll(ids);
        synchronized (lock) {
            works.keySet().retainAll(ids);
        }
        paths.keySet().retainAll(ids);
        List<String> leftOut = source.leftOut();
        for (String model : leftOut) {
            found.put(
                    "Model " + model,
                    "Model " + model
                            + " has more engines than are asked: its loads are those of some, and its rates are not known.");
        }
        secondsPerToken = speeds;
        keep(rounds, leftOut);
        publish(found);
    }

    private void worked(Target target, EngineTrack.Delta counted, Instant at) {
        synchronized (lock) {
            works.computeIfAbsent(target.id(), id -> new EngineHour(target)).add(counted, at);
        }
    }

    private void keep(Map<String, ModelRound> rounds, List<String> leftOut) {
        Instant now = time.instant();
        synchronized (lock) {
            hours.values().forEach(hour -> hour.forget(now));
            hours.forEach((model, hour) -> {
                if (!rounds.containsKey(model)) {
                    hour.miss();
                }
            });
            rounds.forEach((model, round) -> {
                ModelHour hour = hours.computeIfAbsent(model, name -> new ModelHour());
                if (round.engines() > 0) {
                    hour.add(round, now, round.silent() == 0 && !leftOut.contains(model));
                } else {
                    hour.miss();
                }
            });
            hours.values().removeIf(ModelHour::isEmpty);
        }
    }

    @Override
    public Map<String, Double> hitRatesToPlanBy() {
        return hitRates().byModel();
    }

    @Override
    public Map<String, Map<String, Double>> secondsPerToken() {
        return Collections.unmodifiableMap(secondsPerToken);
    }

    @Override
    public List<EngineWork> work(Instant from, Instant to) {
        synchronized (lock) {
            return works.values().stream()
                    .flatMap(hour -> hour.between(from, to).stream())
                    .toList();
        }
    }

    private Answer ask(Target target, Optional<String> known) throws Exception {
        List<String> all = known.map(List::of).orElse(target.paths());
        UnusableException why = new UnusableException("It publishes no metrics there.");
        for (String path : all) {
            byte[] body = target.fetch(path);
            Instant at = time.instant();
            if (body.length > 0) {
                try {
                    return new Answer(
                            path,
                            EngineReading.of(PrometheusText.read(body, EngineDialect::isKnown), target.model(), names),
                            at);
                } catch (MalformedMetricsException e) {
                    why = new UnusableException(String.valueOf(e.getMessage()));
                } catch (UnusableException e) {
                    why = e;
                }
            }
        }
        throw why;
    }

    private static Answer answer(Future<Answer> done) throws UnusableException, IOException, InterruptedException {
        try {
            return done.get();
        } catch (CancellationException late) {
            throw new IOException("It did not answer within " + ROUND_SECONDS + " s.", late);
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof UnusableException unusable) {
                throw unusable;
            }
            String why = cause == null ? null : cause.getMessage();
            throw new IOException("Its metrics cannot be read: " + why + ".", failed);
        }
    }

    /** Says what is new, and what is over. */
    private void publish(Map<String, String> found) {
        List<String> sentences = new ArrayList<>(found.values());
        if (sentences.size() > MOST_TROUBLES) {
            int more = sentences.size() - MOST_TROUBLES;
            sentences = new ArrayList<>(sentences.subList(0, MOST_TROUBLES));
            sentences.add("And " + more + " more engines.");
        }
        troubles = List.copyOf(sentences);
        Set<String> fresh = new TreeSet<>(found.keySet());
        fresh.removeAll(told);
        fresh.stream().limit(MOST_TROUBLES).forEach(id -> log.warn(String.valueOf(found.get(id))));
        if (!told.isEmpty() && found.isEmpty()) {
            log.info("All engines answer again.");
        }
        told.retainAll(found.keySet());
        told.addAll(fresh);
    }

    @Override
    public Map<String, ModelLoad> models() {
        Map<String, ModelLoad> latest = new TreeMap<>();
        synchronized (lock) {
            hours.forEach(
                    (model, hour) -> Optional.ofNullable(hour.latest()).ifPresent(load -> latest.put(model, load)));
        }
        return latest;
    }

    @Override
    public Map<String, Double> requestsPerSecond(Duration window) {
        Instant from = time.instant().minus(window);
        Map<String, Double> rates = new TreeMap<>();
        synchronized (lock) {
            hours.forEach(
                    (model, hour) -> hour.requestsPerSecond(from, window).ifPresent(rate -> rates.put(model, rate)));
        }
        return rates;
    }

    @Override
    public Map<String, List<ModelLoad>> samples(Duration window) {
        Instant from = time.instant().minus(window);
        Map<String, List<ModelLoad>> samples = new TreeMap<>();
        synchronized (lock) {
            hours.forEach((model, hour) -> samples.put(model, hour.samples(from)));
        }
        return samples;
    }

    @Override
    public List<String> troubles() {
        return troubles;
    }

    /** What engines were asked for in the last hour, by model. */
    public Map<String, EngineDemand> demands() {
        Map<String, EngineDemand> demands = new TreeMap<>();
        synchronized (lock) {
            hours.forEach((model, hour) -> demands.put(model, hour.demand(model)));
        }
        return demands;
    }

    /** Prefix-cache hit rates to predict with. */
    public MeasuredHitRates hitRates() {
        return MeasuredHitRates.of(demands().values());
    }

    /**
     * A quantile of the last hour's request latencies, s, from arrival to end, by the engines' buckets.
     *
     * @param q in [0, 1]
     */
    public OptionalDouble latencyQuantileSeconds(String model, double q) {
        return quantile(model, EngineFact.LATENCY, q);
    }

    /** The same of the times to first tokens. */
    public OptionalDouble firstTokenQuantileSeconds(String model, double q) {
        return quantile(model, EngineFact.FIRST_TOKEN, q);
    }

    private OptionalDouble quantile(String model, EngineFact fact, double q) {
        synchronized (lock) {
            ModelHour hour = hours.get(model);
            return hour == null ? OptionalDouble.empty() : hour.quantile(fact, q);
        }
    }

    /** Stops asking, and waits a moment for the round under way. */
    @Override
    public void close() {
        closing.countDown();
        thread.interrupt();
        askers.shutdownNow();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        source.close();
    }
}
