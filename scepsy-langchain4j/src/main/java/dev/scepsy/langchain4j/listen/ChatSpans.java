package dev.scepsy.langchain4j.listen;

import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import dev.scepsy.langchain4j.context.Running;
import io.opentelemetry.api.trace.Span;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A {@code chat} span per call. The span waits in the call's own attributes, never in a scope: threads may differ. */
public final class ChatSpans implements ChatModelListener {

    private static final Object SPAN = new Object();

    private final Spans spans;

    public ChatSpans(Spans spans) {
        this.spans = spans;
    }

    @Override
    public void onRequest(ChatModelRequestContext call) {
        spans.quietly(() -> {
            String model =
                    Objects.requireNonNullElse(call.chatRequest().parameters().modelName(), "unknown");
            call.attributes()
                    .put(
                            SPAN,
                            spans.startModelCall(
                                    "chat", model, Providers.nameOf(call.modelProvider()), Running.parentHere()));
        });
    }

    @Override
    public void onResponse(ChatModelResponseContext call) {
        spans.quietly(() -> {
            Span span = taken(call.attributes());
            if (span != null) {
                describe(span, call.chatResponse().metadata());
                spans.end(span, null);
            }
        });
    }

    @Override
    public void onError(ChatModelErrorContext call) {
        spans.quietly(() -> {
            Span span = taken(call.attributes());
            if (span != null) {
                spans.end(span, call.error());
            }
        });
    }

    private static @Nullable Span taken(Map<Object, Object> attributes) {
        return (Span) attributes.remove(SPAN);
    }

    private static void describe(Span span, ChatResponseMetadata metadata) {
        if (metadata.id() != null) {
            span.setAttribute(GenAi.RESPONSE_ID, metadata.id());
        }
        if (metadata.modelName() != null) {
            span.setAttribute(GenAi.RESPONSE_MODEL, metadata.modelName());
        }
        if (metadata.finishReason() != null) {
            span.setAttribute(GenAi.FINISH_REASONS, List.of(finishReason(metadata.finishReason())));
        }
        Tokens.describe(span, metadata.tokenUsage());
    }

    /** As the conventions' schema of output messages has it. */
    private static String finishReason(FinishReason reason) {
        return reason == FinishReason.TOOL_EXECUTION
                ? "tool_call"
                : reason.name().toLowerCase(Locale.ROOT);
    }
}
