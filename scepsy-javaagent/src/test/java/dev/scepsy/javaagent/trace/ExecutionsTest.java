package dev.scepsy.javaagent.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.setting.Settings;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExecutionsTest {

    private final Map<String, Integer> counted = new TreeMap<>();
    private final Executions executions = new Executions();
    private final Tracer tracer = new Tracer(
            Sampling.of(Settings.of(Map.of("otel.traces.sampler", "always_off")::get, name -> null)), ended -> {
                executions.count(
                        ended, (workflow, outcome) -> counted.merge(workflow + " " + outcome, 1, Integer::sum));
            });

    @Test
    void onlyTheRootOfAnExecutionCountsSampledOrNot() {
        Operation workflow = begin(OperationKind.WORKFLOW, "report");
        Object outside = tracer.makeCurrent(workflow);
        Operation inner = begin(OperationKind.WORKFLOW, "investigation");
        Object within = tracer.makeCurrent(inner);
        begin(OperationKind.AGENT, "critic").end(null);
        begin(OperationKind.CHAT, "m").end(null);
        tracer.restore(within);
        inner.end(null);
        assertThat(counted).isEmpty();
        tracer.restore(outside);
        workflow.end(null);

        assertThat(workflow.sampled()).isFalse();
        assertThat(counted).containsExactly(Map.entry("report complete", 1));
    }

    @Test
    void anAgentWithoutAWorkflowIsOneAndACallAloneIsNone() {
        begin(OperationKind.AGENT, "assistant").end(null);
        begin(OperationKind.CHAT, "m").end(null);

        assertThat(counted).containsExactly(Map.entry("assistant complete", 1));
    }

    @Test
    void theOutcomeSaysHowItEnded() {
        begin(OperationKind.WORKFLOW, "w").end(new IllegalStateException("no"));
        StreamState.CANCELLED.end(begin(OperationKind.WORKFLOW, "w"));
        StreamState.OPEN_AT_EXIT.end(begin(OperationKind.WORKFLOW, "w"));
        begin(OperationKind.WORKFLOW, "w").end(null);

        assertThat(counted).containsOnlyKeys("w cancelled", "w complete", "w failed", "w openAtExit");
    }

    @Test
    void namesThatComeTooLateShareOne() {
        for (int i = 0; i < Executions.MOST_WORKFLOWS + 3; i++) {
            begin(OperationKind.WORKFLOW, "w" + i).end(null);
        }
        begin(OperationKind.WORKFLOW, "w0").end(null);

        assertThat(counted)
                .hasSize(Executions.MOST_WORKFLOWS + 1)
                .containsEntry("w0 complete", 2)
                .containsEntry("other complete", 3);
    }

    private Operation begin(OperationKind kind, String name) {
        Operation operation = tracer.begin(kind, kind.operationName() + " " + name, name);
        @Nullable
        String key = kind == OperationKind.WORKFLOW
                ? GenAi.WORKFLOW_NAME
                : kind == OperationKind.AGENT ? GenAi.AGENT_NAME : null;
        if (key != null) {
            operation.put(key, name);
        }
        return operation;
    }
}
