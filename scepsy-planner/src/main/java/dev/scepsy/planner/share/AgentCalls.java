package dev.scepsy.planner.share;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.LeafCall;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Which agents of a workflow call which models, and with what lengths. Not thread-safe. */
public final class AgentCalls {

    /** Agents that are told apart per model: names beyond are rather ids. */
    private static final int MOST_AGENTS = 256;

    private final Map<String, Map<String, Tally>> byModel = new HashMap<>();

    /**
     * Calls and their summed lengths.
     *
     * @param calls all of them
     * @param told those that say both lengths
     * @param inputTokens summed over those
     * @param outputTokens summed over those
     */
    record Lengths(long calls, long told, long inputTokens, long outputTokens) {}

    /** The same while they are added up. */
    private static final class Tally {
        private long calls;
        private long told;
        private long inputTokens;
        private long outputTokens;

        private void add(Tally other) {
            calls += other.calls;
            told += other.told;
            inputTokens += other.inputTokens;
            outputTokens += other.outputTokens;
        }

        private Lengths lengths() {
            return new Lengths(calls, told, inputTokens, outputTokens);
        }
    }

    /** Takes the calls of one execution. */
    public void add(Execution.Complete execution) {
        for (LeafCall call : execution.calls()) {
            if (call.model() != null) {
                Tally tally = tally(call.model(), call.agent() == null ? "" : call.agent());
                tally.calls++;
                if (call.inputTokens().isPresent() && call.outputTokens().isPresent()) {
                    tally.told++;
                    tally.inputTokens += call.inputTokens().orElse(0);
                    tally.outputTokens += call.outputTokens().orElse(0);
                }
            }
        }
    }

    /** Takes what another has gathered. */
    public void add(AgentCalls other) {
        other.byModel.forEach((model, agents) ->
                agents.forEach((agent, tally) -> tally(model, agent).add(tally)));
    }

    private Tally tally(String model, String agent) {
        Map<String, Tally> agents = byModel.computeIfAbsent(model, unknown -> new HashMap<>());
        Tally known = agents.get(agent);
        if (known != null) {
            return known;
        }
        boolean room = agents.size() < MOST_AGENTS;
        return agents.computeIfAbsent(room ? agent : "", unknown -> new Tally());
    }

    /** By agent, an empty name for calls outside any. */
    Map<String, Lengths> of(String model) {
        Map<String, Lengths> lengths = new HashMap<>();
        byModel.getOrDefault(model, Map.of()).forEach((agent, tally) -> lengths.put(agent, tally.lengths()));
        return lengths;
    }

    /** Calls by model. */
    public Map<String, Long> calls() {
        Map<String, Long> calls = new TreeMap<>();
        byModel.forEach((model, agents) -> calls.put(
                model, agents.values().stream().mapToLong(tally -> tally.calls).sum()));
        return calls;
    }
}
