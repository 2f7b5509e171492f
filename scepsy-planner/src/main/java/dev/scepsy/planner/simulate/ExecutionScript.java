package dev.scepsy.planner.simulate;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.LeafCall;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What one execution does, without saying how long its model calls take. Immutable.
 *
 * @param workflow the workflow's name
 * @param calls in an order in which every call stands after those it waits for
 * @param closingSeconds time between the last call's end and the execution's end
 */
public record ExecutionScript(String workflow, List<CallScript> calls, double closingSeconds) {

    private static final double NANOS = 1e-9;

    public ExecutionScript {
        calls = List.copyOf(calls);
    }

    /**
     * A recorded execution: its calls with their tokens, tools with their times. A call waits for all that had ended when
     * it started, and then for as long as it had; calls whose tokens were not reported keep their recorded time.
     *
     * @param modelName from the name a request carries to the model's own; empty text for models that are not ours
     */
    public static ExecutionScript recorded(Execution.Complete execution, UnaryOperator<String> modelName) {
        List<LeafCall> leaves = execution.calls().stream()
                .sorted(Comparator.comparingLong(LeafCall::startEpochNanos).thenComparingLong(LeafCall::spanId))
                .toList();
        List<CallScript> calls = new ArrayList<>();
        for (LeafCall leaf : leaves) {
            List<Integer> after = new ArrayList<>();
            long ready = execution.startEpochNanos();
            for (int i = 0; i < calls.size(); i++) {
                if (leaves.get(i).endEpochNanos() <= leaf.startEpochNanos()) {
                    after.add(i);
                    ready = Math.max(ready, leaves.get(i).endEpochNanos());
                }
            }
            calls.add(call(leaf, modelName, after, Math.max(0, leaf.busyFromEpochNanos() - ready) * NANOS));
        }
        long lastEnd = leaves.stream().mapToLong(LeafCall::endEpochNanos).max().orElse(execution.startEpochNanos());
        return new ExecutionScript(
                execution.workflow(), calls, Math.max(0, execution.endEpochNanos() - lastEnd) * NANOS);
    }

    private static CallScript call(
            LeafCall leaf, UnaryOperator<String> modelName, List<Integer> after, double gapSeconds) {
        String model = leaf.model() == null ? "" : modelName.apply(leaf.model());
        boolean ours = !model.isEmpty() && leaf.inputTokens().isPresent();
        return new CallScript(
                ours ? Optional.of(model) : Optional.empty(),
                (int) Math.max(1, leaf.inputTokens().orElse(1)),
                (int) leaf.outputTokens().orElse(0),
                leaf.busyNanos() * NANOS,
                after,
                gapSeconds);
    }
}
