package dev.scepsy.spring.assistant;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.scepsy.langchain4j.Workflow;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.springframework.stereotype.Service;

/** A service of the application: two answers, one embedding, one reranking. */
@Service
public class Research {

    private final Assistant assistant;
    private final EmbeddingModel embedder;
    private final ScoringModel reranker;

    Research(Assistant assistant, EmbeddingModel embedder, ScoringModel reranker) {
        this.assistant = assistant;
        this.embedder = embedder;
        this.reranker = reranker;
    }

    @Workflow(name = "research", targetPerSecond = 0.5)
    public String research(String question) {
        embedder.embed(question);
        String first = assistant.answer(question);
        reranker.scoreAll(List.of(TextSegment.from(first)), question);
        return assistant.answer(first);
    }

    @Workflow
    public CompletableFuture<String> later(CompletableFuture<String> answer) {
        return answer;
    }

    @Workflow
    public String failing() throws IOException {
        throw new IOException("no answer");
    }

    public String unnamed(String question) {
        return assistant.answer(question);
    }
}
