package dev.scepsy.spring.assistant;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.scoring.ScoringModel;
import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** The application. */
@SpringBootApplication
public class Application {

    @Bean
    ChatModel chatModel(@Value("${models.url}") String url, List<ChatModelListener> listeners) {
        return OpenAiChatModel.builder()
                .baseUrl(url)
                .apiKey("none")
                .modelName("critic")
                .listeners(listeners)
                .maxRetries(0)
                .build();
    }

    @Bean
    TinyEmbedder embedder() {
        return new TinyEmbedder();
    }

    @Bean
    ScoringModel reranker() {
        return new LengthReranker();
    }

    /** A model of the application's own, and not an interface: others may ask for it by its class. */
    public static class TinyEmbedder implements EmbeddingModel {

        @Override
        public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
            return Response.from(segments.stream()
                    .map(segment -> Embedding.from(new float[] {segment.text().length()}))
                    .toList());
        }

        @Override
        public String modelName() {
            return "tiny";
        }
    }

    static class LengthReranker implements ScoringModel {

        @Override
        public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
            return Response.from(segments.stream()
                    .map(segment -> 1.0 / segment.text().length())
                    .toList());
        }
    }
}
