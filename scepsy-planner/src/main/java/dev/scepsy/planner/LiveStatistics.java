package dev.scepsy.planner;

import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.file.WorkflowsFile;
import dev.scepsy.planner.running.OpenExecutions;
import dev.scepsy.planner.share.Drift;
import dev.scepsy.planner.share.ShareEstimator;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import dev.scepsy.planner.span.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes spans from any thread without ever blocking it, and folds them into the statistics of the last while.
 *
 * <pre>{@code
 * LiveStatistics live = LiveStatistics.start(LiveStatisticsConfig.builder().out(folder).build());
 * live.record(span);               // from any thread, at the end of a call, agent, tool or workflow
 * live.statistics();               // what the window says
 * }</pre>
 *
 * <p>Whatever a stage throws is counted, logged once, and stops neither the loop nor the application. Thread-safe.
 */
public final class LiveStatistics implements AutoCloseable {

    private static final long POLL_NANOS = 100_000_000;
    private static final long CLOSE_WAIT_MILLIS = 2_000;
    private static final int MOST_SAID = 100;
    private static final StatisticsListener NOBODY = (shares, drift) -> {};

    private final LiveStatisticsConfig config;
    private final LongSupplier nanoTime;
    private final StatisticsListener listener;
    private final Consumer<String> log;

    private final SpanBuffer buffer;

    /** Held for the time of a few executions. Guards the window and the open executions. */
    private final Object folding = new Object();

    private final StatisticsWindow window;

    /** Held for the time of an estimate, never inside the other. Guards the estimator, what has been said, when it was published. */
    private final Object publishing = new Object();

    private final ShareEstimator estimator;
    private final Set<String> said = new HashSet<>();
    private final AtomicLong failures = new AtomicLong();
    private volatile WorkflowShares published = new WorkflowShares(List.of(), Map.of());
    private final AtomicReference<WorkflowShares> accepted = new AtomicReference<>(published);
    private volatile boolean closed;
    private long publishedAtNanos;
    private @Nullable Thread thread;

    /** Made with the first span: an application that records none loads no cache. */
    private @Nullable OpenExecutions openExecutions;

    /** A planner without a thread, for tests: {@link #step} does the work. */
    LiveStatistics(
            LiveStatisticsConfig config, LongSupplier nanoTime, StatisticsListener listener, Consumer<String> log) {
        this.config = config;
        this.nanoTime = nanoTime;
        this.listener = listener;
        this.log = log;
        buffer = new SpanBuffer(config.bufferCapacity());
        window = new StatisticsWindow(config, nanoTime);
        estimator = new ShareEstimator(config.requiredExecutions(), config.seed());
        publishedAtNanos = nanoTime.getAsLong() - config.publishEvery().toNanos();
    }

    /** Starts a planner with its own daemon thread; it logs to standard error. */
    public static LiveStatistics start(LiveStatisticsConfig config) {
        return start(config, NOBODY, message -> System.err.println("[scepsy] " + message));
    }

    /**
     * Starts a planner with its own daemon thread.
     *
     * @param listener is told of new statistics
     * @param log takes the few sentences there are for people
     */
    public static LiveStatistics start(LiveStatisticsConfig config, StatisticsListener listener, Consumer<String> log) {
        LiveStatistics planner = new LiveStatistics(config, System::nanoTime, listener, log);
        if (config.mode() != LiveStatisticsConfig.Mode.OFF) {
            Thread thread = new Thread(planner::loop, "scepsy-planner");
            thread.setDaemon(true);
            planner.thread = thread;
            thread.start();
        }
        return planner;
    }

    /**
     * Takes one ended span; some tens of nanoseconds, whatever the load. Never blocks and never throws; a span that finds no
     * room is dropped and counted. Its parent is to be the nearest enclosing span that is recorded too, and all spans of
     * one execution name it by id, or none does.
     */
    public void record(Span span) {
        if (config.mode() != LiveStatisticsConfig.Mode.OFF) {
            buffer.offer(span);
        }
    }

    /**
     * Takes one ended span like {@link #record}, but at once, on this thread: for a caller who has a queue of his own and one thread
     * behind it, which then calls {@link #settle} now and again. Waits while another thread is folding, never for an
     * estimate; never throws.
     */
    public void take(Span span) {
        if (config.mode() == LiveStatisticsConfig.Mode.OFF) {
            return;
        }
        try {
            synchronized (folding) {
                open().add(span);
            }
        } catch (Throwable failure) {
            failed(failure);
        }
    }

    /** Counts the executions that have settled by now. Waits and throws as little as {@link #take}. */
    public void settle() {
        guarded(() -> fold(false));
    }

    /** What the window said when it was last published; a snapshot. */
    public List<WorkflowStatistics> statistics() {
        return published.workflows();
    }

    /** The same with the counts of incomplete executions. */
    public WorkflowShares shares() {
        return published;
    }

    /** Makes the present statistics the ones that drift is measured against: call it when a plan rests on them. */
    public void accept(WorkflowShares shares) {
        accepted.set(shares);
    }

    /** What has been dropped, ignored or failed. */
    public LiveStatisticsCounts counts() {
        synchronized (folding) {
            OpenExecutions open = openExecutions;
            return new LiveStatisticsCounts(
                    buffer.dropped(),
                    open == null ? 0 : open.ignoredSpans(),
                    open == null ? 0 : open.spanCount(),
                    failures.get());
        }
    }

    /** Processes everything recorded and taken so far as if its executions had settled, and publishes. */
    public void flush() {
        guarded(() -> step(true));
    }

    /** Stops the thread after a last {@link #flush}; waits at most two seconds. */
    @Override
    public void close() {
        closed = true;
        Thread running = thread;
        if (running != null) {
            LockSupport.unpark(running);
            try {
                running.join(CLOSE_WAIT_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        } else {
            flush();
        }
    }

    private void loop() {
        while (!closed) {
            guarded(() -> step(false));
            LockSupport.parkNanos(this, POLL_NANOS);
            Thread.interrupted(); // Whoever interrupts threads he does not know means others; the flag would make
            // this spin.
        }
        flush();
    }

    /** The whole way of a span: buffer, execution, window, statistics, file and listener. */
    void step(boolean atOnce) {
        synchronized (publishing) {
            long now = nanoTime.getAsLong();
            boolean due =
                    atOnce || now - publishedAtNanos >= config.publishEvery().toNanos();
            StatisticsWindow.Snapshot snapshot;
            synchronized (folding) {
                fold(atOnce);
                snapshot = due && window.hasChanged() ? window.snapshot() : null;
            }
            if (snapshot != null) {
                publishedAtNanos = now;
                publish(snapshot.estimate(estimator, this::sayOnce));
            }
        }
    }

    private void fold(boolean atOnce) {
        synchronized (folding) {
            if (openExecutions != null || !buffer.isEmpty()) {
                OpenExecutions open = open();
                buffer.drain(open::add);
                open.settle(atOnce, assembled -> window.add(assembled.execution()));
                window.forget();
            }
        }
    }

    private OpenExecutions open() {
        OpenExecutions open = openExecutions;
        if (open == null) {
            open = new OpenExecutions(
                    new OpenExecutions.Limits(
                            config.settleAfter(),
                            config.openFor(),
                            config.maxOpenSpans(),
                            Integer.MAX_VALUE,
                            RootRule.DEFAULT),
                    nanoTime);
            openExecutions = open;
        }
        return open;
    }

    private void publish(WorkflowShares shares) {
        published = shares;
        WorkflowShares reference = accepted.updateAndGet(before -> withFirstEstimates(before, shares));
        guarded(() -> write(shares));
        guarded(() -> listener.published(shares, Drift.between(reference, shares)));
    }

    private void sayOnce(String workflow, String model) {
        if (said.size() < MOST_SAID && said.add(workflow + " " + model)) {
            logSafely(
                    "calls to " + model + " in workflow " + workflow + " have two modes of lengths that no agent tells"
                            + " apart: planning goes by their mean. 'scepsy shares' on recorded traces tells them apart");
        }
    }

    /** A workflow that nobody has accepted yet drifts against its first estimate that rests on enough data. */
    private static WorkflowShares withFirstEstimates(WorkflowShares accepted, WorkflowShares shares) {
        Map<String, WorkflowStatistics> reference = new TreeMap<>();
        for (WorkflowStatistics workflow : accepted.workflows()) {
            reference.put(workflow.name(), workflow);
        }
        for (WorkflowStatistics workflow : shares.workflows()) {
            if (!workflow.notEnoughData()) {
                reference.putIfAbsent(workflow.name(), workflow);
            }
        }
        return new WorkflowShares(List.copyOf(reference.values()), Map.of());
    }

    private void write(WorkflowShares shares) {
        if (config.out().isEmpty()) {
            return;
        }
        Map<String, Long> incomplete = new LinkedHashMap<>();
        shares.incompleteExecutions().forEach((reason, count) -> incomplete.put(reason.key(), count));
        try {
            Path folder = Files.createDirectories(config.out().get());
            WorkflowsFile.write(shares.workflows(), incomplete, folder.resolve("workflows.json"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("The statistics cannot be written", e);
        }
    }

    private void guarded(Runnable stage) {
        try {
            stage.run();
        } catch (Throwable failure) {
            failed(failure);
        }
    }

    private void failed(Throwable failure) {
        if (failures.getAndIncrement() == 0) {
            logSafely("planning goes on after a failure, further ones are only counted: " + failure);
        }
    }

    private void logSafely(String message) {
        try {
            log.accept(message);
        } catch (RuntimeException notLogged) {
            // nothing is left to tell it to
        }
    }
}
