package dev.scepsy.planner.serve.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.scepsy.planner.serve.journal.StoreException;
import dev.scepsy.planner.serve.log.ServiceLog;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Work on the database, bounded in time whatever the database does, with failures as {@link StoreException}. It runs on threads of its
 * own: an interrupted thread would close H2's file, and a caller must not wait for a disk or a network that says nothing. Thread-safe.
 */
final class Database implements AutoCloseable {

    /** Time that reading may take, s. */
    static final int READ_SECONDS = 5;

    /** Time that a write of the journal may take until its commit begins, s. */
    static final int WRITE_SECONDS = 8;

    /** Time that a commit may take, s; whether it happened is not known afterwards. */
    static final int COMMIT_SECONDS = 8;

    private static final int MOST_CONNECTIONS = 4;
    private static final int MOST_WAITING = 256;
    private static final long MILLIS = 1_000;
    private static final long KEEPALIVE_MILLIS = 60_000;
    private static final long CLOSE_SECONDS = 5;

    /** Something done on a connection, in a transaction where it writes. */
    @FunctionalInterface
    interface Work<T> {
        T on(Handle handle);
    }

    private enum Stage {
        WORKING,
        COMMITTING,
        ABANDONED
    }

    private final StoreUrl url;
    private final ServiceLog log;
    private final HikariDataSource pool;
    private final Jdbi jdbi;
    private final ThreadPoolExecutor workers;
    private volatile Optional<String> trouble = Optional.empty();

    Database(StoreUrl url, Sources sources, ServiceLog log) {
        this.url = url;
        this.log = log;
        HikariConfig config = new HikariConfig();
        config.setPoolName("scepsy-store");
        config.setDataSource(sources.working());
        config.setMaximumPoolSize(MOST_CONNECTIONS);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(Sources.CONNECT_SECONDS * MILLIS);
        config.setValidationTimeout(MILLIS);
        config.setKeepaliveTime(KEEPALIVE_MILLIS);
        config.setInitializationFailTimeout(-1);
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        if (!sources.initial().isEmpty()) {
            config.setConnectionInitSql(sources.initial());
        }
        this.pool = new HikariDataSource(config);
        this.jdbi = Jdbi.create(pool);
        this.workers = new ThreadPoolExecutor(
                MOST_CONNECTIONS,
                MOST_CONNECTIONS,
                1,
                TimeUnit.MINUTES,
                new ArrayBlockingQueue<>(MOST_WAITING),
                task -> {
                    Thread thread = new Thread(task, "scepsy-store");
                    thread.setDaemon(true);
                    return thread;
                });
        workers.allowCoreThreadTimeOut(true);
    }

    /** For messages. */
    String shown() {
        return url.shown();
    }

    /** Why the last that was tried did not work; empty where it did. */
    Optional<String> trouble() {
        return trouble;
    }

    /** Without a transaction. */
    <T> T read(Work<T> work) {
        Future<T> future = submit(() -> {
            try (Handle handle = jdbi.open()) {
                try {
                    return work.on(handle);
                } catch (RuntimeException e) {
                    beginAnew(handle.getConnection(), e);
                    throw e;
                }
            }
        });
        try {
            T result = future.get(READ_SECONDS, TimeUnit.SECONDS);
            if (url instanceof StoreUrl.Postgres) {
                // A full disk of H2's can still be read: there only a write says that all is well.
                well();
            }
            return result;
        } catch (TimeoutException e) {
            throw failed(new StoreException(slow(READ_SECONDS), e));
        } catch (InterruptedException e) {
            throw interrupted(e);
        } catch (ExecutionException e) {
            throw failed(cause(e));
        }
    }

    /** In a transaction: all of it, on the disk, or nothing. */
    <T> T write(int seconds, Work<T> work) {
        AtomicReference<Stage> stage = new AtomicReference<>(Stage.WORKING);
        Future<T> future = submit(() -> inTransaction(work, stage));
        T result;
        try {
            result = waitFor(future, seconds, stage);
        } catch (InterruptedException e) {
            stage.compareAndSet(Stage.WORKING, Stage.ABANDONED);
            throw interrupted(e);
        } catch (ExecutionException e) {
            throw failed(cause(e));
        }
        well();
        return result;
    }

    @Override
    public void close() {
        workers.shutdown();
        try {
            if (!workers.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                log.warn("the store does not answer while it is closed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        pool.close();
    }

    private <T> T waitFor(Future<T> future, int seconds, AtomicReference<Stage> stage)
            throws InterruptedException, ExecutionException {
        try {
            return future.get(seconds, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            if (stage.compareAndSet(Stage.WORKING, Stage.ABANDONED)) {
                throw failed(new StoreException(slow(seconds), e));
            }
        }
        try {
            return future.get(COMMIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw failed(new StoreException(
                    slow(seconds + COMMIT_SECONDS) + " Whether the last change was written is not known.", e));
        }
    }

    private <T> T inTransaction(Work<T> work, AtomicReference<Stage> stage) throws SQLException {
        try (Handle handle = jdbi.open()) {
            Connection connection = handle.getConnection();
            connection.setAutoCommit(false);
            try {
                T result = work.on(handle);
                if (!stage.compareAndSet(Stage.WORKING, Stage.COMMITTING)) {
                    throw new StoreException(slow(0), new TimeoutException("given up by the caller"));
                }
                connection.commit();
                if (url instanceof StoreUrl.H2File) {
                    handle.execute("checkpoint sync");
                }
                connection.setAutoCommit(true);
                return result;
            } catch (RuntimeException | SQLException e) {
                rollback(connection, e);
                throw e;
            }
        }
    }

    private void rollback(Connection connection, Exception why) {
        try {
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            why.addSuppressed(e);
        }
        beginAnew(connection, why);
    }

    /** H2 that failed forgets what is in its memory alone, and reads its file again: what callers see is then what is on the disk. */
    private void beginAnew(Connection connection, Exception why) {
        if (url instanceof StoreUrl.Postgres
                || why instanceof StoreException
                || why instanceof IllegalArgumentException) {
            return;
        }
        try (var statement = connection.createStatement()) {
            statement.execute("shutdown immediately");
        } catch (SQLException e) {
            // It may be shut already, which is what is wanted.
        }
        pool.getHikariPoolMXBean().softEvictConnections();
    }

    private <T> Future<T> submit(java.util.concurrent.Callable<T> task) {
        try {
            return workers.submit(task);
        } catch (RejectedExecutionException e) {
            throw failed(new StoreException(
                    workers.isShutdown() ? "The store " + url.shown() + " is closed." : slow(READ_SECONDS), e));
        }
    }

    private String slow(int seconds) {
        return "The store " + url.shown() + " has not answered for "
                + (seconds == 0 ? "too long" : seconds + " s")
                + ". See to the database's machine and disk; the service goes on by itself as soon as it can.";
    }

    private StoreException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new StoreException("The service stops: the store " + url.shown() + " was not waited for.", e);
    }

    private static Throwable cause(ExecutionException e) {
        Throwable cause = e.getCause();
        return cause == null ? e : cause;
    }

    /** What was before. */
    private synchronized Optional<String> now(Optional<String> next) {
        Optional<String> before = trouble;
        trouble = next;
        return before;
    }

    private void well() {
        if (now(Optional.empty()).isPresent()) {
            log.info("store usable again", java.util.Map.of("store", url.shown()));
        }
    }

    private StoreException failed(Throwable failure) {
        if (failure instanceof StoreException told && told.isStandby()) {
            return told;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof IllegalArgumentException wrong) {
            throw wrong;
        }
        StoreException told = failure instanceof StoreException made
                ? made
                : new StoreException(Failures.sentence(url, failure), failure);
        if (now(Optional.of(String.valueOf(told.getMessage()))).isEmpty()) {
            log.warn(String.valueOf(told.getMessage()));
        }
        return told;
    }
}
