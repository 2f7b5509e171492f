package dev.scepsy.javaagent.app;

import dev.langchain4j.agentic.Agent;
import dev.langchain4j.agentic.AgenticServices;
import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.googleai.GoogleAiEmbeddingModel;
import dev.langchain4j.model.googleai.GoogleAiGeminiChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.V;
import dev.scepsy.langchain4j.Workflow;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Three providers that count tokens in three ways; answers, failures, agents and a retrieval. The argument is a server. */
public final class ProvidersApp {

    public interface Clerk {
        String answer(String question);
    }

    public interface Writer {
        @Agent(outputKey = "text", description = "writes")
        @dev.langchain4j.service.UserMessage("about {{topic}}")
        String write(@V("topic") String topic);
    }

    /** What the clerk is asked for. */
    public record Order(String customer, int pieces) {}

    private final String server;

    private ProvidersApp(String server) {
        this.server = server;
    }

    public static void main(String[] arguments) throws Exception {
        ProvidersApp app = new ProvidersApp(arguments[0]);
        System.out.println("cached: " + app.cached());
        System.out.println("gemini: " + app.gemini());
        System.out.println(
                "ordered: " + app.ordered(new Order("J\u00f6rg Ma\u00dflos", 3)).get());
        System.out.println("failing: " + app.failing());
    }

    @Workflow(name = "cached")
    private String cached() throws Exception {
        AnthropicChatModel model = AnthropicChatModel.builder()
                .baseUrl(server + "/v1")
                .apiKey("x")
                .modelName("claude")
                .cacheSystemMessages(true)
                .maxTokens(100)
                .build();
        CompletableFuture<String> streamed = new CompletableFuture<>();
        AnthropicStreamingChatModel.builder()
                .baseUrl(server + "/v1")
                .apiKey("x")
                .modelName("claude")
                .maxTokens(100)
                .build()
                .chat("hi", new StreamingChatResponseHandler() {
                    @Override
                    public void onPartialResponse(String partial) {}

                    @Override
                    public void onCompleteResponse(ChatResponse response) {
                        streamed.complete(response.aiMessage().text());
                    }

                    @Override
                    public void onError(Throwable error) {
                        streamed.completeExceptionally(error);
                    }
                });
        return model.chat("hi") + ", " + streamed.get(20, TimeUnit.SECONDS);
    }

    private String gemini() {
        String text = GoogleAiGeminiChatModel.builder()
                .baseUrl(server)
                .apiKey("x")
                .modelName("gemini")
                .build()
                .chat("hi");
        int dimension = GoogleAiEmbeddingModel.builder()
                .baseUrl(server)
                .apiKey("x")
                .modelName("gemini-embedding")
                .maxRetries(0)
                .build()
                .embed("hi")
                .content()
                .dimension();
        return text + ", " + dimension;
    }

    @Workflow(name = "ordered")
    private CompletableFuture<String> ordered(Order order) {
        ContentRetriever retriever =
                query -> List.of(Content.from("J\u00f6rg Ma\u00dflos ordered tea"), Content.from("other"));
        String answer = AiServices.builder(Clerk.class)
                .chatModel(openAi("gpt"))
                .contentRetriever(retriever)
                .build()
                .answer("What did J\u00f6rg Ma\u00dflos order?");
        return CompletableFuture.completedFuture(answer);
    }

    private String failing() {
        try {
            return String.valueOf(AgenticServices.sequenceBuilder()
                    .name("failing")
                    .subAgents(AgenticServices.agentBuilder(Writer.class)
                            .chatModel(openAi("overloaded"))
                            .build())
                    .build()
                    .invoke(Map.of("topic", "J\u00f6rg Ma\u00dflos")));
        } catch (RuntimeException failure) {
            return failure.getClass().getSimpleName();
        }
    }

    private ChatModel openAi(String name) {
        return OpenAiChatModel.builder()
                .baseUrl(server + "/openai")
                .apiKey("x")
                .modelName(name)
                .maxRetries(0)
                .build();
    }
}
