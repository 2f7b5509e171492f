package dev.scepsy.samples.assistant;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.langchain4j.rag.DefaultRetrievalAugmentor;
import dev.langchain4j.rag.RetrievalAugmentor;
import dev.langchain4j.rag.content.aggregator.ReRankingContentAggregator;
import dev.langchain4j.rag.content.retriever.EmbeddingStoreContentRetriever;
import dev.langchain4j.store.embedding.inmemory.InMemoryEmbeddingStore;
import java.util.List;
import java.util.Locale;

/** The notes the assistant reads: embedded once, then searched, reranked, and counted by its one tool. */
public final class Library {

    private static final int CANDIDATES = 8;
    private static final int KEPT = 3;

    private final List<TextSegment> passages;
    private final InMemoryEmbeddingStore<TextSegment> store = new InMemoryEmbeddingStore<>();

    private Library(List<TextSegment> passages) {
        this.passages = passages;
    }

    /** Embeds every passage, in one request. */
    static Library embeddedBy(EmbeddingModel embedder) {
        Library library =
                new Library(Passages.all().stream().map(TextSegment::from).toList());
        List<Embedding> embeddings = embedder.embedAll(library.passages).content();
        library.store.addAll(embeddings, library.passages);
        return library;
    }

    /** Retrieval step: nearest passages by embedding, the best of them by the reranker. */
    RetrievalAugmentor retrieval(EmbeddingModel embedder, ScoringModel reranker) {
        return DefaultRetrievalAugmentor.builder()
                .contentRetriever(EmbeddingStoreContentRetriever.builder()
                        .displayName("library")
                        .embeddingStore(store)
                        .embeddingModel(embedder)
                        .maxResults(CANDIDATES)
                        .build())
                .contentAggregator(ReRankingContentAggregator.builder()
                        .scoringModel(reranker)
                        .maxResults(KEPT)
                        .build())
                .build();
    }

    @Tool("Counts the passages of the library that mention a term")
    public int countPassages(@P("the term, one or two words") String term) {
        String wanted = term.toLowerCase(Locale.ROOT);
        return (int) passages.stream()
                .filter(passage -> passage.text().toLowerCase(Locale.ROOT).contains(wanted))
                .count();
    }
}
