package dev.scepsy.javaagent.export;

import dev.scepsy.javaagent.host.AgentThreads;
import dev.scepsy.javaagent.host.Privileged;
import dev.scepsy.javaagent.host.Stderr;
import dev.scepsy.javaagent.setting.Settings;
import dev.scepsy.javaagent.trace.Companion;
import dev.scepsy.javaagent.trace.FinishedOperations;
import dev.scepsy.javaagent.trace.Operation;
import java.security.PrivilegedAction;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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

    private static final long START_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long BYTES_PER_CALL_WITH_CONTENT = 2L << 20;

    private final Settings settings;
    private final Status status;
    private final long flushMillis;
    private final Ring<Operation> waiting = new Ring<>(CAPACITY);
    private final AtomicInteger withContent = new AtomicInteger();
    private final int withContentAllowed =
            (int) Math.max(16, Math.min(256, Runtime.getRuntime().maxMemory() / BYTES_PER_CALL_WITH_CONTENT));
    private final CountDownLatch drained = new CountDownLatch(1);
    private volatile @Nullable Housekeeping housekeeping;
    private @Nullable SpanOutlet spans; // These are the worker's own.
    private @Nullable PlannerOutlet planner;
    private long tidiedAtNanos = System.nanoTime();
    private long notSampled;
    private long joined;
    private long failures;
    private boolean behind;
    private boolean saidDropped; // Racy: asking for it costs nothing.
    private volatile boolean closing;
    private volatile boolean started;
    private volatile boolean working;
    private volatile long startAgainAtNanos;
    private volatile Thread worker = Thread.currentThread();

    /** @param instrumentation says what has been instrumented */
    public Outlets(Settings settings, Supplier<Map<String, Object>> instrumentation) {
        this.status = new Status(settings, instrumentation);
        this.settings = settings;
        this.flushMillis = (long) settings.number("scepsy.exit.flush-millis", 0, FLUSH_MILLIS);
    }

    /** What the thread does about once a second besides. */
    @FunctionalInterface
    public interface Housekeeping {
        /** @param last the JVM is about to exit */
        void tidy(boolean last);
    }

    public void alongside(Housekeeping work) {
        housekeeping = work;
    }

    /** Starts the daemon thread and registers the bounded flush at exit. */
    public void start() {
        started = true;
        Status.begins();
        startWorker();
        try {
            Privileged.call(new AtExit(AgentThreads.atExit(new Work(this, true), "scepsy-flush")));
        } catch (IllegalStateException exiting) {
            // The JVM is on its way out: what the thread manages until then counts.
        }
    }

    /** What a thread of ours does: the work of every day, or the last flush. */
    private record Work(Outlets outlets, boolean flush) implements Runnable {
        @Override
        public void run() {
            if (flush) {
                outlets.close();
            } else {
                outlets.run();
            }
        }
    }

    private record AtExit(Thread flush) implements PrivilegedAction<Thread> {
        @Override
        public Thread run() {
            Runtime.getRuntime().addShutdownHook(flush);
            return flush;
        }
    }

    /** Also where it has ended, whoever ended it; and later, where the system gives no thread now. */
    private synchronized void startWorker() {
        if (working || closing || !started) {
            return;
        }
        startAgainAtNanos = System.nanoTime() + START_AGAIN_NANOS;
        working = true;
        try {
            Thread thread = AgentThreads.daemon(new Work(this, false), "scepsy");
            thread.start();
            worker = thread;
        } catch (Throwable refused) {
            working = false;
            Stderr.once(
                    "thread",
                    "no thread can be made at present (" + refused + "): spans and statistics wait or are dropped until"
                            + " one can (the application is not affected; said once)");
        }
    }

    @Override
    public void accept(Operation finished) {
        if (finished.showsContent()) {
            boundContent(finished);
        }
        if (!waiting.offer(finished) && !saidDropped) {
            saidDropped = true;
            Stderr.once(
                    "ring",
                    "operations are dropped: " + CAPACITY + " have ended that the agent's thread has had no time for;"
                            + " statistics and spans miss them (said once)");
        }
        if (!working && System.nanoTime() - startAgainAtNanos > 0) {
            startWorker();
        }
    }

    /** Requests are as large as the application makes them: only so many may wait to have their content read. */
    private void boundContent(Operation finished) {
        int ahead = withContent.incrementAndGet();
        if (ahead > withContentAllowed) {
            withContent.decrementAndGet();
            finished.forgetContent();
            Stderr.once(
                    "content of bursts",
                    "content is left out of spans while more than " + withContentAllowed
                            + " calls wait to have theirs read (the application is not affected; said once)");
        } else if (ahead * 2 > withContentAllowed) {
            LockSupport.unpark(worker);
        }
    }

    private void run() {
        try {
            awaitFirstWork();
            while (work()) {
                if (!behind) {
                    LockSupport.parkNanos(this, IDLE_NANOS);
                }
                Thread.interrupted(); // Whoever interrupts threads he does not know means others; the flag would make
                // this spin.
            }
        } finally {
            working = false; // Whatever ended it: the next operation starts another.
        }
    }

    /** The application is starting too: it should not have to share the processor with classes that nobody needs yet. */
    private void awaitFirstWork() {
        long begun = System.nanoTime();
        while (waiting.offered() == 0
                && !closing
                && settings.text(PlannerOutlet.PORT).isEmpty()
                && System.nanoTime() - begun < TIDY_NANOS) {
            LockSupport.parkNanos(this, IDLE_NANOS);
            Thread.interrupted();
        }
    }

    /** One round; false after the last. */
    private boolean work() {
        boolean last = closing; // Read before draining: what came before it is drained.
        behind = false;
        try {
            SpanOutlet toSpans = spans;
            PlannerOutlet toPlanner = planner;
            if (toSpans == null || toPlanner == null) {
                toSpans = new SpanOutlet(settings);
                toPlanner = new PlannerOutlet(settings);
                spans = toSpans;
                planner = toPlanner;
                toPlanner.serve();
            }
            tidy(last);
            behind = drain(toSpans, toPlanner);
            toPlanner.step();
            toSpans.step();
            status.publish(counts(toSpans));
            if (last) {
                toSpans.beginClose(); // Exports while the planner writes its last statistics.
                toPlanner.close();
                toSpans.close(flushMillis);
            }
        } catch (Throwable failure) {
            failures++;
            Stderr.once("outlets.round", "the agent's thread goes on after " + failure + " (said once)");
        } finally {
            if (last) {
                drained.countDown();
            }
        }
        return !last;
    }

    private void tidy(boolean last) {
        long now = System.nanoTime();
        if (last || now - tidiedAtNanos >= TIDY_NANOS) {
            tidiedAtNanos = now;
            Housekeeping work = housekeeping;
            if (work != null) {
                work.tidy(last);
            }
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

    /** All that waits, but no more than there is room for: what comes meanwhile must not keep the rest of a round from being done. */
    private boolean drain(SpanOutlet spans, PlannerOutlet planner) {
        for (int taken = 0; taken < CAPACITY; taken++) {
            Operation next = waiting.poll();
            if (next == null) {
                return false;
            }
            if (next.showsContent()) {
                withContent.decrementAndGet();
            }
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
            } catch (Throwable failure) {
                failures++; // One operation is lost, not the thread.
                Stderr.once("outlets", "an operation was lost: " + failure + " (said once)");
            }
        }
        return true;
    }

    private void close() {
        closing = true;
        LockSupport.unpark(worker);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(flushMillis);
        boolean interrupted = false;
        boolean done = false;
        for (long left = deadline - System.nanoTime(); !done; left = deadline - System.nanoTime()) {
            try {
                done = drained.await(left, TimeUnit.NANOSECONDS);
                if (!done) {
                    Stderr.once("flush", "exit: not everything was exported within " + flushMillis + " ms");
                    break;
                }
            } catch (InterruptedException others) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
