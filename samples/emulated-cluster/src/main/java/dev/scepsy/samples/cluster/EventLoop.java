package dev.scepsy.samples.cluster;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** The one thread on which the whole cluster runs; other threads reach it by {@link #call}. */
final class EventLoop implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 30;

    private final Vertx vertx;
    private final Context context;

    EventLoop() {
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        this.context = vertx.getOrCreateContext();
    }

    Vertx vertx() {
        return vertx;
    }

    /** Runs {@code work} on the loop and waits for what it returns. */
    <T> T call(Supplier<T> work) {
        return await(() -> Future.succeededFuture(work.get()));
    }

    /** Runs {@code work} on the loop and waits until its future is complete. */
    <T> T await(Supplier<Future<T>> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        context.runOnContext(ignored -> {
            try {
                work.get().onSuccess(result::complete).onFailure(result::completeExceptionally);
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        return waitFor(result);
    }

    @Override
    public void close() {
        waitFor(vertx.close().toCompletionStage().toCompletableFuture());
    }

    private static <T> T waitFor(CompletableFuture<T> result) {
        try {
            return result.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the emulated cluster", e);
        } catch (TimeoutException e) {
            throw new IllegalStateException("the emulated cluster did not answer within " + PATIENCE_SECONDS + " s", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
