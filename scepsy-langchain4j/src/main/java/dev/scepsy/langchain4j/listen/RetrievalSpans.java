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
    private final @Nullable String source;

    /** @param source what is searched; null: the retriever's class, which is LangChain4j's wrapper where it was wrapped to be listened to */
    public RetrievalSpans(Spans spans, @Nullable String source) {
        this.spans = spans;
        this.source = source;
    }

    @Override
    public void onRequest(ContentRetrieverRequestContext call) {
        spans.quietly(() -> {
            Context parent = Running.parentHere();
            Span span = spans.startRetrieval(
                    source == null ? call.contentRetriever().getClass().getSimpleName() : source, parent);
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
