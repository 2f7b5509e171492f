package dev.scepsy.javaagent.trace;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Begins operations and knows the current one of each thread. Thread-safe.
 *
 * <p>The current operation is set and restored lexically, in the token of one woven call; work that goes to another thread
 * takes it along: beside the task ({@link HandOvers}), or in its place where nobody sees it ({@link CapturedWork}). So a scope cannot leak.
 */
public final class Tracer {

    /** Longer than any model is silent in the middle of an answer. */
    public static final double DEFAULT_SILENCE_SECONDS = 600;

    private static final long CLOCK_NANOS = 1_000_000_000L;

    private final ThreadLocal<@Nullable Operation> current;
    private final ThreadLocal<@Nullable Carried> carried;
    private final HandOvers handOvers;
    private final long silenceNanos;
    private final Sampling sampling;
    private final FinishedOperations finished;
    private final OpenWork openWork;
    private final Endings endings;
    private final WeakIdentityMap<Runnable> cancellations;
    private final @Nullable Supplier<@Nullable Companions> around;
    private volatile @Nullable Companions companions;
    private volatile Conventions conventions = Conventions.V1_41;
    private volatile Clock clock = Clock.now();

    public Tracer(Sampling sampling, FinishedOperations finished) {
        this(sampling, finished, DEFAULT_SILENCE_SECONDS);
    }

    /** @param silenceSeconds after how long without a sign of life a stream's operation ends */
    public Tracer(Sampling sampling, FinishedOperations finished, double silenceSeconds) {
        this.current = new ThreadLocal<>();
        this.carried = new ThreadLocal<>();
        this.handOvers = new HandOvers();
        this.silenceNanos = (long) (silenceSeconds * TimeUnit.SECONDS.toNanos(1));
        this.cancellations = new WeakIdentityMap<>();
        this.around = null;
        this.sampling = sampling;
        this.finished = finished;
        this.openWork = new OpenWork(silenceNanos);
        this.endings = new Endings(openWork);
    }

    private Tracer(Tracer shared, @Nullable Companions companions, @Nullable Supplier<@Nullable Companions> around) {
        this.current = shared.current;
        this.carried = shared.carried;
        this.handOvers = shared.handOvers;
        this.silenceNanos = shared.silenceNanos;
        this.cancellations = shared.cancellations;
        this.sampling = shared.sampling;
        this.finished = shared.finished;
        this.openWork = shared.openWork;
        this.endings = shared.endings;
        this.conventions = shared.conventions;
        this.companions = companions;
        this.around = around;
    }

    /** One application's: the same in all but that its operations join these spans. Not referred to by this one. */
    public Tracer joining(Companions companions) {
        return new Tracer(this, companions, null);
    }

    /**
     * That of code which several applications share: the same in all but that its operations join the spans of the application
     * whose work they are.
     *
     * @param around tells that by the thread; null where it is nobody's in particular
     */
    public Tracer joiningWhatIsAround(Supplier<@Nullable Companions> around) {
        return new Tracer(this, null, around);
    }

    private @Nullable Companions companions() {
        Companions own = companions;
        return own != null || around == null ? own : around.get();
    }

    /** From now on operations join the spans of another SDK. */
    public void join(Companions companions) {
        this.companions = companions;
    }

    /** Before the first operation: which conventions they follow. */
    public void follow(Conventions conventions) {
        this.conventions = conventions;
    }

    public Conventions conventions() {
        return conventions;
    }

    /** The operation this thread works for. */
    public @Nullable Operation current() {
        Operation operation = current.get();
        if (operation != null) {
            return operation;
        }
        Companions others = companions();
        return others == null ? null : others.current();
    }

    /** The operation of this thread, whatever the contexts of others carry. */
    @Nullable
    Operation currentHere() {
        return current.get();
    }

    void currentHere(@Nullable Operation operation) {
        current.set(operation);
    }

    /** Makes an operation current, or none; what it returns undoes that, given to {@link #restore} on the same thread. */
    public @Nullable Object makeCurrent(@Nullable Operation operation) {
        Operation before = current.get();
        Companion companion = operation == null ? null : operation.companion();
        AutoCloseable scope = companion == null ? null : companion.makeCurrent(); // May fail: then nothing has changed.
        current.set(operation);
        return scope == null ? before : new Entered(before, scope);
    }

    /** Undoes {@link #makeCurrent}. */
    public void restore(@Nullable Object before) {
        if (before instanceof Entered entered) {
            current.set(entered.before);
            try {
                entered.scope.close();
            } catch (Exception unclosed) {
                throw new IllegalStateException(unclosed);
            }
        } else {
            current.set((Operation) before);
        }
    }

    private record Entered(@Nullable Operation before, AutoCloseable scope) {}

    /**
     * Begins an operation below the thread's current one; does not make it current.
     *
     * @param subject the object whose work it is, by identity: the same logical call is recognised by it
     */
    public Operation begin(OperationKind kind, String name, Object subject) {
        Operation above = current();
        Carried work = carried.get();
        if (work != null && above != null && !work.mayBeginBelow(above)) {
            above = null;
        }
        Operation parent = above == null ? null : above.asParentOf(kind);
        Companions own = companions();
        Companions others = own == null && parent != null ? parent.companions() : own;
        boolean elsewhere = parent != null && others != parent.companions();
        if (elsewhere && others != null && others.hasWork()) {
            parent = null; // Another application's request is at work here, in that one's own trace.
        }
        Operation operation = new Operation(this, parent, kind, name, subject);
        boolean ownSpan = others == null || (parent != null && !elsewhere && parent.companion() == null);
        Companion companion = ownSpan || others == null ? null : others.begin(operation, parent);
        operation.belongsTo(others);
        if (companion != null) {
            operation.accompany(companion);
        } else {
            operation.identify(sampling);
        }
        return operation;
    }

    /**
     * Work that runs later under the operation that is current on this thread, in the place of this.
     *
     * @param type the descriptor of the functional interface as which it is handed over
     */
    public Object capture(Object work, String type) {
        Operation operation = carriable(work);
        return operation == null ? work : CapturedWork.of(this, operation, work, type);
    }

    /** The task's next run will be under the operation that is current on this thread. The task must be one that tells. */
    public void handOver(Object task) {
        Operation operation = carriable(task);
        if (operation != null) {
            handOvers.put(task, operation);
        }
    }

    /** Work that is handed over when its operation has ended is not that one's any more. */
    private @Nullable Operation carriable(Object work) {
        Operation operation = current.get();
        return operation == null || !operation.isUnderWay() || CapturedWork.isPoolWorker(work) ? null : operation;
    }

    /**
     * What a new thread runs instead: under the operation in which it is started.
     *
     * @param captured whether that in which it is made counts where nobody sees the start
     */
    public Runnable inThread(Runnable work, boolean captured) {
        Operation made = captured ? carriable(work) : null;
        return () -> {
            Operation started = taken(Thread.currentThread());
            Operation operation = started == null ? made : started;
            Carried carried = operation == null ? null : Carried.enter(this, operation);
            try {
                work.run();
            } finally {
                Carried.leave(carried);
            }
        };
    }

    /** Whether a task was handed over in an operation, or, without one, this thread works for an operation. */
    public boolean isConcerned(@Nullable Object task) {
        return task == null ? current.get() != null : handOvers.knows(task);
    }

    /** A task tells that it begins to run; what this returns wants to be told of the end. */
    public @Nullable Object runs(Object task) {
        Operation operation = taken(task);
        return operation == null ? null : Carried.enter(this, operation);
    }

    private @Nullable Operation taken(Object task) {
        Operation operation = handOvers.take(task);
        boolean stale = operation != null && current.get() != null && !operation.isUnderWay();
        return stale ? null : operation;
    }

    @Nullable
    Carried carriedHere() {
        return carried.get();
    }

    void carriedHere(@Nullable Carried work) {
        if (work == null) {
            carried.remove();
        } else {
            carried.set(work);
        }
    }

    /** The same callback for a pipeline that is assembled here, to be called under the operation that is current now. */
    public Object assembled(Object callback) {
        Operation operation = current();
        return operation == null ? callback : AssembledWork.of(this, operation, callback);
    }

    /** The clock of a trace that begins now; the wall clock is read once a second. */
    Clock clockAt(long monotonicNanos) {
        Clock known = clock;
        if (known.isOlderThan(CLOCK_NANOS, monotonicNanos)) {
            known = Clock.now();
            clock = known;
        }
        return known;
    }

    /** The publishers of the application's own that workflows returned. */
    public Publications publications() {
        return endings.publications();
    }

    public Endings endings() {
        return endings;
    }

    /**
     * What work asked for inside one operation and started here belongs to: that operation while it is open and nothing
     * nearer is at work on this thread.
     */
    public @Nullable Operation nearer(@Nullable Operation askedIn) {
        Operation here = current();
        return askedIn != null && askedIn.isOpen() && (here == null || here.isAbove(askedIn)) ? askedIn : here;
    }

    /** Streams and results whose end may never be told. */
    public OpenWork openWork() {
        return openWork;
    }

    /** What to do when this object, a stream's handle, is told to cancel; must not refer to it strongly. */
    public void onCancel(Object handle, Runnable action) {
        cancellations.put(handle, action);
    }

    /** A stream's handle has been told to cancel. */
    public void cancelled(Object handle) {
        Runnable action = cancellations.remove(handle);
        if (action != null) {
            action.run();
        }
    }

    /**
     * Called about once a second by a thread of ours: ends what nobody will end.
     *
     * @param last the JVM is about to exit
     */
    public void tidy(boolean last) {
        endings.purge();
        handOvers.purge(silenceNanos);
        cancellations.purge(gone -> {});
        openWork.sweep(last);
    }

    void finish(Operation operation) {
        finished.accept(operation);
    }
}
