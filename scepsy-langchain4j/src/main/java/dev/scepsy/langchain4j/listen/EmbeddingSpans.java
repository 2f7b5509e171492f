package dev.scepsy.langchain4j.listen;

import dev.langchain4j.model.embedding.listener.EmbeddingModelErrorContext;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.listener.EmbeddingModelRequestContext;
import dev.langchain4j.model.embedding.listener.EmbeddingModelResponseContext;
import dev.scepsy.langchain4j.context.Running;
import io.opentelemetry.api.trace.Span;

/** An {@code embeddings} span per call. */
public final class EmbeddingSpans implements EmbeddingModelListener {

    private static final Object SPAN = new Object();

    private final Spans spans;

    public EmbeddingSpans(Spans spans) {
        this.spans = spans;
    }

    @Override
    public void onRequest(EmbeddingModelRequestContext call) {
        spans.quietly(() -> {
            String model = call.embeddingModel().modelName();
            String provider = Providers.nameOf(call.embeddingModel().provider(), call.embeddingModel());
            call.attributes().put(SPAN, spans.startModelCall("embeddings", model, provider, Running.parentHere()));
        });
    }

    @Override
    public void onResponse(EmbeddingModelResponseContext call) {
        spans.quietly(() -> {
            if (call.attributes().remove(SPAN) instanceof Span span) {
                Tokens.describe(span, call.response().tokenUsage());
                spans.end(span, null);
            }
        });
    }

    @Override
    public void onError(EmbeddingModelErrorContext call) {
        spans.quietly(() -> {
            if (call.attributes().remove(SPAN) instanceof Span span) {
                spans.end(span, call.error());
            }
        });
    }
}
