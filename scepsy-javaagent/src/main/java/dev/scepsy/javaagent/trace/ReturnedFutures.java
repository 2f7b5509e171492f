package dev.scepsy.javaagent.trace;

import dev.scepsy.javaagent.host.AgentThreads;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Ends operations with the futures that their methods returned. A plain future tells nobody when it is done, and the
 * application's must stay as it is: so one thread for all looks at those that are open, at first every millisecond, later every
 * hundredth of their age. It lives while there are any. Futures are held weakly: one that nobody holds any more is over.
 */
final class ReturnedFutures {

    private static final long SHORTEST_PAUSE_NANOS = 1_000_000;
    private static final long LONGEST_PAUSE_NANOS = 50_000_000;
    private static final long PARTS_OF_AGE = 100;
    private static final String JOB = "kotlinx.coroutines.Job";

    private final Set<Open> open = ConcurrentHashMap.newKeySet();
    private final OpenWork openWork;
    private @Nullable Thread watching;

    ReturnedFutures(OpenWork openWork) {
        this.openWork = openWork;
    }

    /** Whether this is a future, or a coroutine's, and ends the operation from now on. */
    boolean follows(Operation operation, Object result) {
        Class<?> job = result instanceof Future<?> ? null : TypesByName.interfaceOf(result.getClass(), JOB);
        if (job == null && !(result instanceof Future<?>)) {
            return false;
        }
        Open future = new Open(operation, new WeakReference<>(result), job);
        if (!future.hasSettled()) {
            openWork.add(future);
            open.add(future);
            watch();
        }
        return true;
    }

    private synchronized void watch() {
        Thread thread = watching;
        if (thread == null) {
            thread = AgentThreads.daemon(this::look, "scepsy-futures");
            thread.start(); // Where the system gives no thread now, the next future asks again.
            watching = thread;
        } else {
            LockSupport.unpark(thread);
        }
    }

    private void look() {
        while (true) {
            long pause = LONGEST_PAUSE_NANOS;
            for (Open future : open) {
                if (future.hasSettled()) {
                    open.remove(future);
                    openWork.remove(future);
                } else {
                    pause = Math.min(pause, future.pauseNanos());
                }
            }
            synchronized (this) {
                if (open.isEmpty()) {
                    watching = null;
                    return;
                }
            }
            LockSupport.parkNanos(this, pause);
            Thread.interrupted(); // Or it would not park again.
        }
    }

    private static final class Open implements OpenWork.Piece {

        private final Operation operation;
        private final WeakReference<Object> future;
        private final @Nullable Class<?> job;
        private final long sinceNanos = System.nanoTime();

        private Open(Operation operation, WeakReference<Object> future, @Nullable Class<?> job) {
            this.operation = operation;
            this.future = future;
            this.job = job;
        }

        private long pauseNanos() {
            long part = (System.nanoTime() - sinceNanos) / PARTS_OF_AGE;
            return Math.max(SHORTEST_PAUSE_NANOS, Math.min(LONGEST_PAUSE_NANOS, part));
        }

        /** Whether its operation has ended, which it does here when the future is done. */
        private boolean hasSettled() {
            Object result = future.get();
            if (result == null) {
                operation.end(null);
                return true;
            }
            if (!operation.isOpen()) {
                return true;
            }
            try {
                Throwable failure = job != null ? failureOf(result, job) : failureOf((Future<?>) result, operation);
                StreamState.end(operation, failure);
                return true;
            } catch (NotYet open) {
                return false;
            } catch (Throwable unusual) { // A future that cannot be asked.
                operation.end(null);
                return true;
            }
        }

        private static @Nullable Throwable failureOf(Future<?> future, Operation operation)
                throws NotYet, InterruptedException {
            if (!future.isDone()) {
                throw NotYet.INSTANCE;
            }
            if (future.isCancelled()) {
                return new CancellationException();
            }
            try {
                operation.returned(future.get());
                return null;
            } catch (ExecutionException | CancellationException failed) {
                return failed;
            }
        }

        private static @Nullable Throwable failureOf(Object result, Class<?> job)
                throws NotYet, ReflectiveOperationException {
            if (!Boolean.TRUE.equals(job.getMethod("isCompleted").invoke(result))) {
                throw NotYet.INSTANCE;
            }
            if (!Boolean.TRUE.equals(job.getMethod("isCancelled").invoke(result))) {
                return null;
            }
            Method cancellation = job.getMethod("getCancellationException");
            try {
                Throwable told = (Throwable) cancellation.invoke(result);
                return told == null || told.getCause() == null ? told : told.getCause();
            } catch (InvocationTargetException untold) {
                return untold.getCause();
            }
        }

        @Override
        public long heardAtNanos() {
            return System.nanoTime(); // It is looked at all the time: silence is no end.
        }

        @Override
        public void giveUp(boolean atExit) {
            StreamState.silent(atExit).end(operation);
        }
    }

    private static final class NotYet extends Exception {

        private static final long serialVersionUID = 1;
        private static final NotYet INSTANCE = new NotYet();

        private NotYet() {
            super("not done", null, false, false);
        }
    }
}
