package dev.scepsy.javaagent.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One operation, from its beginning to its only end: a workflow, an agent, a model call, a tool, a retrieval.
 *
 * <p>Attributes are set by whichever thread has the work at the time; {@link #end} is safe from any thread and counts once.
 *
 * <p>Longer than other classes: all of a call's state is one object, so that the application pays for one allocation.
 */
public final class Operation {

    private static final int OPEN = 0;
    private static final int ENDED = 1;
    private static final int DROPPED = 2;
    private static final int ROOM = 28;

    private static final AtomicIntegerFieldUpdater<Operation> STATE =
            AtomicIntegerFieldUpdater.newUpdater(Operation.class, "state");
    private static final AtomicIntegerFieldUpdater<Operation> OPEN_STREAMS =
            AtomicIntegerFieldUpdater.newUpdater(Operation.class, "openStreams");

    private final Tracer tracer;
    private final @Nullable Operation parent;
    private final OperationKind kind;
    private final Object subject;
    private final Clock clock;
    private final @Nullable Operation executionRoot;
    private final long startEpochNanos;
    private volatile int state;
    private volatile int openStreams;

    private @Nullable Companion companion;
    private @Nullable Companions companions;
    private long traceIdHigh;
    private long traceIdLow;
    private long spanId;
    private boolean sampled;

    private volatile String name;
    private volatile boolean wrapper;
    private volatile boolean hasChildren;
    private volatile boolean deferred;
    private volatile @Nullable Operation successor;
    private volatile @Nullable Object note;
    private boolean serviceExpected;
    private long endEpochNanos;
    private @Nullable String errorType;
    private @Nullable String errorMessage;
    private @Nullable UnaryOperator<String> errorTexts;
    private @Nullable Consumer<Object> results;
    private Object @Nullable [] attributes;
    private int size;
    private @Nullable Description description;
    private boolean describing;
    private @Nullable Map<String, Supplier<String>> content;
    private @Nullable Attempts attempts;
    private @Nullable List<BiConsumer<Operation, @Nullable Throwable>> followers;

    Operation(Tracer tracer, @Nullable Operation parent, OperationKind kind, String name, Object subject) {
        this.tracer = tracer;
        this.parent = parent;
        this.kind = kind;
        this.name = name;
        this.subject = subject;
        long now = System.nanoTime();
        this.clock = parent == null ? tracer.clockAt(now) : parent.clock;
        this.executionRoot = executionRoot(parent, kind);
        this.startEpochNanos = clock.epochNanosAt(now);
    }

    /** Gives it ids of our own: its parent's trace, else a new one, sampled as the settings say. */
    void identify(Sampling sampling) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        spanId = nonZero(random);
        if (parent == null) {
            traceIdHigh = random.nextLong();
            traceIdLow = nonZero(random);
            sampled = sampling.keeps(traceIdLow);
        } else {
            traceIdHigh = parent.traceIdHigh;
            traceIdLow = parent.traceIdLow;
            sampled = parent.sampled;
        }
    }

    /** Takes over the ids of a span of another SDK, which stands for it from now on. */
    void accompany(Companion companion) {
        this.companion = companion;
        traceIdHigh = companion.traceIdHigh();
        traceIdLow = companion.traceIdLow();
        spanId = companion.spanId();
        sampled = companion.sampled();
    }

    /** Whose spans it would join: its application's; null where that has none. */
    void belongsTo(@Nullable Companions companions) {
        this.companions = companions;
    }

    @Nullable
    Companions companions() {
        return companions;
    }

    private static long nonZero(ThreadLocalRandom random) {
        long id;
        do {
            id = random.nextLong();
        } while (id == 0);
        return id;
    }

    /** The outermost workflow above, this one included; without any, the outermost agent. */
    private @Nullable Operation executionRoot(@Nullable Operation parent, OperationKind kind) {
        Operation above = parent == null ? null : parent.executionRoot;
        return switch (kind) {
            case WORKFLOW -> above != null && above.kind == OperationKind.WORKFLOW ? above : this;
            case AGENT -> above != null ? above : this;
            default -> above;
        };
    }

    /**
     * What a new operation begun inside this one has as its parent. Nothing but an agent or a workflow hangs below a model
     * call: what it calls (a judge, a moderation, the model that it wraps) stands beside it, because of nested calls only the
     * innermost is counted.
     */
    @Nullable
    Operation asParentOf(OperationKind child) {
        boolean beside = kind.isModelCall() && child != OperationKind.AGENT && child != OperationKind.WORKFLOW;
        if (beside || (wrapper && !hasChildren)) {
            return parent == null ? null : parent.asParentOf(child);
        }
        hasChildren = true;
        return this;
    }

    /** It only passed its work on, or answered from memory: unless something hangs below it, it has no span. */
    public void stepAside() {
        wrapper = true;
    }

    /** Keeps a note of whoever observes it, until its end. */
    public void keep(Object note) {
        this.note = note;
    }

    /** What was kept last; null once it has ended. */
    public @Nullable Object kept() {
        return note;
    }

    /** Whether this is the same logical call: same kind, same object. */
    public boolean isCallOf(OperationKind kind, Object subject) {
        return this.kind == kind && this.subject == subject;
    }

    public void put(String key, @Nullable Object value) {
        if (value != null && (state == OPEN || describing)) {
            store(key, value);
        }
    }

    private void store(String key, Object value) {
        Object[] known = attributes;
        if (known == null) {
            known = new Object[ROOM];
            attributes = known;
        }
        for (int i = 0; i < size; i += 2) {
            if (known[i].equals(key)) {
                known[i + 1] = value;
                return;
            }
        }
        if (size == known.length) {
            known = Arrays.copyOf(known, size * 2);
            attributes = known;
        }
        known[size] = key;
        known[size + 1] = value;
        size += 2;
    }

    /** The value put under a key. */
    public @Nullable Object get(String key) {
        Object[] known = attributes;
        for (int i = 0; known != null && i < size; i += 2) {
            if (known[i].equals(key)) {
                return known[i + 1];
            }
        }
        return null;
    }

    /** Leaves the rest of what it says to be worked out after its end, by whoever wants to know, and once. */
    public void describeWith(Description description) {
        this.description = description;
    }

    /** What is to describe it; null when it has been described, or needs no more. */
    public @Nullable Description description() {
        return description;
    }

    /** Works out what was left for later. By one thread at a time, once it has ended. */
    void describe() {
        Description open = description;
        if (open != null) {
            description = null;
            describing = true;
            try {
                open.describe(this);
            } catch (RuntimeException | LinkageError undescribed) {
                // Types of the application's that fail when asked: the call counts all the same.
            } finally {
                describing = false;
            }
        }
        Attempts counted = attempts;
        if (counted != null) {
            attempts = null;
            counted.describe(this::store);
        }
    }

    /** What it has to show of messages, arguments, results: worked out only where its span is exported. */
    public void content(String key, Supplier<String> text) {
        Map<String, Supplier<String>> shown = content;
        if (shown == null) {
            shown = new LinkedHashMap<>();
            content = shown;
        }
        shown.put(key, text);
    }

    /** By attribute; empty where content is not captured. */
    Map<String, Supplier<String>> content() {
        Map<String, Supplier<String>> shown = content;
        return shown == null ? Map.of() : shown;
    }

    /** Whether it has content to show, and so keeps the messages it is made of. */
    public boolean showsContent() {
        return content != null;
    }

    /** From now on it has none. */
    public void forgetContent() {
        content = null;
    }

    public void name(String name) {
        this.name = name;
    }

    /** What was asked for once is executed again, below what is current on this thread. */
    Operation again() {
        Operation next = tracer.begin(kind, name(), subject);
        forEachAttribute((key, value) -> {
            if (!key.equals(GenAi.STREAM_STATE)) {
                next.put(key, value);
            }
        });
        successor = next;
        return next;
    }

    /** The latest execution of the same. */
    Operation latest() {
        Operation at = this;
        for (Operation next = at.successor; next != null; next = at.successor) {
            at = next;
        }
        return at;
    }

    /** Ends it, now; any later end is ignored. */
    public void end(@Nullable Throwable error) {
        note = null;
        if (wrapper && !hasChildren) {
            STATE.compareAndSet(this, OPEN, DROPPED);
            return;
        }
        long now = clock.epochNanosNow();
        if (!STATE.compareAndSet(this, OPEN, ENDED)) {
            return;
        }
        endEpochNanos = now;
        if (error != null && errorType == null) {
            note(error);
        }
        if (companion != null) {
            companion.end(this);
        }
        tracer.finish(this);
        List<BiConsumer<Operation, @Nullable Throwable>> waiting;
        synchronized (this) {
            waiting = followers;
            followers = null;
        }
        if (waiting != null) {
            waiting.forEach(follower -> follower.accept(this, error));
        }
    }

    /** Marks it failed without ending it; the first error stays. */
    public void failed(Throwable error) {
        if (errorType == null && state == OPEN) {
            note(error);
        }
    }

    /** Marks it failed where no exception says why. */
    public void failedAs(String errorType) {
        if (state == OPEN) {
            this.errorType = errorType;
        }
    }

    /** Calls back when it has ended; at once when it already has. */
    public void whenEnded(BiConsumer<Operation, @Nullable Throwable> follower) {
        synchronized (this) {
            if (state == OPEN) {
                if (followers == null) {
                    followers = new ArrayList<>(1);
                }
                followers.add(follower);
                return;
            }
        }
        follower.accept(this, null);
    }

    /** From now on its end is not its method's: streams below it say when its work is done. */
    public void defer() {
        deferred = true;
    }

    public boolean isDeferred() {
        return deferred;
    }

    /** A stream below a deferred operation begins. */
    public void streamBegins() {
        OPEN_STREAMS.incrementAndGet(this);
    }

    /** Whether a stream below it is under way. */
    boolean hasOpenStreams() {
        return openStreams > 0;
    }

    /** Whether it has not ended yet. */
    public boolean isOpen() {
        return state == OPEN;
    }

    /** Whether it or something above it has not ended yet. */
    boolean isUnderWay() {
        for (Operation at = this; at != null; at = at.parent) {
            if (at.isOpen()) {
                return true;
            }
        }
        return false;
    }

    /** Whether it ended so long ago, or longer. */
    boolean hasEndedFor(long nanos) {
        return state == ENDED && clock.epochNanosNow() - endEpochNanos > nanos;
    }

    /** Whether another operation is this one or lies below it. */
    @SuppressWarnings("ReferenceEquality") // Identity is the point.
    boolean isAbove(@Nullable Operation other) {
        for (Operation at = other; at != null; at = at.parent) {
            if (at == this) {
                return true;
            }
        }
        return false;
    }

    /** A stream below it is through, its callbacks included; the last one ends a deferred operation. */
    public void streamEnds(@Nullable Throwable error) {
        if (error != null) {
            failed(error);
        }
        if (OPEN_STREAMS.decrementAndGet(this) == 0 && deferred) {
            end(error);
        }
    }

    /** An agent that was begun by its invoker expects its AI service to be called next: one span, not two. */
    public void expectService() {
        serviceExpected = true;
    }

    /** True once after {@link #expectService}. */
    public boolean takeExpectedService() {
        boolean expected = serviceExpected;
        serviceExpected = false;
        return expected;
    }

    /** The counter of attempts; the same for the whole logical call. */
    public Attempts attempts() {
        Attempts counting = attempts;
        if (counting == null) {
            counting = new Attempts();
            attempts = counting;
        }
        return counting;
    }

    public boolean hasAttempts() {
        return attempts != null;
    }

    /** The first cause that is no wrapper: what the application will find in its logs. */
    private void note(Throwable error) {
        Throwable reason = Failure.reasonOf(error);
        errorType = reason.getClass().getName();
        int status = Failure.statusOf(error);
        if (status > 0) {
            store(GenAi.HTTP_STATUS_CODE, (long) status);
        }
        if (errorTexts != null) {
            errorMessage = Failure.messageOf(reason);
        }
    }

    /** From now on what an error says is kept, to be shown as the function shows it. */
    public void showErrors(UnaryOperator<String> shown) {
        errorTexts = shown;
    }

    /** Is told what its method returned, or its future gave, before it ends. */
    public void whenReturned(Consumer<Object> receiver) {
        results = receiver;
    }

    /** Its method has returned, or its future has completed. */
    void returned(@Nullable Object result) {
        Consumer<Object> receiver = results;
        if (receiver != null && result != null && state == OPEN) {
            results = null;
            try {
                receiver.accept(result);
            } catch (RuntimeException | LinkageError unread) {
                // Types of the application's that fail when asked: it ends all the same.
            }
        }
    }

    /** What its error said, as it may be shown; null where that is not asked for, or there is none. */
    public @Nullable String errorText() {
        UnaryOperator<String> shown = errorTexts;
        String message = errorMessage;
        return shown == null || message == null || message.isBlank() ? null : shown.apply(message);
    }

    public Tracer tracer() {
        return tracer;
    }

    public @Nullable Operation parent() {
        return parent;
    }

    public OperationKind kind() {
        return kind;
    }

    public Object subject() {
        return subject;
    }

    /** Its span's name; the final one once it has ended. */
    public String name() {
        if (state == ENDED) {
            describe();
        }
        return name.isEmpty() ? kind.operationName() : name;
    }

    /** Whether it names its execution itself. */
    @SuppressWarnings("ReferenceEquality") // Identity is the point.
    boolean isExecutionRoot() {
        return executionRoot == this;
    }

    /** The other SDK's span that stands for it; null when it has a span of our own. */
    public @Nullable Companion companion() {
        return companion;
    }

    /** The operation whose span id names the execution; null for a model call with nothing above it. */
    public @Nullable Operation executionRoot() {
        return executionRoot;
    }

    /** What an execution's root calls its workflow: its own name, an agent's, else its span's. */
    public String workflowName() {
        Object said = get(kind == OperationKind.WORKFLOW ? GenAi.WORKFLOW_NAME : GenAi.AGENT_NAME);
        return said instanceof String text ? text : name();
    }

    public boolean sampled() {
        return sampled;
    }

    public long startEpochNanos() {
        return startEpochNanos;
    }

    public long nanosSinceStart() {
        return clock.epochNanosNow() - startEpochNanos;
    }

    /** Valid once it has ended. */
    public long endEpochNanos() {
        return endEpochNanos;
    }

    public @Nullable String errorType() {
        return errorType;
    }

    /** The trace id's first 16 hex digits. */
    public long traceIdHigh() {
        return traceIdHigh;
    }

    /** The trace id's last 16 hex digits. */
    public long traceIdLow() {
        return traceIdLow;
    }

    public String traceId() {
        return Hex.of(traceIdHigh) + Hex.of(traceIdLow);
    }

    /** Never 0. */
    public long spanIdBits() {
        return spanId;
    }

    public String spanId() {
        return Hex.of(spanId);
    }

    /** Hands every attribute to the receiver, in the order in which they were first put. */
    public void forEachAttribute(BiConsumer<String, Object> receiver) {
        Object[] known = attributes;
        for (int i = 0; known != null && i < size; i += 2) {
            receiver.accept((String) known[i], known[i + 1]);
        }
    }
}
