package dev.scepsy.planner.simulate;

import dev.scepsy.planner.execution.Execution;
import java.util.List;
import java.util.function.UnaryOperator;

/** What one execution does, without saying how long its model calls take. Immutable. */
public final class ExecutionScript {

    private final String workflow;
    private final List<CallScript> calls;
    private final double closingSeconds;
    private final int[][] followers;
    private final boolean hasConversations;

    /**
     * @param workflow the workflow's name
     * @param calls in an order in which every call stands after those it waits for
     * @param closingSeconds time between the last call's end and the execution's end
     * @throws IllegalArgumentException if a call waits for one that does not stand before it
     */
    public ExecutionScript(String workflow, List<CallScript> calls, double closingSeconds) {
        this.workflow = workflow;
        this.calls = List.copyOf(calls);
        this.closingSeconds = closingSeconds;
        this.followers = followersOf(this.calls);
        this.hasConversations =
                this.calls.stream().anyMatch(call -> call.continues().isPresent());
    }

    private static int[][] followersOf(List<CallScript> calls) {
        int[] counts = new int[calls.size()];
        for (int i = 0; i < calls.size(); i++) {
            for (int before : calls.get(i).after()) {
                if (before < 0 || before >= i) {
                    throw new IllegalArgumentException(
                            "Call " + i + " waits for call " + before + ", which does not stand before it.");
                }
                counts[before]++;
            }
        }
        int[][] followers = new int[counts.length][];
        for (int i = 0; i < counts.length; i++) {
            followers[i] = new int[counts[i]];
        }
        for (int i = calls.size() - 1; i >= 0; i--) {
            for (int before : calls.get(i).after()) {
                followers[before][--counts[before]] = i;
            }
        }
        return followers;
    }

    /**
     * A recorded execution: its calls with their tokens, tools with their times, in the order they were made in; see {@link
     * RecordedCallGraph} for what waits for what. Calls whose tokens were not reported keep their recorded time.
     *
     * @param modelName from the name a request carries to the model's own; empty text for models that are not ours
     */
    public static ExecutionScript recorded(Execution.Complete execution, UnaryOperator<String> modelName) {
        return new RecordedCallGraph(execution).script(modelName);
    }

    /** The workflow's name. */
    public String workflow() {
        return workflow;
    }

    /** Its calls, each after those it waits for. */
    public List<CallScript> calls() {
        return calls;
    }

    /** Time between the last call's end and the execution's end. */
    public double closingSeconds() {
        return closingSeconds;
    }

    /** Whether some call continues another. */
    boolean hasConversations() {
        return hasConversations;
    }

    /** The same with every prompt a beginning of its own. */
    public ExecutionScript withoutConversations() {
        return new ExecutionScript(
                workflow, calls.stream().map(CallScript::withoutConversation).toList(), closingSeconds);
    }

    /** The calls that wait for call {@code number}, in rising order. */
    int[] followers(int number) {
        return followers[number];
    }
}
