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

    private final Map<String, Map<String, Lengths>> byModel = new TreeMap<>();

    /**
     * Calls and their summed lengths.
     *
     * @param calls all of them
     * @param told those that say both lengths
     * @param inputTokens summed over those
     * @param outputTokens summed over those
     */
    record Lengths(long calls, long told, long inputTokens, long outputTokens) {
        Lengths plus(Lengths other) {
            return new Lengths(
                    calls + other.calls,
                    told + other.told,
                    inputTokens + other.inputTokens,
                    outputTokens + other.outputTokens);
        }
    }

    /** Takes the calls of one execution. */
    public void add(Execution.Complete execution) {
        for (LeafCall call : execution.calls()) {
            if (call.model() != null) {
                boolean told =
                        call.inputTokens().isPresent() && call.outputTokens().isPresent();
                add(
                        call.model(),
                        call.agent() == null ? "" : call.agent(),
                        new Lengths(
                                1,
                                told ? 1 : 0,
                                told ? call.inputTokens().orElse(0) : 0,
                                told ? call.outputTokens().orElse(0) : 0));
            }
        }
    }

    /** Takes what another has gathered. */
    public void add(AgentCalls other) {
        other.byModel.forEach((model, agents) -> agents.forEach((agent, lengths) -> add(model, agent, lengths)));
    }

    private void add(String model, String agent, Lengths lengths) {
        Map<String, Lengths> agents = byModel.computeIfAbsent(model, unknown -> new HashMap<>());
        boolean room = agents.size() < MOST_AGENTS || agents.containsKey(agent);
        agents.merge(room ? agent : "", lengths, Lengths::plus);
    }

    /** By agent, an empty name for calls outside any. */
    Map<String, Lengths> of(String model) {
        return byModel.getOrDefault(model, Map.of());
    }
}
