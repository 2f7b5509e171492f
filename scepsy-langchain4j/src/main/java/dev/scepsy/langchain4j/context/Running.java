package dev.scepsy.langchain4j.context;

import io.opentelemetry.context.Context;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Work that began on some thread and has not ended. A listener hears of beginning and end in two callbacks, and nobody
 * promises that both come on one thread; so no {@code Scope} is opened. Each thread keeps a stack of what began on it,
 * and ended entries are dropped when next seen: an end that comes elsewhere, or never, cannot mislead later work for
 * longer than the work itself is held.
 *
 * <p>Thread-safe: any thread may end it.
 */
public final class Running {

    private static final ThreadLocal<Deque<Running>> ON_THIS_THREAD = ThreadLocal.withInitial(ArrayDeque::new);

    private final Context context;
    private final Context outside;
    private final Object work;
    private volatile boolean ended;

    private Running(Context context, Context outside, Object work) {
        this.context = context;
        this.outside = outside;
        this.work = work;
    }

    /** Notes that {@code work} runs on this thread from now on, with its span in {@code context}. */
    public static Running begin(Context context, Object work) {
        Running running = new Running(context, Context.current(), work);
        ON_THIS_THREAD.get().push(running);
        return running;
    }

    /** Ends it; a second call does nothing. */
    public void end() {
        ended = true;
        newestHere(); // drops it, when it began on this thread
    }

    public Context context() {
        return context;
    }

    public Object work() {
        return work;
    }

    /** What runs innermost on this thread, or null. */
    public static @Nullable Running newestHere() {
        Deque<Running> here = ON_THIS_THREAD.get();
        while (!here.isEmpty() && here.peek().ended) {
            here.pop();
        }
        if (here.isEmpty()) {
            ON_THIS_THREAD.remove();
            return null;
        }
        return here.peek();
    }

    /**
     * Parent for work that begins here: the newest running work, unless the application has opened a span of its own
     * since then, which is nearer.
     */
    public static Context parentHere() {
        Context current = Context.current();
        Running newest = newestHere();
        if (newest == null) {
            return current;
        }
        if (newest.outside == current) {
            return newest.context;
        }
        return Execution.of(current).isPresent()
                ? current
                : Execution.of(newest.context)
                        .map(execution -> execution.in(current))
                        .orElse(current);
    }
}
