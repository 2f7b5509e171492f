package dev.scepsy.javaagent.export;

import dev.scepsy.javaagent.setting.Settings;
import dev.scepsy.javaagent.trace.Companion;
import dev.scepsy.javaagent.trace.FinishedOperations;
import dev.scepsy.javaagent.trace.Operation;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The bounded buffer between the application's threads and the two doors, and the daemon thread behind it. Offering never
 * blocks; what finds no room is dropped and counted. Planner and SDK are started by that thread when the first operation has
 * finished, so no application waits for them, nor for their share of the processor before its first answer. Thread-safe.
 */
public final class Outlets implements FinishedOperations {

    private static final int CAPACITY = 32_768;
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final double FLUSH_MILLIS = 2_000;
    private static final long TIDY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Settings settings;
    private final Status status;
    private final long flushMillis;
    private final Ring<Operation> waiting = new Ring<>(CAPACITY);
    private final CountDownLatch drained = new CountDownLatch(1);
    private volatile Consumer<Boolean> housekeeping = last -> {};
    private long tidiedAtNanos = System.nanoTime(); // These are the worker's own.
    private long notSampled;
    private long joined;
    private long failures;
    private volatile boolean closing;
    private volatile Thread worker = Thread.currentThread();

    /** @param instrumentation says what has been instrumented */
    public Outlets(Settings settings, Supplier<Map<String, Object>> instrumentation) {
        this.status = new Status(settings, instrumentation);
        this.settings = settings;
        this.flushMillis = (long) settings.number("scepsy.exit.flush-millis", 0, FLUSH_MILLIS);
    }

    /** What the thread does about once a second besides, and a last time, told so, before it ends. */
    public void alongside(Consumer<Boolean> work) {
        housekeeping = work;
    }

    /** Starts the daemon thread and registers the bounded flush at exit. */
    public void start() {
        Thread thread = new Thread(this::run, "scepsy");
        thread.setDaemon(true);
        thread.setContextClassLoader(Outlets.class.getClassLoader());
        worker = thread;
        thread.start();
        Thread flush = new Thread(this::close, "scepsy-flush");
        flush.setContextClassLoader(Outlets.class.getClassLoader());
        Runtime.getRuntime().addShutdownHook(flush);
    }

    @Override
    public void accept(Operation finished) {
        waiting.offer(finished);
    }

    private void run() {
        SpanOutlet spans = new SpanOutlet(settings);
        PlannerOutlet planner = new PlannerOutlet(settings);
        planner.serve();
        try {
            while (true) {
                boolean last = closing; // Read before draining: what came before it is drained.
                tidy(last);
                drain(spans, planner);
                status.publish(counts(spans));
                if (last) {
                    break;
                }
                LockSupport.parkNanos(this, IDLE_NANOS);
            }
        } finally {
            spans.beginClose(); // Exports while the planner writes its last statistics.
            planner.close();
            spans.close(flushMillis);
            drained.countDown();
        }
    }

    private void tidy(boolean last) {
        long now = System.nanoTime();
        if (last || now - tidiedAtNanos >= TIDY_NANOS) {
            tidiedAtNanos = now;
            housekeeping.accept(last);
        }
    }

    private Map<String, Object> counts(SpanOutlet spans) {
        Map<String, Object> counts = new LinkedHashMap<>();
        counts.put("seen", waiting.offered());
        counts.put("dropped", waiting.refused() + spans.dropped());
        counts.put("notSampled", notSampled);
        counts.put("joined", joined);
        counts.put("exported", spans.exported());
        counts.put("failed", spans.failed());
        counts.put("failures", failures);
        counts.put("endpoint", spans.endpoint());
        counts.put("problem", spans.problem());
        return counts;
    }

    private void drain(SpanOutlet spans, PlannerOutlet planner) {
        for (Operation next = waiting.poll(); next != null; next = waiting.poll()) {
            try {
                planner.accept(next);
                Companion companion = next.companion();
                if (companion == null) {
                    spans.measure(next);
                } else {
                    companion.measure(next);
                }
                if (!next.sampled()) {
                    notSampled++;
                } else if (companion == null) {
                    spans.accept(next);
                } else {
                    joined++;
                }
            } catch (RuntimeException | LinkageError failure) {
                failures++; // One operation is lost, not the thread.
                Log.once("outlets", "an operation was lost: " + failure + " (said once)");
            }
        }
    }

    private void close() {
        closing = true;
        LockSupport.unpark(worker);
        try {
            if (!drained.await(flushMillis, TimeUnit.MILLISECONDS)) {
                Log.once("flush", "exit: not everything was exported within " + flushMillis + " ms");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
