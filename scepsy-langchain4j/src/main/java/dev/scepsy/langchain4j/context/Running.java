package dev.scepsy.langchain4j.context;

import io.opentelemetry.context.Context;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Work that began on some thread and has not ended. A listener hears of beginning and end in two callbacks, and nobody
 * promises that both come on one thread; so no {@code Scope} is opened. Each thread keeps a stack of what began on it,
 * and ended entries are dropped when next seen.
 *
 * <p>An AI service that returns a stream has returned long before its end, maybe forever, and its thread serves others. So
 * work is at work on a thread only as long as the calls of services around its beginning are still on that thread's stack, or
 * its stream is being started there.
 *
 * <p>Thread-safe: any thread may end it.
 */
public final class Running {

    private static final ThreadLocal<Deque<Running>> ON_THIS_THREAD = ThreadLocal.withInitial(ArrayDeque::new);

    private static final String SERVICE = "dev.langchain4j.service.DefaultAiServices$";
    private static final String CALLED = "(Ljava/lang/Object;Ljava/lang/reflect/Method;[Ljava/lang/Object;)";
    private static final String STREAM = "dev.langchain4j.service.AiServiceTokenStream";
    /** Streams that nobody ever starts must not pile up. */
    private static final int MOST_LEFT_BEHIND = 16;

    private final Context context;
    private final Context outside;
    private final Object work;
    private final int services;
    private volatile boolean ended;

    private Running(Context context, Context outside, Object work, int services) {
        this.context = context;
        this.outside = outside;
        this.work = work;
        this.services = services;
    }

    /** Notes that {@code work} runs on this thread from now on, with its span in {@code context}. */
    public static Running begin(Context context, Object work) {
        Running running = new Running(context, Context.current(), work, servicesOnTheStack());
        Deque<Running> here = ON_THIS_THREAD.get();
        here.push(running);
        if (here.size() > MOST_LEFT_BEHIND) {
            here.removeIf(other -> other.ended || other.services > running.services);
        }
        if (here.size() > 2 * MOST_LEFT_BEHIND) {
            here.removeLast();
        }
        return running;
    }

    /** Ends it; a second call does nothing. */
    public void end() {
        ended = true;
        Deque<Running> here = ON_THIS_THREAD.get();
        here.removeIf(other -> other.ended);
        if (here.isEmpty()) {
            ON_THIS_THREAD.remove();
        }
    }

    public Context context() {
        return context;
    }

    public Object work() {
        return work;
    }

    /** What runs innermost on this thread, or null. */
    public static @Nullable Running newestHere() {
        return newest(0);
    }

    /** The same around the call of a service that is just beginning. */
    public static @Nullable Running newestAroundService() {
        return newest(1);
    }

    private static @Nullable Running newest(int beginning) {
        Deque<Running> here = ON_THIS_THREAD.get();
        here.removeIf(other -> other.ended);
        if (here.isEmpty()) {
            ON_THIS_THREAD.remove();
            return null;
        }
        int services = servicesOnTheStack() - beginning;
        for (Running running : here) {
            if (running.services <= services) {
                return running;
            }
        }
        return null;
    }

    /** How many calls of services, and starts of their streams, are under way on this thread. */
    private static int servicesOnTheStack() {
        return StackWalker.getInstance()
                .walk(frames ->
                        frames.mapToInt(frame -> isService(frame) ? 1 : 0).sum());
    }

    private static boolean isService(StackWalker.StackFrame frame) {
        String type = frame.getClassName();
        return type.startsWith(SERVICE)
                ? frame.getMethodName().equals("invoke")
                        && frame.getDescriptor().startsWith(CALLED)
                : type.equals(STREAM) && frame.getMethodName().equals("start");
    }

    /**
     * Parent for work that begins here: the newest running work, unless the application has opened a span of its own
     * since then, which is nearer.
     */
    public static Context parentHere() {
        return parentBelow(newestHere());
    }

    /** The same for the call of a service that is just beginning. */
    public static Context parentAroundService() {
        return parentBelow(newestAroundService());
    }

    private static Context parentBelow(@Nullable Running newest) {
        Context current = Context.current();
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
