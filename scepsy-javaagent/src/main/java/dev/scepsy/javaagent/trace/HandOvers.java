package dev.scepsy.javaagent.trace;

import org.jspecify.annotations.Nullable;

/**
 * Which operation a task was handed over in, beside the task: by its identity, for the next time it runs. A task that was handed
 * over several times runs in that order. Tasks are held weakly, and so is nothing of the application kept: an operation is let go
 * when its task runs, is gone, or has not run long after the operation's end. Thread-safe.
 */
final class HandOvers {

    private record Handed(Operation operation, @Nullable Handed later) {

        /** Without what has ended: it ran elsewhere, or was rejected or cancelled. */
        private @Nullable Handed open() {
            Handed rest = later == null ? null : later.open();
            return operation.isUnderWay() ? new Handed(operation, rest) : rest;
        }

        private Handed then(Operation last) {
            return new Handed(operation, later == null ? new Handed(last, null) : later.then(last));
        }
    }

    private final WeakIdentityMap<Handed> waiting = new WeakIdentityMap<>();

    void put(Object task, Operation operation) {
        waiting.compute(task, before -> {
            Handed open = before == null ? null : before.open();
            return open == null ? new Handed(operation, null) : open.then(operation);
        });
    }

    boolean knows(Object task) {
        return waiting.get(task) != null;
    }

    /** The operation it runs for now; null when it was not handed over in one. */
    @Nullable
    Operation take(Object task) {
        if (waiting.get(task) == null) {
            return null;
        }
        Handed[] first = new Handed[1];
        waiting.compute(task, before -> {
            if (before == null) {
                return null;
            }
            Handed open = before.later() == null ? null : before.open();
            first[0] = open == null ? before : open;
            return first[0].later();
        });
        return first[0] == null ? null : first[0].operation();
    }

    /** Forgets the tasks that are gone, and operations that ended so long ago. */
    void purge(long silenceNanos) {
        waiting.purge(gone -> {});
        waiting.removeIf(
                (task, handed) -> handed.later() == null && handed.operation().hasEndedFor(silenceNanos));
    }
}
