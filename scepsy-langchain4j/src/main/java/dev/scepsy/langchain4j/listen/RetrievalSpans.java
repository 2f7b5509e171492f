package dev.scepsy.langchain4j.listen;

import dev.langchain4j.rag.content.retriever.listener.ContentRetrieverErrorContext;
import dev.langchain4j.rag.content.retriever.listener.ContentRetrieverListener;
import dev.langchain4j.rag.content.retriever.listener.ContentRetrieverRequestContext;
import dev.langchain4j.rag.content.retriever.listener.ContentRetrieverResponseContext;
import dev.scepsy.langchain4j.context.Running;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A {@code retrieval} span per search; the embedding it asks for becomes its child. */
public final class RetrievalSpans implements ContentRetrieverListener {

    private static final Object RUNNING = new Object();

    private final Spans spans;

    public RetrievalSpans(Spans spans) {
        this.spans = spans;
    }

    @Override
    public void onRequest(ContentRetrieverRequestContext call) {
        spans.quietly(() -> {
            Context parent = Running.parentHere();
            String source = call.contentRetriever().getClass().getSimpleName();
            Span span = spans.startRetrieval(source, parent);
            call.attributes().put(RUNNING, Running.begin(parent.with(span), this));
        });
    }

    @Override
    public void onResponse(ContentRetrieverResponseContext call) {
        spans.quietly(() -> end(call.attributes(), null));
    }

    @Override
    public void onError(ContentRetrieverErrorContext call) {
        spans.quietly(() -> end(call.attributes(), call.error()));
    }

    private void end(Map<Object, Object> attributes, @Nullable Throwable error) {
        if (attributes.remove(RUNNING) instanceof Running running) {
            running.end();
            spans.end(Span.fromContext(running.context()), error);
        }
    }
}
