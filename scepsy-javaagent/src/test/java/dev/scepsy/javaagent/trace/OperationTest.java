package dev.scepsy.javaagent.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.setting.Settings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class OperationTest {

    private final List<Operation> finished = new ArrayList<>();
    private final Tracer tracer = new Tracer(Sampling.of(Settings.ofThisJvm()), finished::add);

    @Test
    void anOperationHasItsParentsTraceAndEndsOnce() {
        Operation workflow = tracer.begin(OperationKind.WORKFLOW, "invoke_workflow w", "w");
        workflow.put(GenAi.WORKFLOW_NAME, "w");
        Object before = tracer.makeCurrent(workflow);
        Operation call = tracer.begin(OperationKind.CHAT, "chat m", "m");
        tracer.restore(before);
        call.end(null);
        call.end(new IllegalStateException("too late"));
        workflow.end(null);

        assertThat(finished).containsExactly(call, workflow);
        assertThat(call.parent()).isSameAs(workflow);
        assertThat(call.traceId()).isEqualTo(workflow.traceId());
        assertThat(call.errorType()).isNull();
        assertThat(attributes(call))
                .containsEntry(GenAi.WORKFLOW_NAME, "w")
                .containsEntry(GenAi.EXECUTION_ID, workflow.spanId());
        assertThat(tracer.current()).isNull();
    }

    @Test
    void whatAModelCallsStandsBesideItAndBothCount() {
        Operation agent = tracer.begin(OperationKind.AGENT, "invoke_agent a", "a");
        Object outside = tracer.makeCurrent(agent);
        Operation judged = tracer.begin(OperationKind.CHAT, "chat outer", "outer");
        Object before = tracer.makeCurrent(judged);
        Operation moderation = tracer.begin(OperationKind.MODERATION, "moderation m", "m");
        moderation.end(null);
        Operation judge = tracer.begin(OperationKind.CHAT, "chat inner", "inner");
        judge.end(null);
        tracer.restore(before);
        judged.end(null);
        tracer.restore(outside);
        agent.end(null);

        assertThat(finished).containsExactly(moderation, judge, judged, agent);
        assertThat(finished.subList(0, 3)).extracting(Operation::parent).containsOnly(agent);
    }

    @Test
    void aWrapperStepsAsideUnlessAnAgentHangsBelowIt() {
        Operation wrapper = tracer.begin(OperationKind.CHAT, "chat wrapper", "wrapper");
        wrapper.stepAside();
        wrapper.end(null);
        Operation facade = tracer.begin(OperationKind.CHAT, "chat facade", "facade");
        Object before = tracer.makeCurrent(facade);
        Operation agent = tracer.begin(OperationKind.AGENT, "invoke_agent a", "a");
        agent.end(null);
        tracer.restore(before);
        facade.stepAside();
        facade.end(null);

        assertThat(finished).containsExactly(agent, facade);
        assertThat(agent.parent()).isSameAs(facade);
    }

    @Test
    void withoutAWorkflowTheOutermostAgentPlaysItsPart() {
        Operation outer = tracer.begin(OperationKind.AGENT, "invoke_agent outer", "outer");
        outer.put(GenAi.AGENT_NAME, "outer");
        Object before = tracer.makeCurrent(outer);
        Operation inner = tracer.begin(OperationKind.AGENT, "invoke_agent inner", "inner");
        tracer.restore(before);

        assertThat(attributes(inner))
                .containsEntry(GenAi.WORKFLOW_NAME, "outer")
                .containsEntry(GenAi.EXECUTION_ID, outer.spanId());
        assertThat(attributes(outer)).doesNotContainKey(GenAi.WORKFLOW_NAME);
    }

    @Test
    void aStageEndsTheOperationWhenItCompletesAndTheReasonIsUnwrapped() {
        Operation operation = tracer.begin(OperationKind.WORKFLOW, "invoke_workflow w", "w");
        CompletableFuture<String> result = new CompletableFuture<>();
        tracer.endings().end(operation, result, null, "");
        assertThat(finished).isEmpty();

        result.completeExceptionally(new CompletionException(new IllegalStateException("no")));
        assertThat(finished).containsExactly(operation);
        assertThat(operation.errorType()).isEqualTo(IllegalStateException.class.getName());
    }

    @Test
    void aStreamsOwnerEndsWithItsLastStream() {
        Operation agent = tracer.begin(OperationKind.AGENT, "invoke_agent a", "a");
        Object stream = new Object();
        tracer.endings().belongs(stream, agent);
        tracer.endings().end(agent, stream, null, "");
        agent.streamBegins();
        agent.streamBegins();
        agent.streamEnds(null);
        assertThat(finished).isEmpty();

        agent.streamEnds(null);
        assertThat(finished).containsExactly(agent);
        assertThat(tracer.endings().ownerOf(stream)).isSameAs(agent);
    }

    @Test
    @SuppressWarnings("unchecked")
    void capturedWorkRunsUnderTheOperationItWasHandedOverIn() {
        Supplier<Operation> work = tracer::current;
        assertThat(tracer.capture(work, Supplier.class.descriptorString())).isSameAs(work);

        Operation operation = tracer.begin(OperationKind.AGENT, "invoke_agent a", "a");
        Object before = tracer.makeCurrent(operation);
        Supplier<Operation> captured = (Supplier<Operation>) tracer.capture(work, Supplier.class.descriptorString());
        tracer.restore(before);

        assertThat(work.get()).isNull();
        assertThat(captured.get()).isSameAs(operation);
        assertThat(work.get()).isNull();
    }

    private static Map<String, Object> attributes(Operation operation) {
        Map<String, Object> attributes = new HashMap<>();
        SpanAttributes.forEach(operation, attributes::put);
        return attributes;
    }
}
