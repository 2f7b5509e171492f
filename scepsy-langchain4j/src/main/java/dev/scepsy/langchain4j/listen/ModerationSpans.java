package dev.scepsy.langchain4j.listen;

import dev.langchain4j.model.moderation.listener.ModerationModelErrorContext;
import dev.langchain4j.model.moderation.listener.ModerationModelListener;
import dev.langchain4j.model.moderation.listener.ModerationModelRequestContext;
import dev.langchain4j.model.moderation.listener.ModerationModelResponseContext;
import dev.scepsy.langchain4j.context.Running;
import io.opentelemetry.api.trace.Span;
import java.util.Objects;

/** A span for each call of a moderation model. Thread-safe. */
public final class ModerationSpans implements ModerationModelListener {

    private static final Object SPAN = new Object();

    private final Spans spans;

    public ModerationSpans(Spans spans) {
        this.spans = spans;
    }

    @Override
    public void onRequest(ModerationModelRequestContext call) {
        spans.quietly(() -> {
            String model = Objects.requireNonNullElse(call.moderationRequest().modelName(), "unknown");
            Span span = spans.startModelCall(
                    "moderation", model, Providers.nameOf(call.modelProvider()), Running.parentHere());
            call.attributes().put(SPAN, span);
        });
    }

    @Override
    public void onResponse(ModerationModelResponseContext call) {
        spans.quietly(() -> {
            if (call.attributes().remove(SPAN) instanceof Span span) {
                spans.end(span, null);
            }
        });
    }

    @Override
    public void onError(ModerationModelErrorContext call) {
        spans.quietly(() -> {
            if (call.attributes().remove(SPAN) instanceof Span span) {
                spans.end(span, call.error());
            }
        });
    }
}
