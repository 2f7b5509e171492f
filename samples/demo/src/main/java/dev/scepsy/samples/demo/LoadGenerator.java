package dev.scepsy.samples.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Asks questions on a schedule that does not wait for answers. Arrivals are seeded; latency counts from when
 * a question was due. One thread calls {@link #offer}; answers arrive on others.
 */
final class LoadGenerator {

    private static final Duration PATIENCE = Duration.ofMinutes(4);

    /** How far apart questions come. */
    enum Arrivals {
        POISSON {
            @Override
            double gap(Random random) {
                return -Math.log(1 - random.nextDouble());
            }
        },
        /** Nearly even, so that a short step at one rate offers what it says. */
        PACED {
            @Override
            double gap(Random random) {
                return 0.5 + random.nextDouble();
            }
        };

        /** In mean gaps; 1 on average. */
        abstract double gap(Random random);
    }

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI research;
    private final ScaledClock clock;
    private final List<Execution> all = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile @Nullable String firstFailure;

    LoadGenerator(URI application, ScaledClock clock) {
        this.research = application.resolve("/research");
        this.clock = clock;
    }

    /**
     * Offers questions of one sequence at a rate until {@code done}, asked before each arrival, says of those offered so
     * far that they are enough.
     *
     * @param perSecond scaled rate
     */
    List<Execution> offer(
            Arrivals arrivals, double perSecond, long sequence, int firstIndex, Predicate<List<Execution>> done) {
        Random gaps = new Random(sequence * 31 + firstIndex);
        List<Execution> offered = new ArrayList<>();
        long due = System.nanoTime();
        double meanGapNanos = 1e9 / clock.realRate(perSecond);
        for (int index = firstIndex; ; index++) {
            due += (long) (arrivals.gap(gaps) * meanGapNanos);
            sleepUntil(due);
            if (done.test(offered)) {
                return offered;
            }
            offered.add(ask(Question.of(sequence, index), due));
        }
    }

    /** Asks one question at its time, which must have come. */
    Execution ask(Question question, long dueNanos) {
        Execution execution = new Execution(question, dueNanos);
        all.add(execution);
        asked.incrementAndGet();
        HttpRequest request = HttpRequest.newBuilder(research)
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(question.json()))
                .build();
        var unused = http.sendAsync(request, BodyHandlers.ofString())
                .whenComplete((response, error) -> settle(execution, response, error));
        return execution;
    }

    private void settle(Execution execution, @Nullable HttpResponse<String> response, @Nullable Throwable error) {
        boolean ok = response != null && response.statusCode() == 200;
        if (!ok && failures.getAndIncrement() == 0) {
            firstFailure = response != null ? response.statusCode() + " " + response.body() : String.valueOf(error);
        }
        execution.answered(ok);
    }

    /** Waits until everything offered is answered. */
    void drain() throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (inFlight() > 0) {
            if (System.nanoTime() > deadline) {
                throw new IOException(inFlight() + " requests were never answered.");
            }
            LockSupport.parkNanos(10_000_000);
        }
    }

    int inFlight() {
        synchronized (all) {
            return (int)
                    all.stream().filter(execution -> !execution.isAnswered()).count();
        }
    }

    /** For a load without an end: what is answered is no longer known, but counted. */
    void forgetAnswered() {
        synchronized (all) {
            all.removeIf(Execution::isAnswered);
        }
    }

    /** All questions so far, those that are forgotten too. */
    int asked() {
        return asked.get();
    }

    int offered() {
        return all.size();
    }

    /** All questions so far, in the order they were due. */
    List<Execution> all() {
        synchronized (all) {
            return List.copyOf(all);
        }
    }

    int failures() {
        return failures.get();
    }

    /** What the first failed request said, or null. */
    @Nullable
    String firstFailure() {
        return firstFailure;
    }

    /** Executions answered in a span of {@code System.nanoTime()}, whenever they were offered. */
    int answeredWithin(long fromNanos, long toNanos) {
        synchronized (all) {
            return (int) all.stream()
                    .filter(execution -> execution.answeredWithin(fromNanos, toNanos))
                    .count();
        }
    }

    static void sleepUntil(long nanos) {
        for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
