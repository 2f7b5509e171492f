package dev.scepsy.planner.simulate;

import dev.scepsy.planner.execution.Enclosing;
import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.LeafCall;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/**
 * Which call of a recorded execution waits for which. Two calls are compared where their ways up to the root meet: there,
 * each belongs to a branch (an agent, a nested workflow, the call itself), and if one branch had ended when the other
 * started, its call came first. Branches that overlap run side by side, so a step of one investigator never waits for
 * another investigator only because that one happened to be quicker. Calls without spans between them and the root are their own
 * branches: there, a call waits for all that had ended when it started. Spans that end in callbacks end a little late, see
 * {@link LeafCall#lateEndToleranceNanos}.
 *
 * <p>A call continues a conversation when it came after another call of the same model below the same span, and its prompt
 * is at least as long as that call's prompt and answer: an agent's growing memory. Nobody recorded the texts, so this is an
 * assumption, and it only matters where prefix caching is simulated.
 */
final class RecordedCallGraph {

    private static final double NANOS = 1e-9;

    private final Execution.Complete execution;
    private final List<LeafCall> leaves;

    /** Of each call, all that came before it. */
    private final BitSet[] before;

    RecordedCallGraph(Execution.Complete execution) {
        this.execution = execution;
        this.leaves = execution.calls().stream()
                .sorted(Comparator.comparingLong(LeafCall::startEpochNanos)
                        .thenComparingLong(LeafCall::endEpochNanos)
                        .thenComparingLong(LeafCall::spanId))
                .toList();
        this.before = new BitSet[leaves.size()];
        for (int i = 0; i < before.length; i++) {
            before[i] = new BitSet(i);
            for (int j = 0; j < i; j++) {
                if (cameFirst(leaves.get(j), leaves.get(i))) {
                    before[i].set(j);
                    before[i].or(before[j]);
                }
            }
        }
    }

    private static boolean cameFirst(LeafCall first, LeafCall second) {
        int common = 0;
        int most = Math.min(first.enclosing().size(), second.enclosing().size());
        while (common < most
                && first.enclosing().get(common).spanId()
                        == second.enclosing().get(common).spanId()) {
            common++;
        }
        long end = first.endEpochNanos();
        if (common < first.enclosing().size()) {
            // work may outlive the span that started it
            end = Math.max(end, first.enclosing().get(common).endEpochNanos());
        }
        long start = second.startEpochNanos();
        if (common < second.enclosing().size()) {
            Enclosing branch = second.enclosing().get(common);
            start = Math.min(start, branch.startEpochNanos());
        }
        return end <= start || endedLate(first, end - start);
    }

    /** Whether a call only seems to overlap the next step, because its span ended in a callback: a little, and hardly any of it. */
    private static boolean endedLate(LeafCall call, long overlapNanos) {
        return overlapNanos <= call.lateEndToleranceNanos()
                && 2 * overlapNanos <= call.endEpochNanos() - call.startEpochNanos();
    }

    ExecutionScript script(UnaryOperator<String> modelName) {
        List<CallScript> calls = new ArrayList<>();
        for (int i = 0; i < leaves.size(); i++) {
            long ready = execution.startEpochNanos();
            List<Integer> after = new ArrayList<>();
            BitSet further = new BitSet(i);
            for (int j = before[i].previousSetBit(i); j >= 0; j = before[i].previousSetBit(j - 1)) {
                ready = Math.max(ready, leaves.get(j).endEpochNanos());
                if (!further.get(j)) {
                    after.add(0, j);
                }
                further.or(before[j]);
            }
            double gapSeconds = Math.max(0, leaves.get(i).busyFromEpochNanos() - ready) * NANOS;
            calls.add(call(i, modelName, after, gapSeconds));
        }
        long lastEnd = leaves.stream().mapToLong(LeafCall::endEpochNanos).max().orElse(execution.startEpochNanos());
        return new ExecutionScript(
                execution.workflow(), calls, Math.max(0, execution.endEpochNanos() - lastEnd) * NANOS);
    }

    private CallScript call(int number, UnaryOperator<String> modelName, List<Integer> after, double gapSeconds) {
        LeafCall leaf = leaves.get(number);
        String model = leaf.model() == null ? "" : modelName.apply(leaf.model());
        boolean ours = !model.isEmpty() && leaf.inputTokens().isPresent();
        return new CallScript(
                ours ? Optional.of(model) : Optional.empty(),
                (int) Math.max(1, leaf.inputTokens().orElse(1)),
                (int) leaf.outputTokens().orElse(0),
                leaf.busyNanos() * NANOS,
                after,
                gapSeconds,
                ours ? continued(number) : OptionalInt.empty());
    }

    /** The latest call whose prompt and answer this one's prompt can begin with. */
    private OptionalInt continued(int number) {
        LeafCall leaf = leaves.get(number);
        for (int j = before[number].previousSetBit(number); j >= 0; j = before[number].previousSetBit(j - 1)) {
            LeafCall earlier = leaves.get(j);
            if (leaf.model() != null
                    && leaf.model().equals(earlier.model())
                    && leaf.enclosing().equals(earlier.enclosing())
                    && earlier.inputTokens().isPresent()
                    && leaf.inputTokens().orElse(0)
                            >= earlier.inputTokens().getAsLong()
                                    + earlier.outputTokens().orElse(0)) {
                return OptionalInt.of(j);
            }
        }
        return OptionalInt.empty();
    }
}
