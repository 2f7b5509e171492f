package dev.scepsy.planner.measure;

import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Keeps another engine busy while one is measured beside it on the card: a closed loop of so many requests, each followed by the
 * next as soon as it ends, so that the neighbour is inside a step all the time. Thread-safe.
 */
public final class NeighbourLoad implements AutoCloseable {

    /** So many failures in a row are no hiccup: the neighbour is gone. */
    private static final int MOST_FAILURES = 20;

    private static final long PAUSE_MILLIS = 50;

    private final Profiler endpoint;
    private final LoadGenerator generator;
    private final SplittableRandom shapes;
    private final SplittableRandom texts;
    private final Executor later = CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    private final Set<EndpointClient.InFlight> inFlight = ConcurrentHashMap.newKeySet();
    private boolean closed;
    private long answered;
    private int failuresInARow;
    private String lastFailure = "";

    private NeighbourLoad(Profiler endpoint, LoadGenerator generator, long seed) {
        this.endpoint = endpoint;
        this.generator = generator;
        SplittableRandom random = new SplittableRandom(seed);
        this.shapes = random.split();
        this.texts = random.split();
    }

    /**
     * Settles on what the neighbour understands and puts it under load.
     *
     * @param requestsAtOnce how many requests it always holds, at least 1
     * @param promptNonce makes its prompts differ from those of other runs
     * @param listener gets notes of what the neighbour does not understand
     * @throws EndpointLostException if it does not answer
     */
    public static NeighbourLoad start(
            Endpoint neighbour,
            LengthSource lengths,
            int requestsAtOnce,
            ProfilerSettings settings,
            long promptNonce,
            Profiler.Listener listener)
            throws EndpointLostException, InterruptedException {
        Profiler asked = new Profiler(neighbour, lengths, settings, promptNonce, listener);
        NeighbourLoad load;
        try {
            load = new NeighbourLoad(asked, asked.generator(), ~settings.seed());
        } catch (EndpointLostException | InterruptedException | RuntimeException e) {
            asked.close();
            throw e;
        }
        for (int i = 0; i < requestsAtOnce; i++) {
            load.next();
        }
        return load;
    }

    private synchronized void next() {
        if (closed || !isBusy()) {
            return;
        }
        EndpointClient.InFlight sent = generator.send(shapes, texts);
        inFlight.add(sent);
        sent.answer().thenAccept(answer -> {
            inFlight.remove(sent);
            boolean succeeded = ended(answer);
            if (succeeded) {
                next();
            } else {
                later.execute(this::next);
            }
        });
    }

    private synchronized boolean ended(Answer answer) {
        Failure failure = answer.failure();
        if (failure == null) {
            answered++;
            failuresInARow = 0;
            return true;
        }
        failuresInARow++;
        lastFailure = failure.message();
        return false;
    }

    /** Requests answered so far. */
    public synchronized long answered() {
        return answered;
    }

    /** Whether requests still get through. */
    public synchronized boolean isBusy() {
        return failuresInARow < MOST_FAILURES;
    }

    /** @throws EndpointLostException if it is not busy any more */
    synchronized void requireBusy() throws EndpointLostException {
        if (!isBusy()) {
            throw new EndpointLostException("The neighbour does not answer any more: " + lastFailure + ".");
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        inFlight.forEach(EndpointClient.InFlight::abort);
        endpoint.close();
    }
}
