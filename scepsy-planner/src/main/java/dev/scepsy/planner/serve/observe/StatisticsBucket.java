package dev.scepsy.planner.serve.observe;

import dev.scepsy.planner.share.ExecutionShares;
import dev.scepsy.planner.share.MergeableStatistics;
import java.util.ArrayList;
import java.util.List;

/**
 * One workflow's statistics of one minute or hour: what was packed, and what came since. Guarded by its owner's lock; a {@link View} is
 * worked on outside of it.
 */
final class StatisticsBucket {

    /** Executions that wait to be packed: at hundreds a second they would fill the heap until the store has them. */
    private static final int MOST_SINCE = 512;

    private byte[] packed;
    private final List<ExecutionShares> since = new ArrayList<>(1);
    private boolean unsaved;
    private long changes;

    StatisticsBucket(byte[] packed) {
        this.packed = packed;
    }

    /** A bucket at one moment. */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record View(StatisticsBucket bucket, byte[] packed, List<ExecutionShares> since, long changes) {

        MergeableStatistics statistics() {
            MergeableStatistics whole = PackedStatistics.read(packed);
            if (since.isEmpty()) {
                return whole;
            }
            MergeableStatistics more = MergeableStatistics.of(since);
            return whole.executions() == 0 ? more : whole.plus(more);
        }
    }

    void add(ExecutionShares execution) {
        since.add(execution);
        unsaved = true;
        changes++;
        if (since.size() >= MOST_SINCE) {
            packed = PackedStatistics.of(view().statistics());
            since.clear();
        }
    }

    View view() {
        return new View(this, packed, List.copyOf(since), changes);
    }

    /** What a view came to, unless that was packed meanwhile; what has come since stays. */
    void pack(View view, byte[] bytes) {
        if (packed == view.packed()) {
            packed = bytes;
            since.subList(0, view.since().size()).clear();
        }
    }

    /** Replaces all of it. */
    void replace(byte[] bytes) {
        packed = bytes;
        since.clear();
        unsaved = true;
        changes++;
    }

    boolean isUnsaved() {
        return unsaved;
    }

    /** A view is durable: what has come since is not. */
    void saved(View view) {
        unsaved = changes != view.changes();
    }

    long changes() {
        return changes;
    }
}
