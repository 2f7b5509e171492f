package dev.scepsy.planner.recorded;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.LeafCall;
import dev.scepsy.planner.share.AgentCalls;
import dev.scepsy.planner.span.Operation;
import dev.scepsy.planner.span.Span;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is remarkable about the complete executions of one workflow. Not thread-safe. */
public final class WorkflowNotes {

    private static final int MOST_GROUPS = 64;

    private long executions;
    private long withoutCalls;
    private long singleCalls;
    private final Map<Set<String>, Long> firstAgents = new HashMap<>();
    private final Map<String, Long> callsWithoutTokens = new TreeMap<>();
    private final AgentCalls agentCalls = new AgentCalls();

    void take(Execution.Complete execution, Span root, List<Span> spans) {
        executions++;
        long modelCalls = 0;
        for (LeafCall call : execution.calls()) {
            if (call.model() != null) {
                modelCalls++;
                if (call.inputTokens().isEmpty()) {
                    callsWithoutTokens.merge(call.model(), 1L, Long::sum);
                }
            }
        }
        agentCalls.add(execution);
        withoutCalls += modelCalls == 0 ? 1 : 0;
        singleCalls += modelCalls == 1 && execution.calls().size() == 1 && isClientWork(root) ? 1 : 0;
        Set<String> agents = agentsBelow(root, spans);
        if (!agents.isEmpty() && (firstAgents.size() < MOST_GROUPS || firstAgents.containsKey(agents))) {
            firstAgents.merge(agents, 1L, Long::sum);
        }
    }

    /** Whether a root is the call itself, or a span that its client puts around it: nothing of the application's. */
    private static boolean isClientWork(Span root) {
        return switch (root.genAi().operation()) {
            case MODEL, ENCODER, OTHER -> true;
            default -> root.isModelCall();
        };
    }

    /** The agents right below the root: those with no other agent between. */
    private static Set<String> agentsBelow(Span root, List<Span> spans) {
        boolean any = false;
        for (Span span : spans) {
            any |= span.spanId() != root.spanId() && span.genAi().operation() == Operation.AGENT;
        }
        Set<String> agents = new TreeSet<>();
        if (!any) {
            return agents;
        }
        Map<Long, Span> byId = new HashMap<>(2 * spans.size());
        for (Span span : spans) {
            byId.put(span.spanId(), span);
        }
        Set<Long> looked = new HashSet<>();
        for (Span span : spans) {
            if (span.spanId() == root.spanId()
                    || span.genAi().operation() != Operation.AGENT
                    || !looked.add(span.spanId())) {
                continue;
            }
            Span at = byId.get(span.parentSpanId());
            int steps = 0;
            while (at != null
                    && at.spanId() != root.spanId()
                    && at.genAi().operation() != Operation.AGENT
                    && steps++ < byId.size()) {
                at = byId.get(at.parentSpanId());
            }
            if (at != null && at.spanId() == root.spanId()) {
                String name = span.genAi().agent();
                agents.add(name == null ? span.name() : name);
            }
        }
        return agents;
    }

    void add(WorkflowNotes other) {
        executions += other.executions;
        withoutCalls += other.withoutCalls;
        singleCalls += other.singleCalls;
        other.firstAgents.forEach((agents, count) -> firstAgents.merge(agents, count, Long::sum));
        agentCalls.add(other.agentCalls);
        other.callsWithoutTokens.forEach((model, count) -> callsWithoutTokens.merge(model, count, Long::sum));
    }

    /** Complete executions. */
    public long executions() {
        return executions;
    }

    /** Those of them without any model call. */
    public long withoutCalls() {
        return withoutCalls;
    }

    /** Those of them that are one model call and nothing else, with no span of the application above. */
    public long singleCalls() {
        return singleCalls;
    }

    /**
     * Two sets of agents, each below the roots of some executions, with no agent in common; empty where all executions share
     * agents, as those of one workflow mostly do.
     */
    public List<Set<String>> strangers() {
        List<Set<String>> sets = firstAgents.keySet().stream()
                .sorted((left, right) -> String.join("\n", left).compareTo(String.join("\n", right)))
                .toList();
        for (int i = 0; i < sets.size(); i++) {
            for (int j = i + 1; j < sets.size(); j++) {
                if (java.util.Collections.disjoint(sets.get(i), sets.get(j))) {
                    return List.of(sets.get(i), sets.get(j));
                }
            }
        }
        return List.of();
    }

    /** By model, calls that do not say the length of their prompt; models of which all calls say it are absent. */
    public Map<String, Long> callsWithoutTokens() {
        return callsWithoutTokens;
    }

    /** Which agents call which models. */
    public AgentCalls agentCalls() {
        return agentCalls;
    }

    /** Calls by model. */
    public Map<String, Long> calls() {
        return agentCalls.calls();
    }
}
