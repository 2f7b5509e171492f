package dev.scepsy.planner.execution;

import dev.scepsy.planner.span.Operation;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanId;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * The spans of one trace in the order of their ids, linked to their parents, with what each inherits from above worked out
 * once: linear in the spans after sorting. Spans are named by their index.
 */
final class SpanTree {

    /** No span. */
    static final int NOTHING = -1;

    /** How far a span may reach beyond its parent before clocks or unawaited work are suspected. */
    static final long MISPLACED_NANOS = 50_000_000;

    private static final byte UNSEEN = 0;
    private static final byte ON_PATH = 1;
    private static final byte DONE = 2;

    /** Of two records of one span the one that ended last is the fuller. */
    private static final Comparator<Span> BY_ID_FULLEST_FIRST = (left, right) -> {
        int byId = Long.compareUnsigned(left.spanId(), right.spanId());
        return byId != 0 ? byId : Long.compare(right.endEpochNanos(), left.endEpochNanos());
    };

    private final Span[] spans;
    private final long[] ids;
    private final int[] parents;
    private final boolean[] lostParent;
    private final long[] executionIds;
    private final int[] outermostWorkflows;
    private final int[] outermostAgents;
    private final int[] tops;
    private final boolean[] modelCallBelow;
    private final int[] misplaced;

    /** All spans, each after its parent. */
    private final int[] downwards;

    private SpanTree(Span[] spans) {
        int size = spans.length;
        this.spans = spans;
        ids = new long[size];
        parents = new int[size];
        lostParent = new boolean[size];
        executionIds = new long[size];
        outermostWorkflows = new int[size];
        outermostAgents = new int[size];
        tops = new int[size];
        modelCallBelow = new boolean[size];
        misplaced = new int[size];
        downwards = new int[size];
        for (int i = 0; i < size; i++) {
            ids[i] = spans[i].spanId();
        }
        link();
        inherit();
        markModelCalls();
    }

    static SpanTree of(Collection<Span> spansOfOneTrace) {
        Span[] sorted = spansOfOneTrace.toArray(Span[]::new);
        Arrays.sort(sorted, BY_ID_FULLEST_FIRST);
        int distinct = 0;
        for (Span span : sorted) {
            if (distinct == 0 || sorted[distinct - 1].spanId() != span.spanId()) {
                sorted[distinct++] = span;
            }
        }
        return new SpanTree(Arrays.copyOf(sorted, distinct));
    }

    int size() {
        return spans.length;
    }

    Span span(int index) {
        return spans[index];
    }

    List<Span> spans() {
        return Arrays.asList(spans);
    }

    /** Index of the span with that id, or {@link #NOTHING}. */
    int indexOf(long spanId) {
        int low = 0;
        int high = ids.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = Long.compareUnsigned(ids[middle], spanId);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return NOTHING;
    }

    /** The execution that the nearest span above, itself included, names; {@link SpanId#NONE} when none does. */
    long executionId(int index) {
        return executionIds[index];
    }

    /** The uppermost workflow above, itself included, or {@link #NOTHING}. */
    int outermostWorkflow(int index) {
        return outermostWorkflows[index];
    }

    /** The uppermost agent above, itself included, or {@link #NOTHING}. */
    int outermostAgent(int index) {
        return outermostAgents[index];
    }

    /** Of every span, the uppermost span of that name above, itself included, or {@link #NOTHING}. */
    int[] outermost(String name) {
        int[] outermost = new int[spans.length];
        for (int at : downwards) {
            int above = parents[at] == NOTHING ? NOTHING : outermost[parents[at]];
            boolean own = spans[at].name().equals(name);
            outermost[at] = above == NOTHING && own ? at : above;
        }
        return outermost;
    }

    /** The first span on the way up, itself included, that lies outside its parent by more than a little; or {@link #NOTHING}. */
    int misplaced(int index) {
        return misplaced[index];
    }

    private boolean isMisplaced(Span child, Span parent) {
        return parent.startEpochNanos() - child.startEpochNanos() > MISPLACED_NANOS
                || (parent.ended()
                        && child.ended()
                        && child.endEpochNanos() - parent.endEpochNanos() > MISPLACED_NANOS);
    }

    /** The span right above, or {@link #NOTHING}. */
    int parent(int index) {
        return parents[index];
    }

    /** The uppermost span present above, itself included. */
    int top(int index) {
        return tops[index];
    }

    /** Whether it has a parent in its own process that was never seen. */
    boolean lostParent(int index) {
        return lostParent[index];
    }

    /** Whether a model call lies below it. */
    boolean modelCallBelow(int index) {
        return modelCallBelow[index];
    }

    /** Whether the way up from it ends at a lost parent before it comes to {@code root}, which may be {@link #NOTHING}. */
    boolean cutOffBelow(int index, int root) {
        if (!lostParent[tops[index]]) {
            return false;
        }
        for (int at = index; at != NOTHING; at = parents[at]) {
            if (at == root) {
                return false;
            }
        }
        return true;
    }

    /** All spans that lie above one of {@code marked}. */
    boolean[] properAncestorsOf(boolean[] marked) {
        boolean[] above = new boolean[spans.length];
        for (int i = 0; i < spans.length; i++) {
            if (marked[i]) {
                markAbove(i, above);
            }
        }
        return above;
    }

    private void link() {
        for (int i = 0; i < spans.length; i++) {
            Span span = spans[i];
            parents[i] = span.hasParent() ? indexOf(span.parentSpanId()) : NOTHING;
            if (parents[i] == i) {
                parents[i] = NOTHING;
            }
            lostParent[i] = span.hasParent() && parents[i] == NOTHING && !span.parentMayBeMissing();
        }
        breakCycles();
    }

    /** Ids that lead in a circle have no top: the circle is cut where it is first closed. */
    private void breakCycles() {
        byte[] states = new byte[spans.length];
        for (int i = 0; i < spans.length; i++) {
            int at = i;
            while (at != NOTHING && states[at] == UNSEEN) {
                states[at] = ON_PATH;
                int parent = parents[at];
                if (parent != NOTHING && states[parent] == ON_PATH) {
                    parents[at] = NOTHING;
                    lostParent[at] = true;
                }
                at = parents[at];
            }
            for (at = i; at != NOTHING && states[at] == ON_PATH; at = parents[at]) {
                states[at] = DONE;
            }
        }
    }

    private void inherit() {
        boolean[] done = new boolean[spans.length];
        int[] path = new int[spans.length];
        int count = 0;
        for (int i = 0; i < spans.length; i++) {
            int depth = 0;
            for (int at = i; at != NOTHING && !done[at]; at = parents[at]) {
                path[depth++] = at;
            }
            while (depth > 0) {
                int at = path[--depth];
                inherit(at, parents[at]);
                done[at] = true;
                downwards[count++] = at;
            }
        }
    }

    private void inherit(int at, int parent) {
        Operation operation = spans[at].genAi().operation();
        long own = spans[at].genAi().executionId();
        boolean top = parent == NOTHING;
        executionIds[at] = own != SpanId.NONE ? own : top ? SpanId.NONE : executionIds[parent];
        tops[at] = top ? at : tops[parent];
        misplaced[at] = top ? NOTHING : isMisplaced(spans[at], spans[parent]) ? at : misplaced[parent];
        outermostWorkflows[at] = top ? NOTHING : outermostWorkflows[parent];
        outermostAgents[at] = top ? NOTHING : outermostAgents[parent];
        if (outermostWorkflows[at] == NOTHING && operation == Operation.WORKFLOW) {
            outermostWorkflows[at] = at;
        }
        if (outermostAgents[at] == NOTHING && operation == Operation.AGENT) {
            outermostAgents[at] = at;
        }
    }

    private void markModelCalls() {
        for (int i = 0; i < spans.length; i++) {
            if (spans[i].isModelCall()) {
                markAbove(i, modelCallBelow);
            }
        }
    }

    private void markAbove(int index, boolean[] marks) {
        for (int at = parents[index]; at != NOTHING && !marks[at]; at = parents[at]) {
            marks[at] = true;
        }
    }
}
