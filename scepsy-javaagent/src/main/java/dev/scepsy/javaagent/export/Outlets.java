package dev.scepsy.javaagent.export;

import dev.scepsy.javaagent.setting.Settings;
import dev.scepsy.javaagent.trace.FinishedOperations;
import dev.scepsy.javaagent.trace.Operation;
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

    /** The property that {@code --doctor} reads. */
    private static final String STATUS = "scepsy.agent.status";

    private static final long STATUS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Settings settings;
    private final Supplier<String> instrumentation;
    private final long flushMillis;
    private final Ring<Operation> waiting = new Ring<>(CAPACITY);
    private final CountDownLatch drained = new CountDownLatch(1);
    private long publishedAtNanos = System.nanoTime() - STATUS_NANOS; // The worker's own.
    private long publishedCount = -1;
    private volatile Consumer<Boolean> housekeeping = last -> {};
    private long tidiedAtNanos = System.nanoTime(); // The worker's own.
    private volatile boolean closing;
    private volatile Thread worker = Thread.currentThread();

    /** @param instrumentation says for people what has been instrumented */
    public Outlets(Settings settings, Supplier<String> instrumentation) {
        this.instrumentation = instrumentation;
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
        try {
            while (true) {
                boolean last = closing; // Read before draining: what came before it is drained.
                tidy(last);
                drain(spans, planner);
                publishStatus(spans);
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
        if (last || now - tidiedAtNanos >= STATUS_NANOS) {
            tidiedAtNanos = now;
            housekeeping.accept(last);
        }
    }

    /** For the doctor: at most once a second, and only when something has changed. */
    private void publishStatus(SpanOutlet spans) {
        long now = System.nanoTime();
        if (now - publishedAtNanos < STATUS_NANOS
                || waiting.offered() + spans.exported() + spans.failed() == publishedCount) {
            return;
        }
        publishedAtNanos = now;
        publishedCount = waiting.offered() + spans.exported() + spans.failed();
        System.setProperty(
                STATUS,
                instrumentation.get() + "; saw " + waiting.offered() + " operations, dropped " + waiting.refused()
                        + ", exported " + spans.exported() + " spans, failed to export " + spans.failed());
    }

    private void drain(SpanOutlet spans, PlannerOutlet planner) {
        for (Operation next = waiting.poll(); next != null; next = waiting.poll()) {
            planner.accept(next);
            if (next.sampled() && next.companion() == null) {
                spans.accept(next);
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
