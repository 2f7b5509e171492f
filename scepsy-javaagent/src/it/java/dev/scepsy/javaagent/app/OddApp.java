package dev.scepsy.javaagent.app;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.image.ImageModel;
import dev.langchain4j.model.language.LanguageModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.tool.ToolExecutor;
import dev.scepsy.langchain4j.Workflow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** What nobody should do, twelve times each: null requests, answers, names. Then an ordinary call of everything. */
public final class OddApp {

    public interface Bot {
        String ask(String question);
    }

    /** One tool. */
    public static final class Tools {
        @Tool
        public int add(@P("a") int a) {
            return a + 1;
        }
    }

    /** Fails when somebody asks what it looks like. */
    public record Rude(String name) {
        @Override
        public String toString() {
            throw new IllegalStateException("not now");
        }
    }

    private static final Map<String, Callable<Object>> ROWS = new LinkedHashMap<>();

    private OddApp() {}

    public static void main(String[] arguments) {
        tools();
        chats();
        streams();
        models();
        workflows();
        ROWS.forEach((name, row) -> {
            String outcome = "";
            for (int i = 0; i < 12; i++) { // More than the failures after which a module is switched off.
                outcome = outcomeOf(row);
            }
            System.out.println(name + ": " + outcome);
        });
        System.out.println("bot: " + bot().ask("add"));
    }

    private static void tools() {
        ToolExecutor executor = (request, memory) -> "done";
        ROWS.put("tool without request", () -> executor.execute(null, null));
        ROWS.put(
                "tool without name",
                () -> executor.execute(ToolExecutionRequest.builder().id("1").build(), "m"));
        ROWS.put(
                "tool with nothing",
                () -> executor.execute(
                        ToolExecutionRequest.builder().name(" ").arguments("{").build(), null));
        ToolExecutor silent = (request, memory) -> null;
        ROWS.put(
                "tool that returns nothing",
                () -> silent.execute(
                        ToolExecutionRequest.builder().name("quiet").build(), null));
    }

    private static void chats() {
        ROWS.put("chat without request", () -> model(null).chat((ChatRequest) null));
        ROWS.put(
                "chat without answer",
                () -> model(null)
                        .chat(ChatRequest.builder()
                                .messages(UserMessage.from("x"))
                                .build()));
        ROWS.put("doChat without request", () -> model(null).doChat(null));
        ROWS.put("chat without messages", () -> model(null).chat((List<ChatMessage>) null));
        ROWS.put("chat with null messages", () -> model(null).chat(Arrays.asList((ChatMessage) null)));
        ROWS.put(
                "answer with null requests",
                () -> model(ChatResponse.builder()
                                .aiMessage(AiMessage.builder()
                                        .toolExecutionRequests(List.of(
                                                ToolExecutionRequest.builder().build()))
                                        .build())
                                .build())
                        .chat(ChatRequest.builder()
                                .messages(UserMessage.from("x"))
                                .build())
                        .aiMessage()
                        .text());
    }

    private static void streams() {
        ROWS.put("stream without request", () -> stream((request, handler) -> handler.onCompleteResponse(null), null));
        ROWS.put(
                "stream of nothing",
                () -> stream(
                        (request, handler) -> {
                            handler.onPartialResponse(null);
                            handler.onCompleteResponse(null);
                        },
                        request()));
        ROWS.put("stream with a null error", () -> stream((request, handler) -> handler.onError(null), request()));
        ROWS.put("stream without handler", () -> {
            ((StreamingChatModel) new Streaming((request, handler) -> {})).doChat(request(), null);
            return "nothing";
        });
    }

    private static ChatRequest request() {
        return ChatRequest.builder().messages(UserMessage.from("x")).build();
    }

    private static void models() {
        EmbeddingModel embedding = new Embedder();
        ROWS.put("embedding of nothing", () -> embedding.embedAll(null));
        ROWS.put("embedding of null text", () -> embedding.embedAll(Arrays.asList((TextSegment) null)));
        ScoringModel scoring = (segments, query) -> null;
        ROWS.put("score of nothing", () -> scoring.scoreAll(null, null));
        ImageModel image = prompt -> null;
        ROWS.put("image of nothing", () -> image.generate((String) null));
        LanguageModel language = new LanguageModel() {
            @Override
            public Response<String> generate(String prompt) {
                return null;
            }
        };
        ROWS.put("completion of nothing", () -> language.generate((String) null));
        ContentRetriever none = query -> null;
        ROWS.put("retrieval of nothing", () -> none.retrieve(null));
        ContentRetriever holes = query -> Arrays.asList(null, Content.from("one"));
        ROWS.put("retrieval with holes", () -> holes.retrieve(null).size());
    }

    private static void workflows() {
        OddApp app = new OddApp();
        ROWS.put("workflow of nothing", () -> app.nothing(null, null));
        ROWS.put(
                "workflow of rude things",
                () -> app.rude(new Rude("r"), Map.of("k", new Rude("s"))).name());
        ROWS.put("workflow of itself", () -> {
            List<Object> itself = new ArrayList<>();
            itself.add(itself);
            return ((List<?>) app.itself(itself)).size();
        });
        ROWS.put("future of nothing", () -> app.future().get());
        ROWS.put("optional of nothing", () -> app.maybe().isPresent());
    }

    @Workflow(name = "nothing")
    private Object nothing(Object one, Object[] more) {
        return null;
    }

    @Workflow(name = "rude")
    private Rude rude(Rude rude, Map<String, Rude> more) {
        return rude;
    }

    @Workflow(name = "itself")
    private Object itself(List<Object> list) {
        return list;
    }

    @Workflow(name = "future")
    private CompletableFuture<Object> future() {
        return CompletableFuture.completedFuture(null);
    }

    @Workflow(name = "maybe")
    private Optional<String> maybe() {
        return Optional.empty();
    }

    private static Bot bot() {
        ChatModel model = new ChatModel() {
            @Override
            public ChatResponse doChat(ChatRequest request) {
                AiMessage answer = request.messages().size() == 1
                        ? AiMessage.from(ToolExecutionRequest.builder()
                                .id("1")
                                .name("add")
                                .arguments("{\"a\": 1}")
                                .build())
                        : AiMessage.from("added");
                return ChatResponse.builder().aiMessage(answer).build();
            }
        };
        return AiServices.builder(Bot.class).chatModel(model).tools(new Tools()).build();
    }

    private static ChatModel model(ChatResponse answer) {
        return new ChatModel() {
            @Override
            public ChatResponse doChat(ChatRequest request) {
                return answer;
            }
        };
    }

    private static String stream(Teller teller, ChatRequest request) {
        StringBuilder heard = new StringBuilder();
        new Streaming(teller).doChat(request, new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String partial) {
                heard.append("partial ").append(partial).append(' ');
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
                heard.append("complete ").append(response);
            }

            @Override
            public void onError(Throwable error) {
                heard.append("error ").append(error);
            }
        });
        return heard.toString();
    }

    private interface Teller {
        void tell(ChatRequest request, StreamingChatResponseHandler handler);
    }

    private record Streaming(Teller teller) implements StreamingChatModel {
        @Override
        public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
            teller.tell(request, handler);
        }
    }

    private static final class Embedder implements EmbeddingModel {
        @Override
        public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
            return null;
        }
    }

    private static String outcomeOf(Callable<Object> row) {
        try {
            return String.valueOf(row.call());
        } catch (Exception thrown) {
            return thrown.getClass().getName() + " " + thrown.getMessage();
        }
    }
}
