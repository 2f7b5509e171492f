package dev.scepsy.langchain4j.listen;

import dev.scepsy.langchain4j.Workflow;
import dev.scepsy.langchain4j.context.Execution;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Starts and ends the spans of every listener, all in one place: names, kinds, execution, errors. Tracing never disturbs
 * the application: whatever goes wrong in here is counted, its first occurrence logged, and the callback returns.
 *
 * <p>Thread-safe.
 */
public final class Spans {

    private static final System.Logger LOG = System.getLogger("dev.scepsy.langchain4j");

    private final Tracer tracer;
    private final AtomicLong failures = new AtomicLong();

    public Spans(Tracer tracer) {
        this.tracer = tracer;
    }

    /** With the agent in the JVM every call is already seen, and listeners stay silent. */
    public static boolean agentIsActive() {
        return Boolean.getBoolean("scepsy.agent.active");
    }

    /** Starts a span for a call to a model, under {@code parent}. */
    Span startModelCall(String operation, String model, String provider, Context parent) {
        return builder(operation, model, SpanKind.CLIENT, parent)
                .setAttribute(GenAi.REQUEST_MODEL, model)
                .setAttribute(GenAi.PROVIDER, provider)
                .startSpan();
    }

    /** Starts an agent's span; without any workflow around it, the agent plays the workflow's part. */
    Context startAgent(String agent, Context parent) {
        Span span = builder("invoke_agent", agent, SpanKind.INTERNAL, parent)
                .setAttribute(GenAi.AGENT, agent)
                .startSpan();
        return Execution.of(parent).isPresent() ? parent.with(span) : asExecution(agent, span, parent);
    }

    /** Starts a workflow's span; {@code facts} is its annotation, if it has one. */
    public Context startWorkflow(String workflow, @Nullable Workflow facts, Context parent) {
        SpanBuilder builder =
                builder("invoke_workflow", workflow, SpanKind.INTERNAL, parent).setAttribute(GenAi.WORKFLOW, workflow);
        if (facts != null) {
            if (!Double.isNaN(facts.targetPerSecond())) {
                builder.setAttribute(GenAi.TARGET, facts.targetPerSecond());
            }
            if (facts.weight() != 1) {
                builder.setAttribute(GenAi.WEIGHT, facts.weight());
            }
        }
        Span span = builder.startSpan();
        return Execution.of(parent).isPresent() ? parent.with(span) : asExecution(workflow, span, parent);
    }

    private static Context asExecution(String workflow, Span span, Context parent) {
        String id = span.getSpanContext().getSpanId();
        span.setAttribute(GenAi.WORKFLOW, workflow);
        span.setAttribute(GenAi.EXECUTION, id);
        return new Execution(workflow, id).in(parent.with(span));
    }

    Span startTool(@Nullable String tool, @Nullable String callId, Context parent) {
        String name = tool == null || tool.isBlank() ? "" : tool;
        SpanBuilder builder = builder("execute_tool", name, SpanKind.INTERNAL, parent);
        if (!name.isEmpty()) {
            builder.setAttribute(GenAi.TOOL, name);
        }
        if (callId != null) {
            builder.setAttribute(GenAi.TOOL_CALL_ID, callId);
        }
        return builder.startSpan();
    }

    Span startRetrieval(String source, Context parent) {
        return builder("retrieval", source, SpanKind.CLIENT, parent)
                .setAttribute(GenAi.DATA_SOURCE, source)
                .startSpan();
    }

    private SpanBuilder builder(String operation, String subject, SpanKind kind, Context parent) {
        SpanBuilder builder = tracer.spanBuilder(subject.isEmpty() ? operation : operation + " " + subject)
                .setSpanKind(kind)
                .setParent(parent)
                .setAttribute(GenAi.OPERATION, operation);
        Optional<Execution> execution = Execution.of(parent);
        if (execution.isPresent()) {
            builder.setAttribute(GenAi.WORKFLOW, execution.get().workflow())
                    .setAttribute(GenAi.EXECUTION, execution.get().id());
        }
        return builder;
    }

    /** Ends a span, as failed when there is an error. */
    public void end(Span span, @Nullable Throwable error) {
        if (error != null) {
            span.setStatus(StatusCode.ERROR)
                    .setAttribute(
                            GenAi.ERROR_TYPE, Failure.reasonOf(error).getClass().getName());
            int status = Failure.statusOf(error);
            if (status > 0) {
                span.setAttribute(GenAi.HTTP_STATUS, (long) status);
            }
        }
        span.end();
    }

    /** Runs a callback's work unless the agent is active; never throws. */
    void quietly(Runnable work) {
        quietly(() -> {
            work.run();
            return null;
        });
    }

    /** As {@link #quietly(Runnable)}; null when the agent is active or the work failed. */
    @SuppressWarnings("CatchAndPrintStackTrace")
    <T> @Nullable T quietly(Supplier<@Nullable T> work) {
        if (agentIsActive()) {
            return null;
        }
        try {
            return work.get();
        } catch (RuntimeException | LinkageError e) {
            if (failures.getAndIncrement() == 0) {
                LOG.log(System.Logger.Level.WARNING, "Tracing failed; the application goes on. Said once.", e);
            }
            return null;
        }
    }
}
