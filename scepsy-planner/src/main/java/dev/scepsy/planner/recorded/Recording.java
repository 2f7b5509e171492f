package dev.scepsy.planner.recorded;

import dev.scepsy.planner.execution.ClockSkew;
import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionAssembler.Assembled;
import dev.scepsy.planner.execution.LeafCall;
import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.execution.SeenCall;
import dev.scepsy.planner.share.ExecutionTally;
import dev.scepsy.planner.share.WorkflowKey;
import dev.scepsy.planner.span.Operation;
import dev.scepsy.planner.span.Span;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What recorded traces hold: their executions, and what is remarkable about them. Recordings of different traces add up in any
 * order to the same. Not thread-safe.
 */
public final class Recording {

    private final ExecutionTally tally = new ExecutionTally();
    private final Map<Integer, SourceTally> sources = new TreeMap<>();
    private final Map<WorkflowKey, WorkflowNotes> workflows = new TreeMap<>();
    private final Map<Split, Long> splits = new TreeMap<>();
    private final Map<ClockSkew.Pair, Long> misplaced = new TreeMap<>();
    private @Nullable SourceTally lastSource;
    private int lastNumber;
    private long misplacedCalls;
    private long callsOutside;
    private long calls;
    private long outliving;

    /** How many executions and calls one source has. */
    public record SourceCounts(long executions, long calls, long callsOutside) {}

    /** The same while it is counted. */
    private static final class SourceTally {
        private long executions;
        private long calls;
        private long callsOutside;

        void add(SourceTally other) {
            executions += other.executions;
            calls += other.calls;
            callsOutside += other.callsOutside;
        }
    }

    /**
     * Several executions below one span.
     *
     * @param above name of that span
     * @param workflows names of the workflows, in order, each once
     */
    public record Split(String above, List<String> workflows) implements Comparable<Split> {
        @Override
        public int compareTo(Split other) {
            return Comparator.comparing(Split::above)
                    .thenComparing(split -> String.join("\n", split.workflows()))
                    .compare(this, other);
        }
    }

    /** Reads traces to the end. */
    public static Recording of(RecordedTraces traces, RootRule rule, ClockSkew skew) {
        return traces.collect(rule, skew, Recording::new, Recording::take, Recording::add);
    }

    private void take(WholeTrace trace) {
        Map<Long, List<Assembled>> below = new HashMap<>(4);
        for (Assembled assembled : trace.assembly().executions()) {
            Execution execution = assembled.execution();
            tally.add(execution);
            Span root = assembled.root();
            Span any = root != null ? root : assembled.spans().get(0);
            source(trace, any).executions++;
            if (root == null) {
                continue;
            }
            Span topmost = assembled.topmost();
            if (topmost != null && root.genAi().operation() != Operation.WORKFLOW) {
                below.computeIfAbsent(topmost.spanId(), id -> new ArrayList<>()).add(assembled);
            }
            if (execution instanceof Execution.Complete complete) {
                workflows
                        .computeIfAbsent(
                                new WorkflowKey(
                                        complete.workflow(), complete.origin().service()),
                                key -> new WorkflowNotes())
                        .take(complete, root, assembled.spans());
                for (LeafCall call : complete.calls()) {
                    outliving += call.endEpochNanos() - complete.endEpochNanos() > call.lateEndToleranceNanos() ? 1 : 0;
                }
            }
        }
        for (List<Assembled> executions : below.values()) {
            if (executions.size() > 1) {
                split(executions);
            }
        }
        for (SeenCall call : trace.assembly().calls()) {
            calls++;
            callsOutside += call.inExecution() ? 0 : 1;
            SourceTally source = source(trace, call.span());
            source.calls++;
            source.callsOutside += call.inExecution() ? 0 : 1;
            misplace(call.misplacedFrom(), call.misplaced());
        }
    }

    private void split(List<Assembled> executions) {
        Span topmost = executions.get(0).topmost();
        TreeSet<String> names = new TreeSet<>();
        for (Assembled each : executions) {
            String workflow = each.execution().workflow();
            names.add(workflow == null ? "" : workflow);
        }
        splits.merge(new Split(topmost == null ? "" : topmost.name(), List.copyOf(names)), 1L, Long::sum);
    }

    private void misplace(@Nullable Span parent, @Nullable Span child) {
        if (parent == null || child == null) {
            return;
        }
        misplacedCalls++;
        String from = parent.origin().host();
        String to = child.origin().host();
        if (from != null && to != null && !from.equals(to)) {
            misplaced.merge(new ClockSkew.Pair(from, to), 1L, Long::sum);
        }
    }

    private SourceTally source(WholeTrace trace, Span span) {
        int number = trace.sourceOf(span);
        SourceTally last = lastSource;
        if (last == null || number != lastNumber) {
            last = sources.computeIfAbsent(number, unknown -> new SourceTally());
            lastSource = last;
            lastNumber = number;
        }
        return last;
    }

    private void add(Recording other) {
        tally.addAll(other.tally);
        other.sources.forEach((number, counts) ->
                sources.computeIfAbsent(number, unknown -> new SourceTally()).add(counts));
        other.workflows.forEach((key, notes) ->
                workflows.computeIfAbsent(key, unknown -> new WorkflowNotes()).add(notes));
        other.splits.forEach((split, count) -> splits.merge(split, count, Long::sum));
        other.misplaced.forEach((pair, count) -> misplaced.merge(pair, count, Long::sum));
        misplacedCalls += other.misplacedCalls;
        callsOutside += other.callsOutside;
        calls += other.calls;
        outliving += other.outliving;
    }

    /** The executions. */
    public ExecutionTally tally() {
        return tally;
    }

    /** What the source of that number holds. */
    public SourceCounts source(int number) {
        SourceTally counts = sources.getOrDefault(number, new SourceTally());
        return new SourceCounts(counts.executions, counts.calls, counts.callsOutside);
    }

    /** Notes on a workflow with complete executions. */
    public Optional<WorkflowNotes> notes(WorkflowKey workflow) {
        return Optional.ofNullable(workflows.get(workflow));
    }

    /** Where several agents, or calls, of one trace are executions of their own below one span; with how many traces. */
    public Map<Split, Long> splits() {
        return splits;
    }

    /** Model calls, innermost ones. */
    public long calls() {
        return calls;
    }

    /** Model calls that belong to no execution. */
    public long callsOutside() {
        return callsOutside;
    }

    /** Calls and tools that outlive their execution by more than an end may be late. */
    public long outliving() {
        return outliving;
    }

    /** Model calls that, or around which a span, lie well outside their parent. */
    public long misplacedCalls() {
        return misplacedCalls;
    }

    /** Those of them between two hosts. */
    public Map<ClockSkew.Pair, Long> misplaced() {
        return misplaced;
    }
}
