package dev.scepsy.planner.share;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.LeafCall;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which time of an execution was spent waiting for which model.
 *
 * <p>The walk goes back from the execution's end: of the leaf calls that ended at or before the cursor it takes the one that
 * ended last (then the one that started first, then the one with the smaller span id), leaves the gap after it to
 * <i>other</i>, charges its time to its model (a tool's time and a call's back-off to <i>other</i>), and goes on from its
 * start. It stays inside the execution: a call that starts before the root is charged from the root's start on, one that ends
 * outside is not on the path.
 *
 * <p>Immutable.
 *
 * @param nanosByModel time charged to each model on the path, nanoseconds
 * @param otherNanos the rest; all together are the execution's duration exactly
 * @param calls the calls on the path, from the first to the last
 */
public record CriticalPath(Map<String, Long> nanosByModel, long otherNanos, List<LeafCall> calls) {

    private static final Comparator<LeafCall> WALK_ORDER = Comparator.comparingLong(LeafCall::endEpochNanos)
            .reversed()
            .thenComparingLong(LeafCall::startEpochNanos)
            .thenComparing(LeafCall::spanId, Long::compareUnsigned);

    public CriticalPath {
        nanosByModel = Map.copyOf(nanosByModel);
        calls = List.copyOf(calls);
    }

    /** Walks one execution; n log n in its calls. */
    public static CriticalPath of(Execution.Complete execution) {
        long start = execution.startEpochNanos();
        long end = execution.endEpochNanos();
        List<LeafCall> candidates = new ArrayList<>(execution.calls());
        candidates.removeIf(call -> call.endEpochNanos() > end || call.endEpochNanos() < start);
        candidates.sort(WALK_ORDER);
        Map<String, Long> nanosByModel = new TreeMap<>();
        List<LeafCall> taken = new ArrayList<>();
        long otherNanos = 0;
        long cursor = end;
        for (LeafCall call : candidates) {
            // the cursor only falls, so a call passed over once never fits later
            if (call.endEpochNanos() <= cursor) {
                otherNanos += cursor - call.endEpochNanos();
                long from = Math.max(start, call.startEpochNanos());
                if (call.model() == null) {
                    otherNanos += call.endEpochNanos() - from;
                } else {
                    long busyFrom = Math.max(start, call.busyFromEpochNanos());
                    otherNanos += busyFrom - from;
                    nanosByModel.merge(call.model(), call.endEpochNanos() - busyFrom, Long::sum);
                }
                taken.add(call);
                cursor = from;
            }
        }
        Collections.reverse(taken);
        return new CriticalPath(nanosByModel, otherNanos + (cursor - start), taken);
    }
}
