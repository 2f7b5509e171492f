package dev.scepsy.planner.execution;

import dev.scepsy.planner.span.EngineTimes;
import dev.scepsy.planner.span.GenAi;
import dev.scepsy.planner.span.Operation;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Divides one trace into executions.
 *
 * <p>A span belongs to the execution that the nearest span above it (itself included) names by id; else to its outermost
 * {@code invoke_workflow}; else to its outermost {@code invoke_agent}; else to the topmost span present, if a model call comes
 * to lie there. Spans above a workflow belong to nothing, unless a model call of their own makes them an execution; their
 * missing parents do no harm.
 *
 * <p>A span that hangs on a missing parent of its own process and says no execution cannot be attributed: it spoils the
 * trace's only execution, counts as one without a root where the trace has none, and says nothing where it has several.
 *
 * <p>Another {@link RootRule} replaces all of this.
 *
 * <p>Stateless, pure; the result does not depend on the order of the spans.
 */
public final class ExecutionAssembler {

    /** Spans between a root and a leaf call that are kept, the outermost ones. */
    private static final int MOST_ENCLOSING = 64;

    private ExecutionAssembler() {}

    /**
     * An execution and the spans that belong to it.
     *
     * @param execution the run
     * @param root its root; null when it was not seen
     * @param topmost the topmost span above the root; null when nothing lies above
     * @param spans its spans, the root included when it was seen
     */
    public record Assembled(
            Execution execution,
            @Nullable Span root,
            @Nullable Span topmost,
            List<Span> spans) {

        /** The same, judged otherwise. */
        public Assembled as(Execution other) {
            return new Assembled(other, root, topmost, spans);
        }
    }

    /**
     * One trace.
     *
     * @param executions by root span id
     * @param calls all innermost model calls, by span id
     * @param spans distinct spans
     */
    public record Assembly(List<Assembled> executions, List<SeenCall> calls, int spans) {}

    /** The executions of one trace, by root span id; spans with the same id are one span. */
    public static List<Assembled> assemble(Collection<Span> spansOfOneTrace) {
        return assemble(spansOfOneTrace, RootRule.DEFAULT);
    }

    /** The same, executions beginning where {@code rule} says. */
    public static List<Assembled> assemble(Collection<Span> spansOfOneTrace, RootRule rule) {
        SpanTree tree = SpanTree.of(spansOfOneTrace);
        return tree.size() == 0 ? List.of() : new Membership(tree, rule).executions();
    }

    /** One trace, its executions beginning where {@code rule} says. */
    public static Assembly assembly(Collection<Span> spansOfOneTrace, RootRule rule) {
        SpanTree tree = SpanTree.of(spansOfOneTrace);
        if (tree.size() == 0) {
            return new Assembly(List.of(), List.of(), 0);
        }
        Membership membership = new Membership(tree, rule);
        List<Assembled> executions = membership.executions();
        return new Assembly(executions, membership.calls(), tree.size());
    }

    /** Only the executions, handed on one by one. */
    public static void assemble(Collection<Span> spansOfOneTrace, Consumer<? super Execution> sink) {
        for (Assembled assembled : assemble(spansOfOneTrace)) {
            sink.accept(assembled.execution());
        }
    }

    /** One execution while its members are gathered. */
    private static final class Draft {
        final List<Integer> members = new ArrayList<>();
        int root = SpanTree.NOTHING;
        boolean parentLost;
    }

    /** Who belongs where, for one trace. */
    private static final class Membership {
        private final SpanTree tree;
        private final RootRule rule;
        private final Map<Long, Draft> drafts = new TreeMap<>(Long::compareUnsigned);

        Membership(SpanTree tree, RootRule rule) {
            this.tree = tree;
            this.rule = rule;
        }

        List<Assembled> executions() {
            boolean orphans;
            if (rule instanceof RootRule.BySpans) {
                boolean[] namedRoots = namedRoots();
                orphans = assign(tree.properAncestorsOf(namedRoots));
            } else {
                orphans = assignBy(rule);
            }
            findRoots();
            if (drafts.isEmpty()) {
                return orphans ? List.of(rootless()) : List.of();
            }
            if (orphans && drafts.size() == 1) {
                drafts.values().iterator().next().parentLost = true;
            }
            List<Assembled> executions = new ArrayList<>(drafts.size());
            drafts.forEach((rootSpanId, draft) -> executions.add(finish(rootSpanId, draft)));
            return executions;
        }

        /** Roots that no model call is needed for: workflows, agents outside any workflow, and whatever ids name. */
        private boolean[] namedRoots() {
            boolean[] roots = new boolean[tree.size()];
            for (int i = 0; i < tree.size(); i++) {
                long executionId = tree.executionId(i);
                int root = executionId != SpanId.NONE ? tree.indexOf(executionId) : tree.outermostWorkflow(i);
                if (root == SpanTree.NOTHING && executionId == SpanId.NONE) {
                    root = tree.outermostAgent(i);
                }
                if (root != SpanTree.NOTHING) {
                    roots[root] = true;
                }
            }
            return roots;
        }

        /** Puts every span into its draft; whether some could not be attributed. */
        private boolean assign(boolean[] aboveNamedRoot) {
            int[] roots = new int[tree.size()];
            boolean[] hasModelCall = new boolean[tree.size()];
            boolean orphans = false;
            for (int i = 0; i < tree.size(); i++) {
                roots[i] = SpanTree.NOTHING;
                if (tree.executionId(i) == SpanId.NONE) {
                    int root = implicitRoot(i);
                    if (root == tree.top(i) && isPlain(root) && tree.lostParent(root) && !aboveNamedRoot[root]) {
                        orphans = true;
                    } else {
                        roots[i] = root;
                        hasModelCall[root] |= tree.span(i).isModelCall();
                    }
                }
            }
            for (int i = 0; i < tree.size(); i++) {
                long executionId = tree.executionId(i);
                if (executionId != SpanId.NONE) {
                    Draft draft = draft(executionId);
                    draft.members.add(i);
                    draft.parentLost |= tree.cutOffBelow(i, tree.indexOf(executionId));
                } else if (roots[i] != SpanTree.NOTHING && isExecution(roots[i], hasModelCall, aboveNamedRoot)) {
                    draft(tree.span(roots[i]).spanId()).members.add(i);
                }
            }
            return orphans;
        }

        /** The same where a rule of the user's says what a root is; calls outside such a root belong to nothing. */
        private boolean assignBy(RootRule rule) {
            boolean orphans = false;
            int[] named = rule instanceof RootRule.SpanNamed each ? tree.outermost(each.name()) : null;
            for (int i = 0; i < tree.size(); i++) {
                int top = tree.top(i);
                int root = named != null ? named[i] : top;
                if (named == null && !tree.modelCallBelow(top)) {
                    continue;
                }
                if (root == SpanTree.NOTHING || (named == null && tree.lostParent(top))) {
                    orphans |= tree.lostParent(top) && tree.modelCallBelow(top);
                } else {
                    draft(tree.span(root).spanId()).members.add(i);
                }
            }
            return orphans;
        }

        /** All innermost model calls; after {@link #executions}. */
        List<SeenCall> calls() {
            boolean[] inside = new boolean[tree.size()];
            drafts.values().forEach(draft -> draft.members.forEach(member -> inside[member] = true));
            List<SeenCall> calls = new ArrayList<>();
            for (int i = 0; i < tree.size(); i++) {
                if (tree.span(i).isModelCall() && !tree.modelCallBelow(i)) {
                    int misplaced = tree.misplaced(i);
                    boolean none = misplaced == SpanTree.NOTHING;
                    calls.add(new SeenCall(
                            tree.span(i),
                            inside[i],
                            none ? null : tree.span(misplaced),
                            none ? null : tree.span(tree.parent(misplaced))));
                }
            }
            return calls;
        }

        private int implicitRoot(int span) {
            if (tree.outermostWorkflow(span) != SpanTree.NOTHING) {
                return tree.outermostWorkflow(span);
            }
            return tree.outermostAgent(span) != SpanTree.NOTHING ? tree.outermostAgent(span) : tree.top(span);
        }

        private boolean isPlain(int root) {
            Operation operation = tree.span(root).genAi().operation();
            return operation != Operation.WORKFLOW && operation != Operation.AGENT;
        }

        private boolean isExecution(int root, boolean[] hasModelCall, boolean[] aboveNamedRoot) {
            return switch (tree.span(root).genAi().operation()) {
                case WORKFLOW -> true;
                case AGENT -> hasModelCall[root] || !aboveNamedRoot[root];
                default -> hasModelCall[root];
            };
        }

        private void findRoots() {
            drafts.forEach((rootSpanId, draft) -> {
                draft.root = tree.indexOf(rootSpanId);
                if (draft.root != SpanTree.NOTHING && Collections.binarySearch(draft.members, draft.root) < 0) {
                    draft.members.add(draft.root);
                }
            });
        }

        private Draft draft(long rootSpanId) {
            return drafts.computeIfAbsent(rootSpanId, id -> new Draft());
        }

        private Assembled rootless() {
            ExecutionId id = new ExecutionId(tree.span(0).traceId(), SpanId.NONE);
            return new Assembled(
                    new Execution.Incomplete(id, null, IncompleteReason.ROOT_MISSING),
                    null,
                    null,
                    List.copyOf(tree.spans()));
        }

        private Assembled finish(long rootSpanId, Draft draft) {
            Span[] spans = new Span[draft.members.size()];
            for (int i = 0; i < spans.length; i++) {
                spans[i] = tree.span(draft.members.get(i));
            }
            List<Span> members = List.of(spans);
            ExecutionId id = new ExecutionId(members.get(0).traceId(), rootSpanId);
            if (draft.root == SpanTree.NOTHING) {
                return new Assembled(
                        new Execution.Incomplete(
                                id,
                                namedWorkflow(members),
                                IncompleteReason.ROOT_MISSING,
                                members.get(0).origin()),
                        null,
                        null,
                        members);
            }
            Span root = tree.span(draft.root);
            String workflow = workflowName(root);
            IncompleteReason reason = reason(root, draft, members);
            return new Assembled(
                    reason != null
                            ? new Execution.Incomplete(id, workflow, reason, root.origin())
                            : new Execution.Complete(
                                    id,
                                    workflow,
                                    root.startEpochNanos(),
                                    root.endEpochNanos(),
                                    leafCalls(draft),
                                    root.genAi().targetPerSecond(),
                                    root.genAi().weight(),
                                    root.origin()),
                    root,
                    tree.top(draft.root) == draft.root ? null : tree.span(tree.top(draft.root)),
                    members);
        }

        private static @Nullable IncompleteReason reason(Span root, Draft draft, List<Span> members) {
            if (!root.ended()) {
                return IncompleteReason.TIMED_OUT;
            }
            if (draft.parentLost) {
                return IncompleteReason.SPANS_DROPPED;
            }
            return IncompleteReason.timesAreWrong(root, members) ? IncompleteReason.CLOCK_BACKWARDS : null;
        }

        private List<LeafCall> leafCalls(Draft draft) {
            List<LeafCall> calls = new ArrayList<>();
            Map<Integer, List<Enclosing>> known = new HashMap<>();
            Map<Integer, EngineTimes> engines = engines(draft);
            for (int i : draft.members) {
                Span span = tree.span(i);
                boolean tool = span.genAi().operation() == Operation.TOOL
                        || span.genAi().operation() == Operation.RETRIEVAL;
                if ((span.isModelCall() || tool) && !tree.modelCallBelow(i)) {
                    GenAi genAi = span.genAi();
                    calls.add(new LeafCall(
                            span.spanId(),
                            tool ? null : genAi.model(),
                            span.startEpochNanos(),
                            span.endEpochNanos(),
                            genAi.backoffNanos(),
                            genAi.inputTokens(),
                            genAi.outputTokens(),
                            span.error(),
                            engines.get(i),
                            agent(i, draft.root),
                            enclosing(i, draft.root, known)));
                }
            }
            return calls;
        }

        /** The nearest named agent around a call, the root included. */
        private @Nullable String agent(int leaf, int root) {
            int at = leaf;
            for (int steps = 0; steps < MOST_ENCLOSING && at != root && tree.parent(at) != SpanTree.NOTHING; steps++) {
                at = tree.parent(at);
                GenAi genAi = tree.span(at).genAi();
                if (genAi.operation() == Operation.AGENT && genAi.agent() != null) {
                    return genAi.agent();
                }
            }
            return null;
        }

        /** What engines' own spans say, by the nearest model call above them. */
        private Map<Integer, EngineTimes> engines(Draft draft) {
            Map<Integer, EngineTimes> engines = Map.of();
            for (int i : draft.members) {
                EngineTimes times = tree.span(i).genAi().engine();
                if (times != null) {
                    int call = i;
                    while (call != SpanTree.NOTHING && !tree.span(call).isModelCall()) {
                        call = tree.parent(call);
                    }
                    if (call != SpanTree.NOTHING) {
                        engines = engines.isEmpty() ? new HashMap<>() : engines;
                        engines.merge(call, times, EngineTimes::plus);
                    }
                }
            }
            return engines;
        }

        /** The spans above {@code leaf} and below {@code root}; {@code known} holds those of the spans seen before. */
        private List<Enclosing> enclosing(int leaf, int root, Map<Integer, List<Enclosing>> known) {
            Deque<Integer> unknown = new ArrayDeque<>();
            int at = tree.parent(leaf);
            while (at != root && at != SpanTree.NOTHING && !known.containsKey(at)) {
                unknown.push(at);
                at = tree.parent(at);
            }
            List<Enclosing> above = known.getOrDefault(at, List.of());
            while (!unknown.isEmpty()) {
                int next = unknown.pop();
                if (above.size() < MOST_ENCLOSING) {
                    List<Enclosing> longer = new ArrayList<>(above);
                    Span span = tree.span(next);
                    longer.add(new Enclosing(span.spanId(), span.startEpochNanos(), span.endEpochNanos()));
                    above = List.copyOf(longer);
                }
                known.put(next, above);
            }
            return above;
        }

        /** Spans below a workflow carry its name, so that even without the root it may be known. */
        private static @Nullable String namedWorkflow(List<Span> members) {
            for (Span span : members) {
                if (span.genAi().workflow() != null) {
                    return span.genAi().workflow();
                }
            }
            return null;
        }

        private static String workflowName(Span root) {
            GenAi genAi = root.genAi();
            if (genAi.workflow() != null) {
                return genAi.workflow();
            }
            return genAi.agent() != null ? genAi.agent() : root.name();
        }
    }
}
