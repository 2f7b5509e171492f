package dev.scepsy.planner.serve.observe;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.otlp.CounterPoints;
import dev.scepsy.planner.otlp.MalformedOtlpException;
import dev.scepsy.planner.otlp.SpanDecoder;
import dev.scepsy.planner.receive.Intake;
import dev.scepsy.planner.receive.Outcome;
import dev.scepsy.planner.receive.ReceivedRequest;
import dev.scepsy.planner.receive.Signal;
import dev.scepsy.planner.serve.journal.StatisticsStore;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.ServeSettings.StatisticsSettings;
import dev.scepsy.planner.serve.settings.ServiceTime;
import dev.scepsy.planner.share.WorkflowKey;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.span.Origin;
import dev.scepsy.planner.span.Span;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes requests on the receiver's workers, folds their spans on a thread of its own, saves on another. A request is taken whole
 * or not at all: one that finds no room is deferred, and nothing of it is folded. What was taken is counted, unless the process is killed
 * within the seconds before it is saved, or another service takes the lead.
 *
 * <p>While the store cannot be used everything is kept and saved later; beyond {@value #MOST_UNSAVED_EXECUTIONS} executions senders are
 * asked to wait. Thread-safe.
 */
public final class Observer implements Observations, Intake, AutoCloseable {

    /** The counter that agents send, unsampled. */
    static final String COUNTER = "scepsy.executions";

    private static final int MOST_UNSAVED_EXECUTIONS = 250_000;
    private static final long MOST_QUEUED_SPANS = 200_000;
    private static final long LEAST_QUEUED_SPANS = 20_000;

    /** Of the heap, what a waiting span takes at most; a sixteenth of the heap is theirs. */
    private static final int SPAN_BYTES = 256;

    private static final Duration COME_AGAIN = Duration.ofSeconds(1);
    private static final Duration FOLD_EVERY = Duration.ofMillis(50);
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);
    private static final Duration SAVE_EVERY = Duration.ofSeconds(4);
    private static final Duration RETAIN_EVERY = Duration.ofMinutes(1);
    private static final long CLOSE_MILLIS = 20_000;

    private final Windows windows;
    private final Folding folding;
    private final Saving saving;
    private final Queries queries;
    private final Leading leads;
    private final LongSupplier steadyNanos;
    private final ServiceLog log;
    private final ExecutionListener listener;
    private final ObserverCounts counts = new ObserverCounts();
    private final CounterPoints counter = new CounterPoints(COUNTER);
    private final ThreadLocal<SpanDecoder> decoder = ThreadLocal.withInitial(SpanDecoder::new);
    private final SpanQueue queue;
    private final List<Thread> threads = new ArrayList<>();

    /** Guards {@link #folding}; taken before the windows' monitor. */
    private final Object foldLock = new Object();

    /** Guards {@link #saving}; taken before the others. */
    private final Object saveLock = new Object();

    private volatile boolean loaded;

    /** In which what is here was loaded. */
    private volatile long loadedTerm;

    private volatile boolean closing;
    private volatile @Nullable String storeTrouble;
    private volatile boolean tooMuchUnsaved;
    private volatile long openTraces;
    private volatile long openSpans;

    Observer(
            StatisticsSettings settings,
            int executionsKept,
            StatisticsStore store,
            Leading leads,
            ServiceTime time,
            LongSupplier steadyNanos,
            ServiceLog log,
            ExecutionListener listener) {
        this.leads = leads;
        this.steadyNanos = steadyNanos;
        this.log = log;
        this.listener = listener;
        windows = new Windows(executionsKept, settings.open());
        folding = new Folding(settings, windows, time, steadyNanos, counts);
        saving = new Saving(windows, store, time, settings.window(), executionsKept);
        queries =
                new Queries(windows, store, time, settings.window(), settings.settle(), settings.requiredExecutions());
        queue = new SpanQueue(Math.max(
                LEAST_QUEUED_SPANS,
                Math.min(MOST_QUEUED_SPANS, Runtime.getRuntime().maxMemory() / 16 / SPAN_BYTES)));
    }

    /**
     * Takes up what the store knows, where this service leads, and begins.
     *
     * @param executionsKept per workflow, with their spans
     * @param leads whether this service may write
     * @param time in which windows are meant
     * @param listener is told of every complete execution, on the folding thread
     */
    public static Observer start(
            StatisticsSettings settings,
            int executionsKept,
            StatisticsStore store,
            Leading leads,
            ServiceTime time,
            ServiceLog log,
            ExecutionListener listener) {
        // what the wall's clock does must not settle executions, or keep them from it
        LongSupplier steady = time::steadyNanos;
        Observer observer = new Observer(settings, executionsKept, store, leads, time, steady, log, listener);
        observer.look();
        observer.thread("scepsy-observe", observer::fold);
        observer.thread("scepsy-observe-save", observer::save);
        return observer;
    }

    private void thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    // receiving

    @Override
    public boolean reads(Signal signal) {
        return signal != Signal.LOGS;
    }

    @Override
    public Outcome take(ReceivedRequest request) {
        Optional<String> trouble = trouble();
        if (trouble.isPresent()) {
            return deferred(request, trouble.get());
        }
        try {
            return switch (request.signal()) {
                case TRACES -> takeTraces(request);
                case METRICS -> takeMetrics(request);
                case LOGS -> accepted(request.signal());
            };
        } catch (MalformedOtlpException e) {
            counts.request("malformed");
            return new Outcome.Refused(String.valueOf(e.getMessage()));
        }
    }

    private Outcome takeTraces(ReceivedRequest request) throws MalformedOtlpException {
        if (queue.isFull()) {
            return deferred(request, "more spans came than can be folded; send this request again");
        }
        List<Span> spans = decoder.get().decode(request.message(), request.form());
        if (!spans.isEmpty() && !queue.offer(spans)) {
            return deferred(request, "more spans came than can be folded; send this request again");
        }
        counts.spansReceived.add(spans.size());
        return accepted(Signal.TRACES);
    }

    private Outcome takeMetrics(ReceivedRequest request) throws MalformedOtlpException {
        List<CounterPoints.Point> points = counter.in(request.message(), request.form());
        if (!points.isEmpty()) {
            synchronized (windows) {
                for (CounterPoints.Point point : points) {
                    String workflow = point.attributes().get("workflow");
                    String service = point.attributes()
                            .getOrDefault("service", point.resource().get("service.name"));
                    if (workflow != null && !workflow.isEmpty()) {
                        windows.counted(new WorkflowKey(workflow, new Origin(service, null, null).service()), point);
                    }
                }
            }
        }
        return accepted(Signal.METRICS);
    }

    private Outcome accepted(Signal signal) {
        counts.request(signal.word());
        return Outcome.ACCEPTED;
    }

    private Outcome deferred(ReceivedRequest request, String why) {
        counts.request("deferred");
        if (request.signal() == Signal.TRACES) {
            counts.spansRefused.add(SpanDecoder.count(request.message(), request.form()));
        }
        return new Outcome.TryLater(COME_AGAIN, why);
    }

    @Override
    public Optional<String> trouble() {
        if (closing) {
            return Optional.of("the service ends");
        }
        String failure = storeTrouble;
        if (!leads.now()) {
            return Optional.of(
                    loaded && leads.term() == loadedTerm
                            ? "whether this service still leads is not known: "
                                    + (failure == null ? "the store does not answer" : failure)
                            : "another service leads: this one stands by");
        }
        if (!loaded) {
            return Optional.of(failure == null ? "statistics are being loaded" : failure);
        }
        if (tooMuchUnsaved) {
            return Optional.of("too much waits to be saved: " + (failure == null ? "the store is slow" : failure));
        }
        return Optional.empty();
    }

    // folding

    private void fold() {
        long settledAt = System.nanoTime();
        while (!closing) {
            try {
                foldNext(FOLD_EVERY);
                if (System.nanoTime() - settledAt >= FOLD_EVERY.toNanos()) {
                    settle(false);
                    settledAt = System.nanoTime();
                }
            } catch (InterruptedException e) {
                // closing ends this thread by its flag; whoever interrupts threads he does not know means others
                Thread.interrupted();
            } catch (RuntimeException | OutOfMemoryError e) {
                failed("Spans could not be folded; further failures are only counted.", e);
            }
        }
    }

    private void foldNext(Duration wait) throws InterruptedException {
        List<Span> request = queue.poll(wait);
        if (request != null) {
            try {
                synchronized (foldLock) {
                    folding.add(request);
                }
            } finally {
                queue.done(request);
            }
        }
    }

    /** Settles what has settled by now, or all that has ended. */
    void settle(boolean atOnce) {
        List<FoldedExecution> folded;
        synchronized (foldLock) {
            folded = folding.settle(atOnce);
            openTraces = folding.openTraces();
            openSpans = folding.openSpans();
        }
        folded.forEach(this::tell);
    }

    private void tell(FoldedExecution execution) {
        try {
            listener.folded(execution);
        } catch (RuntimeException e) {
            failed("An execution was counted, but what listens failed; further failures are only counted.", e);
        }
    }

    private void failed(String what, Throwable failure) {
        if (counts.failures.sum() == 0) {
            log.error(what, failure);
        }
        counts.failures.increment();
    }

    /** Folds what was taken so far, on this thread or the other. */
    void drain() {
        while (!queue.isEmpty()) {
            try {
                foldNext(Duration.ofMillis(1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    // saving

    private void save() {
        long savedAt = System.nanoTime();
        long retainedAt = savedAt;
        while (!closing) {
            LockSupport.parkNanos(this, LOOK_EVERY.toNanos());
            Thread.interrupted();
            look();
            if (loaded && System.nanoTime() - savedAt >= SAVE_EVERY.toNanos()) {
                saveNow(List.of());
                savedAt = System.nanoTime();
            }
            if (loaded && System.nanoTime() - retainedAt >= RETAIN_EVERY.toNanos()) {
                retain();
                retainedAt = System.nanoTime();
            }
        }
    }

    /**
     * Takes up what the store has when this service comes to lead; lets go of everything when another one has led since. While it is not known who
     * leads, what was taken is kept: where the store comes back and nobody else has led, it is saved then.
     */
    void look() {
        synchronized (saveLock) {
            long term = leads.term();
            if (loaded && term != loadedTerm) {
                letGo();
            }
            if (loaded || !leads.now()) {
                return;
            }
            try {
                List<Span> open = saving.load(steadyNanos.getAsLong());
                synchronized (foldLock) {
                    folding.add(open);
                }
                loadedTerm = term;
                loaded = true;
                over();
            } catch (RuntimeException e) {
                trouble("Statistics cannot be loaded", e);
            }
        }
    }

    private void letGo() {
        loaded = false;
        drain();
        synchronized (foldLock) {
            folding.clear();
            synchronized (windows) {
                windows.clear(steadyNanos.getAsLong());
            }
        }
        log.warn("Another service leads: statistics not saved yet are left to its senders' next requests.");
    }

    /** Saves what the store does not have; whether it could. */
    boolean saveNow(List<Span> open) {
        synchronized (saveLock) {
            if (leads.term() != loadedTerm) {
                return false; // another one has led: what is here is not to replace what it wrote
            }
            try {
                saving.save(open);
                over();
                tooMuchUnsaved = false;
                return true;
            } catch (RuntimeException e) {
                trouble("Statistics cannot be saved", e);
                synchronized (windows) {
                    tooMuchUnsaved = windows.unsavedIdCount() > MOST_UNSAVED_EXECUTIONS;
                }
                return false;
            }
        }
    }

    private void retain() {
        synchronized (saveLock) {
            try {
                saving.retain();
            } catch (RuntimeException e) {
                trouble("Old statistics cannot be deleted", e);
            }
        }
    }

    private void trouble(String what, RuntimeException failure) {
        String before = storeTrouble;
        storeTrouble = what + ": " + failure.getMessage();
        if (before == null) {
            log.error(what + "; it is tried again.", failure);
        }
        counts.failures.increment();
    }

    private void over() {
        if (storeTrouble != null) {
            storeTrouble = null;
            log.info("The store can be used again.");
        }
    }

    @Override
    public void flush() {
        drain();
        settle(true);
        if (loaded) {
            saveNow(List.of());
        }
    }

    /** Takes nothing any more, folds what was taken, saves all of it, open executions among it; waits for it at most twenty seconds. */
    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        threads.forEach(LockSupport::unpark);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_MILLIS);
        try {
            for (Thread thread : threads) {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        drain();
        settle(false);
        if (loaded) {
            List<Span> open = new ArrayList<>();
            synchronized (foldLock) {
                folding.forEachOpen(open::add);
            }
            saveNow(open);
        }
    }

    // asking

    @Override
    public WorkflowShares statistics(Optional<Duration> last) {
        return queries.statistics(last);
    }

    @Override
    public WorkflowShares statisticsBetween(Instant from, Instant to) {
        return queries.between(from, to);
    }

    @Override
    public List<String> workflows() {
        return queries.workflows();
    }

    @Override
    public Optional<ShareCurve> shares(String workflow) {
        return queries.shares(workflow);
    }

    @Override
    public List<String> candidates(String workflow) {
        return queries.candidates(workflow);
    }

    @Override
    public List<JsonNode> executions(String workflow, int limit, Optional<String> before) {
        return queries.executions(workflow, limit, before);
    }

    @Override
    public Optional<JsonNode> execution(String id) {
        return queries.execution(id);
    }

    @Override
    public Map<String, List<Bin>> rates(Duration bin, Instant from, Instant to) {
        return queries.rates(bin, from, to);
    }

    @Override
    public Counts counts() {
        return counts.counts(openTraces, openSpans);
    }
}
