package dev.scepsy.javaagent.bridge;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What woven code calls. One copy per class loader that has LangChain4j, defined there by the installer.
 *
 * <p>A <em>hook</em> takes (receiver, arguments) and returns a call token or null; a <em>token</em> takes (result, error)
 * when the method ends and returns the result. Hooks never throw. Thread-safe.
 */
public final class Bridge {

    private static volatile @Nullable Supplier<Object[]> linker;
    private static volatile BiFunction<@Nullable Object, Object[], @Nullable Object> @Nullable [] hooks;
    private static volatile @Nullable UnaryOperator<Object> capture;

    private Bridge() {}

    /**
     * Called once by the installer.
     *
     * @param hooksAndCapture gives, when the first woven method runs, an array of (hooks, capture)
     */
    public static void connect(Supplier<Object[]> hooksAndCapture) {
        linker = hooksAndCapture;
    }

    /** A woven method begins. */
    public static @Nullable Object enter(int site, @Nullable Object self, Object[] arguments) {
        BiFunction<@Nullable Object, Object[], @Nullable Object> @Nullable [] linked = hooks;
        if (linked == null) {
            linked = link();
        }
        if (linked == null || site >= linked.length) {
            return null;
        }
        BiFunction<@Nullable Object, Object[], @Nullable Object> hook = linked[site];
        return hook == null ? null : hook.apply(self, arguments);
    }

    /** A woven method that had a token ends. */
    @SuppressWarnings("unchecked")
    public static @Nullable Object exit(Object token, @Nullable Object result, @Nullable Throwable error) {
        return ((BiFunction<@Nullable Object, @Nullable Throwable, @Nullable Object>) token).apply(result, error);
    }

    /** Stands in for {@link CompletableFuture#supplyAsync(Supplier, Executor)}. */
    public static <T> CompletableFuture<T> supplyAsync(Supplier<T> work, Executor executor) {
        return CompletableFuture.supplyAsync(capture(work), executor);
    }

    /** Stands in for {@link CompletableFuture#supplyAsync(Supplier)}. */
    public static <T> CompletableFuture<T> supplyAsync(Supplier<T> work) {
        return CompletableFuture.supplyAsync(capture(work));
    }

    /** Stands in for {@link CompletableFuture#runAsync(Runnable, Executor)}. */
    public static CompletableFuture<Void> runAsync(Runnable work, Executor executor) {
        return CompletableFuture.runAsync(capture(work), executor);
    }

    /** Stands in for {@link CompletableFuture#runAsync(Runnable)}. */
    public static CompletableFuture<Void> runAsync(Runnable work) {
        return CompletableFuture.runAsync(capture(work));
    }

    /** The same work, run later under the operation that is current now. */
    public static Runnable capture(Runnable work) {
        return (Runnable) captured(work);
    }

    /** The same work, run later under the operation that is current now. */
    @SuppressWarnings("unchecked")
    public static <T> Callable<T> capture(Callable<T> work) {
        return (Callable<T>) captured(work);
    }

    @SuppressWarnings("unchecked")
    private static <T> Supplier<T> capture(Supplier<T> work) {
        return (Supplier<T>) captured(work);
    }

    private static Object captured(Object work) {
        UnaryOperator<Object> current = capture; // Null until a first hook ran: then there is nothing to capture.
        return current == null || work == null ? work : current.apply(work);
    }

    @SuppressWarnings("unchecked")
    private static synchronized BiFunction<@Nullable Object, Object[], @Nullable Object> @Nullable [] link() {
        Supplier<Object[]> source = linker;
        if (hooks == null && source != null) {
            linker = null; // Whatever happens: asked once.
            Object[] both = source.get();
            capture = (UnaryOperator<Object>) both[1];
            hooks = (BiFunction<@Nullable Object, Object[], @Nullable Object>[]) both[0];
        }
        return hooks;
    }
}
