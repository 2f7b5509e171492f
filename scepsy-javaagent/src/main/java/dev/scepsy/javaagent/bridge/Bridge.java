package dev.scepsy.javaagent.bridge;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What woven code calls. One copy per class loader that has LangChain4j, defined there by the installer.
 *
 * <p>A <em>hook</em> takes (receiver, arguments) and returns a call token or null; a <em>token</em> takes (result, error)
 * when the method ends and returns the result. Hooks never throw. Thread-safe.
 */
public final class Bridge {

    private static final long PATIENCE_SECONDS = 10;

    private static final ReentrantLock LINKING = new ReentrantLock();

    private static volatile @Nullable Supplier<Object[]> connected;
    private static volatile @Nullable Supplier<Object[]> linker;
    private static volatile BiFunction<@Nullable Object, Object[], @Nullable Object> @Nullable [] hooks;
    private static volatile @Nullable BiFunction<@Nullable Object, Object[], @Nullable Object> capture;
    private static final Object[] NOTHING = {};

    private final Object lambda;
    private final String type;
    private final int place;
    private @Nullable Object seen;

    private Bridge(Object lambda, String type, int place) {
        this.lambda = lambda;
        this.type = type;
        this.place = place;
    }

    /**
     * Called by the installer; where two threads do, the first one counts.
     *
     * @param hooksAndCapture gives, when the first woven method runs, an array of (hooks, capture); where it is a predicate too,
     *     it tells whether a task (null: work that this thread hands over) belongs to an operation that began in another loader
     * @return the one that counts
     */
    public static synchronized Object connect(Supplier<Object[]> hooksAndCapture) {
        Supplier<Object[]> first = connected;
        if (first == null) {
            first = hooksAndCapture;
            linker = first;
            connected = first;
        }
        return first;
    }

    /** Makes the hooks, if no woven method has yet. */
    public static void ready() {
        if (hooks == null) {
            link();
        }
    }

    /** A woven method begins. */
    public static @Nullable Object enter(int site, @Nullable Object self, Object[] arguments) {
        try {
            BiFunction<@Nullable Object, Object[], @Nullable Object> @Nullable [] linked = hooks;
            if (linked == null) {
                linked = link();
            }
            if (linked == null || site >= linked.length) {
                return null;
            }
            BiFunction<@Nullable Object, Object[], @Nullable Object> hook = linked[site];
            return hook == null ? null : hook.apply(self, arguments);
        } catch (Throwable kept) {
            return null; // Nothing of ours reaches the application, whatever it is.
        }
    }

    /** A woven method ends; without a token there is nothing to do. */
    @SuppressWarnings("unchecked")
    public static @Nullable Object exit(@Nullable Object token, @Nullable Object result, @Nullable Throwable error) {
        if (token == null) {
            return result;
        }
        try {
            Object seen = ((BiFunction<@Nullable Object, @Nullable Throwable, @Nullable Object>) token)
                    .apply(error == null ? result : null, error);
            return error == null ? seen : result;
        } catch (Throwable kept) {
            return result;
        }
    }

    /**
     * Work is handed over.
     *
     * @param receiver to whom; null where it is to nobody in particular
     * @param type what it is handed over as
     * @param place who may see it
     * @return the work, or what stands in for it
     */
    public static @Nullable Object handOver(@Nullable Object receiver, @Nullable Object work, String type, int place) {
        try {
            BiFunction<@Nullable Object, Object[], @Nullable Object> current = captureFor(null);
            return current == null || work == null ? work : current.apply(work, new Object[] {receiver, type, place});
        } catch (Throwable kept) {
            return work;
        }
    }

    /** A task that may have been handed over begins to run; {@link #exit} with what this returns. */
    public static @Nullable Object begin(@Nullable Object task) {
        try {
            BiFunction<@Nullable Object, Object[], @Nullable Object> current = captureFor(task);
            return current == null || task == null ? null : current.apply(task, NOTHING);
        } catch (Throwable kept) {
            return null;
        }
    }

    /**
     * Null where no hook of this loader has run and nothing is under way elsewhere that would have to be carried on here.
     *
     * @param task null where work is handed over
     */
    @SuppressWarnings("unchecked")
    private static @Nullable BiFunction<@Nullable Object, Object[], @Nullable Object> captureFor(
            @Nullable Object task) {
        if (capture == null
                && hooks == null
                && connected instanceof Predicate<?> concerned
                && ((Predicate<Object>) concerned).test(task)) {
            link(); // Or wait for whoever is at it: what is handed over meanwhile would be nobody's.
        }
        return capture;
    }

    /** Before a lambda that is a task. */
    public static Bridge of(Object lambda) {
        return new Bridge(lambda, "", 0);
    }

    /** Before a reference to a method that hands its last argument over. */
    public static Bridge passing(Object lambda, String type, int place) {
        return new Bridge(lambda, type, place);
    }

    /** What the application has in its hands. */
    public static Object is(Bridge bridge, Object seen) {
        bridge.seen = seen;
        return seen;
    }

    /** The task runs. */
    public void run() {
        Object token = begin(seen);
        try {
            ((Runnable) lambda).run();
        } finally {
            exit(token, null, null);
        }
    }

    /** The task runs. */
    public Object call() throws Exception {
        Object token = begin(seen);
        try {
            return ((Callable<?>) lambda).call();
        } finally {
            exit(token, null, null);
        }
    }

    /** Passes work on. */
    @SuppressWarnings("unchecked")
    public void accept(Object work) {
        ((Consumer<Object>) lambda).accept(handOver(null, work, type, place));
    }

    /** Passes work on. */
    @SuppressWarnings("unchecked")
    public Object apply(Object work) {
        return ((Function<Object, Object>) lambda).apply(handOver(null, work, type, place));
    }

    /** Passes work on. */
    @SuppressWarnings("unchecked")
    public void accept(Object receiver, Object work) {
        ((BiConsumer<Object, Object>) lambda).accept(receiver, handOver(receiver, work, type, place));
    }

    /** Passes work on. */
    @SuppressWarnings("unchecked")
    public Object apply(Object receiver, Object work) {
        return ((BiFunction<Object, Object, Object>) lambda).apply(receiver, handOver(receiver, work, type, place));
    }

    @SuppressWarnings("unchecked")
    private static BiFunction<@Nullable Object, Object[], @Nullable Object> @Nullable [] link() {
        if (!locked()) {
            return null;
        }
        try {
            Supplier<Object[]> source = linker;
            if (hooks == null && source != null) {
                linker = null; // Whatever happens: asked once.
                Object[] both = source.get();
                capture = (BiFunction<@Nullable Object, Object[], @Nullable Object>) both[1];
                hooks = (BiFunction<@Nullable Object, Object[], @Nullable Object>[]) both[0];
            }
        } finally {
            LINKING.unlock();
        }
        return hooks;
    }

    private static boolean locked() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return LINKING.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS);
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
