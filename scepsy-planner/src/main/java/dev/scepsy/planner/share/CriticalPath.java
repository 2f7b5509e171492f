package dev.scepsy.planner.share;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.LeafCall;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which time of an execution was spent waiting for which model.
 *
 * <p>The walk goes back from the execution's end. Of the leaf calls not taken yet that ended at or before the cursor it takes
 * the one whose end is nearest to it (ties: the one that ended first, then started first, then the smaller span id), leaves
 * the gap between its end and the cursor to <i>other</i>, charges its time to its model (a tool's time and a call's back-off
 * to <i>other</i>), and goes on from its start.
 *
 * <p>"Ended at or before" is meant, for calls that started before the cursor, with {@link LeafCall#lateEndToleranceNanos}:
 * spans that end in callbacks end a little late. Such a call is charged up to the cursor. The walk stays inside the execution:
 * a call that starts before the root is charged from the root's start on, one that ends before it or outlives the execution
 * by more than the tolerance is not on the path.
 *
 * <p>Immutable.
 *
 * @param nanosByModel time charged to each model on the path, nanoseconds
 * @param otherNanos the rest; all together are the execution's duration exactly
 * @param calls the calls on the path, from the first to the last
 */
public record CriticalPath(Map<String, Long> nanosByModel, long otherNanos, List<LeafCall> calls) {

    /** Of calls with one end the walk prefers the first in this order. */
    private static final Comparator<LeafCall> BY_END = Comparator.comparingLong(LeafCall::endEpochNanos)
            .thenComparingLong(LeafCall::startEpochNanos)
            .thenComparing(LeafCall::spanId, Long::compareUnsigned);

    public CriticalPath {
        nanosByModel = Map.copyOf(nanosByModel);
        calls = List.copyOf(calls);
    }

    /** Walks one execution; n log n in its calls. */
    public static CriticalPath of(Execution.Complete execution) {
        return new Walk(execution).path();
    }

    /** Whether a call goes on after its execution for longer than an end may be late. */
    static boolean outlives(LeafCall call, Execution.Complete execution) {
        return call.endEpochNanos() - execution.endEpochNanos() > call.lateEndToleranceNanos();
    }

    /** One walk from the end to the start; the cursor only falls, so a call that is too late once is too late for good. */
    private static final class Walk {
        private final long start;
        private final LeafCall[] calls;

        /** Of each call, the next one in the order of ends that may still be taken, itself included; the length if none. */
        private final int[] next;

        /** Of each call, the first one with the same end. */
        private final int[] firstOfEnd;

        private final Map<String, Long> nanosByModel = new TreeMap<>();
        private final List<LeafCall> taken = new ArrayList<>();
        private long otherNanos;
        private long cursor;

        Walk(Execution.Complete execution) {
            start = execution.startEpochNanos();
            cursor = execution.endEpochNanos();
            List<LeafCall> inside = new ArrayList<>(execution.calls());
            inside.removeIf(call -> call.endEpochNanos() < start);
            calls = inside.toArray(LeafCall[]::new);
            Arrays.sort(calls, BY_END);
            firstOfEnd = new int[calls.length];
            for (int i = 1; i < calls.length; i++) {
                firstOfEnd[i] = calls[i].endEpochNanos() == calls[i - 1].endEpochNanos() ? firstOfEnd[i - 1] : i;
            }
            next = new int[calls.length + 1];
            for (int i = 0; i < next.length; i++) {
                next[i] = i;
            }
        }

        CriticalPath path() {
            // calls [0, before) ended at or before the cursor, and the last of them is not taken
            int before = calls.length;
            while (true) {
                while (before > 0 && (calls[before - 1].endEpochNanos() > cursor || next[before - 1] != before - 1)) {
                    before--;
                }
                int nearest = nearest(before);
                if (nearest < 0) {
                    break;
                }
                take(nearest);
            }
            Collections.reverse(taken);
            return new CriticalPath(nanosByModel, otherNanos + (cursor - start), taken);
        }

        private int nearest(int before) {
            int early = firstOfLatest(before);
            long distance = early < 0 ? Long.MAX_VALUE : cursor - calls[early].endEpochNanos();
            int late = alive(before);
            while (late < calls.length && calls[late].endEpochNanos() - cursor < distance) {
                LeafCall call = calls[late];
                if (call.startEpochNanos() < cursor && call.endEpochNanos() - cursor <= call.lateEndToleranceNanos()) {
                    return late;
                }
                next[late] = late + 1;
                late = alive(late + 1);
            }
            return early;
        }

        /** Of those not taken that ended at or before the cursor, the first of those that ended last; -1 if there is none. */
        private int firstOfLatest(int before) {
            return before == 0 ? -1 : alive(firstOfEnd[before - 1]);
        }

        private int alive(int from) {
            int at = from;
            while (next[at] != at) {
                at = next[at];
            }
            // paths are shortened, so that many dead calls are passed over once
            for (int i = from; next[i] != i; ) {
                int following = next[i];
                next[i] = at;
                i = following;
            }
            return at;
        }

        private void take(int index) {
            LeafCall call = calls[index];
            next[index] = index + 1;
            long to = Math.min(call.endEpochNanos(), cursor);
            long from = Math.min(to, Math.max(start, call.startEpochNanos()));
            long busyFrom = Math.max(from, Math.min(to, call.busyFromEpochNanos()));
            otherNanos += cursor - to;
            if (call.model() == null) {
                otherNanos += to - from;
            } else {
                otherNanos += busyFrom - from;
                nanosByModel.merge(call.model(), to - busyFrom, Long::sum);
            }
            taken.add(call);
            cursor = from;
        }
    }
}
