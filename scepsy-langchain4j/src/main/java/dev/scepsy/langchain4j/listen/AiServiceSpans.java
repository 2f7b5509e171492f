package dev.scepsy.langchain4j.listen;

import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.observability.api.event.AiServiceCompletedEvent;
import dev.langchain4j.observability.api.event.AiServiceErrorEvent;
import dev.langchain4j.observability.api.event.AiServiceStartedEvent;
import dev.langchain4j.observability.api.listener.AiServiceCompletedListener;
import dev.langchain4j.observability.api.listener.AiServiceErrorListener;
import dev.langchain4j.observability.api.listener.AiServiceListener;
import dev.langchain4j.observability.api.listener.AiServiceStartedListener;
import dev.scepsy.langchain4j.context.Running;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * An {@code invoke_agent} span per call of an AI service, matched by invocation id. An AI service that is a leaf agent
 * of {@code langchain4j-agentic} has its span from {@link AgentSpans} already and gets no second one.
 */
public final class AiServiceSpans {

    private final Spans spans;
    private final Map<UUID, Running> running = new ConcurrentHashMap<>();

    public AiServiceSpans(Spans spans) {
        this.spans = spans;
    }

    /** For {@code AiServices.registerListeners}. */
    public List<AiServiceListener<?>> listeners() {
        AiServiceStartedListener started = this::started;
        AiServiceCompletedListener completed = this::completed;
        AiServiceErrorListener failed = this::failed;
        return List.of(started, completed, failed);
    }

    private void started(AiServiceStartedEvent event) {
        spans.quietly(() -> {
            InvocationContext call = event.invocationContext();
            Running newest = Running.newestAroundService();
            if (newest != null && newest.work().equals(call.interfaceName())) {
                return;
            }
            Context context = spans.startAgent(simpleName(call.interfaceName()), Running.parentAroundService());
            running.put(call.invocationId(), Running.begin(context, call.interfaceName()));
        });
    }

    private static String simpleName(String className) {
        return className.replaceFirst("^.*[.$]\\d*", "");
    }

    private void completed(AiServiceCompletedEvent event) {
        spans.quietly(() -> end(event.invocationContext(), null));
    }

    private void failed(AiServiceErrorEvent event) {
        spans.quietly(() -> end(event.invocationContext(), event.error()));
    }

    private void end(InvocationContext call, @Nullable Throwable error) {
        Running ended = running.remove(call.invocationId());
        if (ended != null) {
            ended.end();
            spans.end(Span.fromContext(ended.context()), error);
        }
    }
}
