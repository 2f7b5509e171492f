package dev.scepsy.langchain4j.listen;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agentic.observability.AfterAgentToolExecution;
import dev.langchain4j.agentic.observability.AgentInvocationError;
import dev.langchain4j.agentic.observability.AgentListener;
import dev.langchain4j.agentic.observability.AgentRequest;
import dev.langchain4j.agentic.observability.AgentResponse;
import dev.langchain4j.agentic.observability.BeforeAgentToolExecution;
import dev.langchain4j.agentic.planner.AgentInstance;
import dev.langchain4j.agentic.planner.AgenticSystemTopology;
import dev.langchain4j.agentic.scope.AgenticScope;
import dev.langchain4j.service.tool.BeforeToolExecution;
import dev.langchain4j.service.tool.ToolExecution;
import dev.scepsy.langchain4j.context.Running;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Spans of {@code langchain4j-agentic}: workflows, agents and their tools. Register it on the outermost builder; its
 * sub-agents inherit it. The callbacks carry no run id, so a run is known by its scope, and within it an agent by its
 * id: sub-agents find their workflow there, whichever thread they run on.
 */
public final class AgentSpans implements AgentListener {

    private static final Set<AgenticSystemTopology> WORKFLOWS = EnumSet.of(
            AgenticSystemTopology.SEQUENCE,
            AgenticSystemTopology.PARALLEL,
            AgenticSystemTopology.LOOP,
            AgenticSystemTopology.ROUTER,
            AgenticSystemTopology.STAR);
    private static final String RUNNING = "scepsy.running";

    private final Spans spans;

    public AgentSpans(Spans spans) {
        this.spans = spans;
    }

    @Override
    public boolean inheritedBySubagents() {
        return true;
    }

    @Override
    public void beforeAgentInvocation(AgentRequest request) {
        spans.quietly(() -> {
            AgentInstance agent = request.agent();
            Map<String, Running> running = running(request.agenticScope());
            Context parent = parent(agent, running);
            String name = AgentNames.of(agent);
            Context context = WORKFLOWS.contains(agent.topology())
                    ? spans.startWorkflow(name, null, parent)
                    : spans.startAgent(name, parent);
            running.put(agent.agentId(), Running.begin(context, workOf(agent)));
        });
    }

    @Override
    public void afterAgentInvocation(AgentResponse response) {
        spans.quietly(() -> end(response.agenticScope(), response.agent(), null));
    }

    @Override
    public void onAgentInvocationError(AgentInvocationError error) {
        spans.quietly(() -> end(error.agenticScope(), error.agent(), error.error()));
    }

    @Override
    public void beforeAgentToolExecution(BeforeAgentToolExecution before) {
        spans.quietly(() -> {
            BeforeToolExecution tool = before.toolExecution();
            Context parent = Running.parentHere();
            ToolExecutionRequest request = tool.request();
            String id = request == null ? null : request.id();
            Span span = spans.startTool(request == null ? null : request.name(), id, parent);
            running(before.agenticScope())
                    .put(toolKey(before.agentInstance(), id), Running.begin(parent.with(span), tool));
        });
    }

    @Override
    public void afterAgentToolExecution(AfterAgentToolExecution after) {
        spans.quietly(() -> {
            ToolExecution tool = after.toolExecution();
            Running ended = running(after.agenticScope())
                    .remove(toolKey(
                            after.agentInstance(),
                            tool.request() == null ? null : tool.request().id()));
            if (ended != null) {
                ended.end();
                Span span = Span.fromContext(ended.context());
                if (tool.hasFailed()) {
                    span.setStatus(StatusCode.ERROR).setAttribute(GenAi.ERROR_TYPE, "tool_error");
                }
                span.end();
            }
        });
    }

    /** Its workflow when that runs in the same scope, whatever the thread; else what runs on this thread. */
    private static Context parent(AgentInstance agent, Map<String, Running> running) {
        Running newest = Running.newestHere();
        AgentInstance workflow = agent.parent();
        Running ofWorkflow = workflow == null ? null : running.get(workflow.agentId());
        boolean alreadyInside = newest != null && running.containsValue(newest);
        return ofWorkflow == null || alreadyInside ? Running.parentHere() : ofWorkflow.context();
    }

    private void end(AgenticScope scope, AgentInstance agent, @Nullable Throwable error) {
        Running ended = running(scope).remove(agent.agentId());
        if (ended != null) {
            ended.end();
            spans.end(Span.fromContext(ended.context()), error);
        }
    }

    /** One map per run, kept by the run's own scope. */
    @SuppressWarnings("unchecked")
    private static Map<String, Running> running(AgenticScope scope) {
        Map<String, Running> running = (Map<String, Running>) scope.executionContext(RUNNING);
        if (running != null) {
            return running;
        }
        synchronized (scope) {
            running = (Map<String, Running>) scope.executionContext(RUNNING);
            if (running == null) {
                running = new ConcurrentHashMap<>();
                scope.writeExecutionContext(RUNNING, running);
            }
            return running;
        }
    }

    private static Object workOf(AgentInstance agent) {
        return agent.type() == null ? agent.agentId() : agent.type().getName();
    }

    private static String toolKey(AgentInstance agent, @Nullable String callId) {
        return "tool " + agent.agentId() + " " + callId;
    }
}
