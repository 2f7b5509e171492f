package dev.scepsy.planner.measure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends requests at Poisson times, whatever becomes of them (open loop), and decides whether the replica keeps up.
 *
 * <p>Of a window, the requests sent within it are measured; those before warm the replica up, and sending goes on until all
 * measured ones are answered, so that the last of them meet the same load as the first. The replica does not keep up when
 * over the window more requests came than ended, by 5 % and by 1.5 √n, where n are in flight at the next lower rate. As a load
 * that has just begun also fills the replica, such a window is given up and the next one is measured, twice at most; far more
 * coming than ending (40 %) needs no second look. Nor is it measured while clearly more end than came: that is a backlog from
 * before, whose latency is not the rate's; if it lasts through all windows the rate is not sustained. Not thread-safe.
 */
final class LoadGenerator {

    private static final double PLAIN_GROWTH = 0.4;
    private static final int PLAIN_COUNT = 40;
    private static final int MOST_WINDOWS = 3;

    /** Sleeping is exact to some 60 µs; the rest is waited for awake. */
    private static final long AWAKE_NANOS = 100_000;

    private static final long LOOK_NANOS = 20_000_000;

    private final EndpointClient client;
    private final Dialect dialect;
    private final Prompts prompts;
    private final LengthSource lengths;
    private final int mostInFlight;
    private final long promptNonce;

    /** @param promptNonce makes prompts differ from those of other runs with the same seeds */
    LoadGenerator(
            EndpointClient client,
            Dialect dialect,
            Prompts prompts,
            LengthSource lengths,
            int mostInFlight,
            long promptNonce) {
        this.promptNonce = promptNonce;
        this.client = client;
        this.dialect = dialect;
        this.prompts = prompts;
        this.lengths = lengths;
        this.mostInFlight = mostInFlight;
    }

    /**
     * How long a rate is measured.
     *
     * @param warmUpSeconds before the window
     * @param windowSeconds of the window
     * @param inFlight how many requests a replica that keeps up is expected to hold
     */
    record Plan(double requestsPerSecond, double warmUpSeconds, double windowSeconds, double inFlight) {}

    /** Counts what a run has seen so far; written by the threads that read answers. */
    private static final class Seen {
        private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
        private final Set<EndpointClient.InFlight> inFlight = ConcurrentHashMap.newKeySet();
        private final AtomicInteger ended = new AtomicInteger();
        private final AtomicInteger connectionFailures = new AtomicInteger();
    }

    /**
     * Measures one rate.
     *
     * @throws EndpointLostException if requests fail to get through at all
     * @throws InterruptedException if the thread is interrupted; requests in flight are aborted
     */
    LoadRun run(Plan plan, long seed) throws InterruptedException, EndpointLostException {
        SplittableRandom random = new SplittableRandom(seed);
        SplittableRandom times = random.split();
        SplittableRandom shapes = random.split();
        SplittableRandom texts = texts(random);
        Seen seen = new Seen();
        Window window = new Window(plan);
        Arrivals arrivals =
                new Arrivals(plan.requestsPerSecond(), window.startNanos, window.endNanos - window.startNanos, times);
        long start = System.nanoTime();
        long worstLateness = 0;
        int sent = 0;
        try {
            while (true) {
                long due = start + arrivals.next();
                RequestLengths shape = lengths.draw(shapes);
                String text = prompts.text(shape.inputTokens(), texts);
                boolean goOn = waitUntil(due, () -> window.isDecided(seen, start));
                if (!goOn) {
                    break;
                }
                long now = System.nanoTime();
                worstLateness = Math.max(worstLateness, now - due);
                send(shape, text, seen);
                sent++;
                window.sent(due - start);
                if (seen.inFlight.size() >= mostInFlight) {
                    window.overloaded("more than " + mostInFlight + " requests in flight");
                    break;
                }
                if (seen.connectionFailures.get() > 20 && seen.connectionFailures.get() > sent / 2) {
                    throw new EndpointLostException(anyFailure(seen));
                }
            }
            if (window.verdict.isEmpty()) {
                // what was sent after the window is answered soon, and the replica is empty for the next rate
                drain(seen);
            }
        } finally {
            seen.inFlight.forEach(EndpointClient.InFlight::abort);
        }
        long end = System.nanoTime();
        return new LoadRun(
                plan.requestsPerSecond(),
                List.copyOf(seen.answers),
                start + window.startNanos,
                start + window.endNanos,
                window.verdict,
                (end - start) / 1e9,
                worstLateness / 1e9);
    }

    /** No prefix cache knows these prompts from an earlier run. */
    private SplittableRandom texts(SplittableRandom random) {
        return new SplittableRandom(random.split().nextLong() ^ promptNonce);
    }

    private static String anyFailure(Seen seen) {
        for (Answer answer : seen.answers) {
            Failure failure = answer.failure();
            if (failure != null) {
                return failure.message();
            }
        }
        return "requests do not get through";
    }

    /** Sends the next request of two random streams, whatever becomes of it. */
    EndpointClient.InFlight send(SplittableRandom shapes, SplittableRandom texts) {
        RequestLengths shape = lengths.draw(shapes);
        return client.send(shape, dialect, prompts.text(shape.inputTokens(), texts));
    }

    private void send(RequestLengths shape, String text, Seen seen) {
        EndpointClient.InFlight inFlight = client.send(shape, dialect, text);
        seen.inFlight.add(inFlight);
        inFlight.answer().thenAccept(answer -> {
            if (seen.inFlight.remove(inFlight)) {
                if (!inFlight.isAborted()) {
                    Failure failure = answer.failure();
                    if (failure != null && failure.kind() == Failure.Kind.CONNECTION) {
                        seen.connectionFailures.incrementAndGet();
                    }
                    seen.answers.add(answer);
                }
                seen.ended.incrementAndGet();
            }
        });
    }

    private interface Condition {
        boolean holds();
    }

    /** False as soon as {@code over} holds. */
    private static boolean waitUntil(long due, Condition over) throws InterruptedException {
        long look = Long.MIN_VALUE;
        while (true) {
            long now = System.nanoTime();
            if (look == Long.MIN_VALUE || now - look >= LOOK_NANOS) {
                if (over.holds()) {
                    return false;
                }
                look = now;
            }
            long left = due - now;
            if (left <= 0) {
                return true;
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (left > AWAKE_NANOS) {
                LockSupport.parkNanos(Math.min(left - AWAKE_NANOS, LOOK_NANOS));
            } else {
                Thread.onSpinWait();
            }
        }
    }

    private static void drain(Seen seen) throws InterruptedException {
        while (!seen.inFlight.isEmpty()) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            LockSupport.parkNanos(LOOK_NANOS / 4);
        }
    }

    /** The window that is being measured, times since the start of the run. */
    private static final class Window {
        private final Plan plan;
        private long[] sentNanos = new long[256];
        private int sent;
        private long startNanos;
        private long endNanos;
        private int number = 1;
        private boolean closed;
        private String verdict = "";

        Window(Plan plan) {
            this.plan = plan;
            this.startNanos = (long) (plan.warmUpSeconds() * 1e9);
            this.endNanos = startNanos + (long) (plan.windowSeconds() * 1e9);
        }

        void sent(long nanos) {
            if (sent == sentNanos.length) {
                sentNanos = Arrays.copyOf(sentNanos, 2 * sent);
            }
            sentNanos[sent++] = nanos;
        }

        void overloaded(String why) {
            verdict = why;
        }

        /** Whether nothing more has to be sent. */
        boolean isDecided(Seen seen, long start) {
            long now = System.nanoTime() - start;
            if (closed) {
                return measuredAreAnswered(seen, start);
            }
            long until = Math.min(now, endNanos);
            if (until <= startNanos) {
                return false;
            }
            Growth growth = growth(seen, start, until);
            if (growth.came >= PLAIN_COUNT
                    && growth.relative() > PLAIN_GROWTH
                    && now > startNanos + (endNanos - startNanos) / 4) {
                verdict = growth.verdict();
                endNanos = until;
                return true;
            }
            if (now < endNanos) {
                return false;
            }
            Flow flow = Flow.of(growth.came, growth.ended, plan.inFlight());
            if (flow == Flow.STEADY) {
                closed = true;
                return measuredAreAnswered(seen, start);
            }
            if (number == MOST_WINDOWS) {
                verdict = (flow == Flow.DRAINING ? "a backlog from before was still being worked off: " : "")
                        + growth.verdict();
                return true;
            }
            number++;
            startNanos = endNanos;
            endNanos = startNanos + (long) (plan.windowSeconds() * 1e9);
            return false;
        }

        private record Growth(int came, int ended, int inFlight) {
            double relative() {
                return came == 0 ? 0 : (double) (came - ended) / came;
            }

            String verdict() {
                return came + " requests came and " + ended + " ended, " + inFlight + " in flight";
            }
        }

        private Growth growth(Seen seen, long start, long until) {
            int came = (int) Arrays.stream(sentNanos, 0, sent)
                    .filter(nanos -> nanos >= startNanos && nanos < until)
                    .count();
            int ended = (int) seen.answers.stream()
                    .filter(answer -> answer.endNanos() - start >= startNanos && answer.endNanos() - start < until)
                    .count();
            return new Growth(came, ended, Math.max(1, seen.inFlight.size()));
        }

        private boolean measuredAreAnswered(Seen seen, long start) {
            for (EndpointClient.InFlight inFlight : seen.inFlight) {
                if (inFlight.sentNanos() - start < endNanos) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * Several requests one after another.
     *
     * @param warmUp how many go before those that are measured
     */
    LoadRun oneByOne(int warmUp, int count, long seed) throws InterruptedException, EndpointLostException {
        SplittableRandom random = new SplittableRandom(seed);
        SplittableRandom shapes = random.split();
        SplittableRandom texts = texts(random);
        List<Answer> answers = new ArrayList<>();
        long start = System.nanoTime();
        long windowStart = start;
        for (int i = 0; i < warmUp + count; i++) {
            if (i == warmUp) {
                windowStart = System.nanoTime();
            }
            RequestLengths shape = lengths.draw(shapes);
            Answer answer = await(client.send(shape, dialect, prompts.text(shape.inputTokens(), texts)));
            Failure failure = answer.failure();
            if (failure != null) {
                throw new EndpointLostException("A request alone was not answered: " + failure.message() + ".");
            }
            answers.add(answer);
        }
        long end = System.nanoTime();
        return new LoadRun(0, answers, windowStart, end, "", (end - start) / 1e9, 0);
    }

    static Answer await(EndpointClient.InFlight inFlight) throws InterruptedException {
        try {
            return inFlight.answer().get();
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException("answers never complete exceptionally", e);
        } catch (InterruptedException e) {
            inFlight.abort();
            throw e;
        }
    }
}
