package dev.scepsy.javaagent.bridge;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
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

    private static @Nullable Supplier<Object[]> connected;
    private static volatile @Nullable Supplier<Object[]> linker;
    private static volatile BiFunction<@Nullable Object, Object[], @Nullable Object> @Nullable [] hooks;
    private static volatile @Nullable BiFunction<Object, Class<?>, Object> capture;

    private Bridge() {}

    /**
     * Called by the installer; where two threads do, the first one counts.
     *
     * @param hooksAndCapture gives, when the first woven method runs, an array of (hooks, capture)
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
            return ((BiFunction<@Nullable Object, @Nullable Throwable, @Nullable Object>) token).apply(result, error);
        } catch (Throwable kept) {
            return result;
        }
    }

    /** The same work, run later under the operation that is current now. */
    public static Runnable capture(Runnable work) {
        return (Runnable) captured(work, Runnable.class);
    }

    /** The same work, run later under the operation that is current now. */
    @SuppressWarnings("unchecked")
    public static <T> Supplier<T> capture(Supplier<T> work) {
        return (Supplier<T>) captured(work, Supplier.class);
    }

    /** The same work, run later under the operation that is current now. */
    @SuppressWarnings("unchecked")
    public static <T, R> Function<T, R> capture(Function<T, R> work) {
        return (Function<T, R>) captured(work, Function.class);
    }

    /** The same work, run later under the operation that is current now. */
    @SuppressWarnings("unchecked")
    public static <T, U, R> BiFunction<T, U, R> capture(BiFunction<T, U, R> work) {
        return (BiFunction<T, U, R>) captured(work, BiFunction.class);
    }

    /** The same work, run later under the operation that is current now. */
    @SuppressWarnings("unchecked")
    public static <T> Consumer<T> capture(Consumer<T> work) {
        return (Consumer<T>) captured(work, Consumer.class);
    }

    /** The same work, run later under the operation that is current now. */
    @SuppressWarnings("unchecked")
    public static <T, U> BiConsumer<T, U> capture(BiConsumer<T, U> work) {
        return (BiConsumer<T, U>) captured(work, BiConsumer.class);
    }

    /** The same for a task that an executor gets. */
    public static Runnable task(Runnable task) {
        return (Runnable) captured(task, Runnable[].class);
    }

    /** The same for a task that an executor gets. */
    @SuppressWarnings("unchecked")
    public static <T> Callable<T> task(Callable<T> task) {
        return (Callable<T>) captured(task, Callable[].class);
    }

    /** The same for the tasks of {@code invokeAll} and {@code invokeAny}; all else stays as it is. */
    public static Collection<?> tasks(Collection<?> tasks) {
        if (capture == null || tasks == null) {
            return tasks;
        }
        List<Object> captured = new ArrayList<>(tasks.size());
        for (Object task : tasks) {
            captured.add(task instanceof Callable<?> callable ? task(callable) : task);
        }
        return captured;
    }

    /** Stands in for {@link ScheduledExecutorService#schedule(Runnable, long, TimeUnit)}. */
    public static ScheduledFuture<?> schedule(
            ScheduledExecutorService executor, Runnable task, long delay, TimeUnit unit) {
        return executor.schedule(task(task), delay, unit);
    }

    /** Stands in for {@link ScheduledExecutorService#schedule(Callable, long, TimeUnit)}. */
    public static <T> ScheduledFuture<T> schedule(
            ScheduledExecutorService executor, Callable<T> task, long delay, TimeUnit unit) {
        return executor.schedule(task(task), delay, unit);
    }

    private static Object captured(Object work, Class<?> type) {
        BiFunction<Object, Class<?>, Object> current = capture; // Null until a first hook ran: nothing to capture then.
        return current == null || work == null ? work : current.apply(work, type);
    }

    /**
     * Once. A loader of the application may wait, in the middle of this, for a thread that waits here: such a call is not traced
     * rather than never made.
     */
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
                capture = (BiFunction<Object, Class<?>, Object>) both[1];
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
