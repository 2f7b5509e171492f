package dev.scepsy.planner.share;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionId;
import dev.scepsy.planner.execution.LeafCall;
import dev.scepsy.planner.stat.IntervalOverlap;
import dev.scepsy.planner.stat.IntervalUnion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one execution contributes to its workflow's statistics: the grain that windows hold and the bootstrap resamples.
 * Immutable.
 */
public final class ExecutionShares implements Comparable<ExecutionShares> {

    private final ExecutionId id;
    private final WorkflowKey workflow;
    private final @Nullable String instance;
    private final long startEpochNanos;
    private final long durationNanos;
    private final long otherNanos;
    private final OptionalDouble targetPerSecond;
    private final OptionalDouble weight;
    private final List<ModelUse> models;
    private final List<ModelUse> agents;

    private ExecutionShares(
            Execution.Complete execution, long otherNanos, List<ModelUse> models, List<ModelUse> agents) {
        this.id = execution.id();
        this.workflow = new WorkflowKey(execution.workflow(), execution.origin().service());
        this.instance = execution.origin().instance();
        this.startEpochNanos = execution.startEpochNanos();
        this.durationNanos = execution.durationNanos();
        this.otherNanos = otherNanos;
        this.targetPerSecond = execution.targetPerSecond();
        this.weight = execution.weight();
        this.models = List.copyOf(models);
        this.agents = List.copyOf(agents);
    }

    /** With what else is known of the same execution. */
    private ExecutionShares(ExecutionShares same, List<ModelUse> models) {
        this.id = same.id;
        this.workflow = same.workflow;
        this.instance = same.instance;
        this.startEpochNanos = same.startEpochNanos;
        this.durationNanos = same.durationNanos;
        this.otherNanos = same.otherNanos;
        this.targetPerSecond = same.targetPerSecond;
        this.weight = same.weight;
        this.models = List.copyOf(models);
        this.agents = List.of();
    }

    /** Sums up one execution. */
    public static ExecutionShares of(Execution.Complete execution) {
        return of(execution, List.of());
    }

    /** The same, with what every agent asks of every model: for those who do not keep the calls to look for roles later. */
    public static ExecutionShares withAgents(Execution.Complete execution) {
        return of(execution, of(CallClasses.byEachAgent(execution)).models);
    }

    private static ExecutionShares of(Execution.Complete execution, List<ModelUse> agents) {
        CriticalPath path = CriticalPath.of(execution);
        Map<String, List<LeafCall>> callsByModel = new TreeMap<>();
        for (LeafCall call : execution.calls()) {
            if (call.model() != null) {
                callsByModel
                        .computeIfAbsent(call.model(), model -> new ArrayList<>(4))
                        .add(call);
            }
        }
        List<ModelUse> models = new ArrayList<>(callsByModel.size());
        callsByModel.forEach((model, calls) ->
                models.add(use(model, calls, path.nanosByModel().getOrDefault(model, 0L))));
        return new ExecutionShares(execution, path.otherNanos(), models, agents);
    }

    private static ModelUse use(String model, List<LeafCall> calls, long pathNanos) {
        IntervalUnion busy = new IntervalUnion();
        long callNanos = 0;
        EngineUse engine = EngineUse.NONE;
        long[] starts = new long[calls.size()];
        long[] ends = new long[calls.size()];
        int[] inputTokens = new int[calls.size()];
        int[] outputTokens = new int[calls.size()];
        int inputs = 0;
        int outputs = 0;
        for (int i = 0; i < calls.size(); i++) {
            LeafCall call = calls.get(i);
            starts[i] = call.busyFromEpochNanos();
            ends[i] = call.endEpochNanos();
            busy.add(starts[i], ends[i]);
            callNanos += call.busyNanos();
            if (call.inputTokens().isPresent()) {
                inputTokens[inputs++] = tokens(call.inputTokens());
            }
            if (call.outputTokens().isPresent()) {
                outputTokens[outputs++] = tokens(call.outputTokens());
            }
            if (call.engine() != null) {
                engine = engine.plus(new EngineUse(1, call.engine()));
            }
        }
        return new ModelUse(
                model,
                calls.size(),
                callNanos,
                busy.length(),
                IntervalOverlap.squared(starts, ends),
                pathNanos,
                inputs == inputTokens.length ? inputTokens : Arrays.copyOf(inputTokens, inputs),
                outputs == outputTokens.length ? outputTokens : Arrays.copyOf(outputTokens, outputs),
                engine);
    }

    private static int tokens(OptionalLong reported) {
        return (int) Math.min(reported.orElse(0), Integer.MAX_VALUE);
    }

    public ExecutionId id() {
        return id;
    }

    /** Its workflow: a name in a program. */
    public WorkflowKey workflow() {
        return workflow;
    }

    /** Which instance of the program ran it; null where the spans do not say. */
    public @Nullable String instance() {
        return instance;
    }

    public long startEpochNanos() {
        return startEpochNanos;
    }

    public long endEpochNanos() {
        return startEpochNanos + durationNanos;
    }

    /** End-to-end time, nanoseconds. */
    public long durationNanos() {
        return durationNanos;
    }

    /** Critical-path time outside any model, nanoseconds. */
    public long otherNanos() {
        return otherNanos;
    }

    /** The rate its root asks for; empty where it does not. */
    public OptionalDouble targetPerSecond() {
        return targetPerSecond;
    }

    /** The weight its root states; empty where it does not. */
    public OptionalDouble weight() {
        return weight;
    }

    /** In the order of the models' names. */
    public List<ModelUse> models() {
        return models;
    }

    /** The models' parts for those who watch executions one by one, in the order of the models' names. */
    public List<ModelPart> parts() {
        return models.stream().map(ModelPart::of).toList();
    }

    /** By model and agent ({@link CallClasses#label}); none where that was not asked for. */
    List<ModelUse> agents() {
        return agents;
    }

    /** What the agents ask, each under its label of {@code labels}, as if that were a model. */
    ExecutionShares relabelled(Function<String, String> labels) {
        Map<String, ModelUse> byLabel = new TreeMap<>();
        for (ModelUse use : agents) {
            String label = labels.apply(use.model());
            byLabel.merge(label, use.named(label), (one, other) -> one.plus(other, label));
        }
        return new ExecutionShares(this, List.copyOf(byLabel.values()));
    }

    /** By start, then by id: an order that no file order changes. */
    @Override
    public int compareTo(ExecutionShares other) {
        int byStart = Long.compare(startEpochNanos, other.startEpochNanos);
        return byStart != 0 ? byStart : id.compareTo(other.id);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ExecutionShares that && id.equals(that.id) && startEpochNanos == that.startEpochNanos;
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }
}
