package dev.scepsy.langchain4j.listen;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.scepsy.langchain4j.context.Running;
import io.opentelemetry.api.trace.Span;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A {@code rerank} span per call. LangChain4j has no listener for rerankers, so the model is wrapped. */
public final class RerankSpans implements ScoringModel {

    private final Spans spans;
    private final ScoringModel reranker;
    private final String model;

    public RerankSpans(Spans spans, ScoringModel reranker, String model) {
        this.spans = spans;
        this.reranker = reranker;
        this.model = model;
    }

    @Override
    public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
        Span span = spans.quietly(
                () -> spans.startModelCall("rerank", model, Providers.nameOf(null, reranker), Running.parentHere()));
        try {
            Response<List<Double>> response = reranker.scoreAll(segments, query);
            end(span, response, null);
            return response;
        } catch (RuntimeException | Error e) {
            end(span, null, e);
            throw e;
        }
    }

    private void end(@Nullable Span span, @Nullable Response<List<Double>> response, @Nullable Throwable error) {
        if (span == null) {
            return;
        }
        spans.quietly(() -> {
            Tokens.describe(span, response == null ? null : response.tokenUsage());
            spans.end(span, error);
        });
    }
}
