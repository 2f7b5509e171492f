package dev.scepsy.javaagent.app;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.StreamingResponseHandler;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.language.StreamingLanguageModel;
import dev.langchain4j.model.output.Response;
import dev.scepsy.langchain4j.Workflow;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/** Handlers that a model looks at, that throw, that serve several streams, and models that never answer. */
public final class HandlersApp {

    private final ChatRequest request =
            ChatRequest.builder().messages(UserMessage.from("q")).build();

    public static void main(String[] arguments) {
        HandlersApp app = new HandlersApp();
        app.ofItsOwnClass();
        app.sneaky();
        app.dynamicProxy();
        app.forSeveralStreams();
        app.inherited();
        app.ofLanguage();
        app.throwing();
        app.listenersThatThrow();
        app.neverAnswered();
        app.refused();
    }

    /** What a handler of its own kind offers beyond the interface. */
    private interface Progress extends StreamingChatResponseHandler {
        void progress(int percent);
    }

    private static class Quiet implements StreamingChatResponseHandler {

        private final String name;

        private Quiet(String name) {
            this.name = name;
        }

        @Override
        public void onPartialResponse(String text) {
            System.out.println(name + " partial " + text);
        }

        @Override
        public void onCompleteResponse(ChatResponse response) {
            System.out.println(name + " complete " + (response == null));
        }

        @Override
        public void onError(Throwable error) {
            System.out.println(name + " error " + error);
        }
    }

    private static final class Own extends Quiet implements Progress {

        private Own() {
            super("own");
        }

        @Override
        public void progress(int percent) {
            System.out.println("progress " + percent);
        }

        @Override
        public void onPartialResponse(String text) {
            super.onPartialResponse(text + "!");
        }
    }

    /** Overrides chat itself: no handler of LangChain4j stands between. */
    private record Direct(String modelName, Handing handing) implements StreamingChatModel {
        @Override
        public void chat(ChatRequest request, StreamingChatResponseHandler handler) {
            handing.to(handler);
        }
    }

    private record Plain(String modelName, Handing handing) implements StreamingChatModel {
        @Override
        public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
            handing.to(handler);
        }
    }

    private interface Handing {
        void to(StreamingChatResponseHandler handler);
    }

    @Workflow(name = "own-class")
    private void ofItsOwnClass() {
        Own own = new Own();
        new Direct("looks", handler -> {
                    System.out.println("the same " + (handler == own) + " " + (handler instanceof Progress));
                    ((Progress) handler).progress(50);
                    handler.onPartialResponse("a");
                    handler.onPartialResponse("b");
                    handler.onCompleteResponse(answer());
                })
                .chat(request, own);
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void sneak(Throwable thrown) throws E {
        throw (E) thrown;
    }

    @Workflow(name = "sneaky")
    private void sneaky() {
        new Direct("sneaked-at", handler -> {
                    try {
                        handler.onPartialResponse("a");
                    } catch (Throwable thrown) {
                        handler.onError(thrown);
                    }
                })
                .chat(request, new Quiet("sneaky") {
                    @Override
                    public void onPartialResponse(String text) {
                        HandlersApp.<RuntimeException>sneak(new IOException("client has gone"));
                    }
                });
    }

    @Workflow(name = "dynamic-proxy")
    private void dynamicProxy() {
        Object proxy = Proxy.newProxyInstance(
                HandlersApp.class.getClassLoader(),
                new Class<?>[] {StreamingChatResponseHandler.class},
                (self, method, given) -> {
                    System.out.println("proxy " + method.getName());
                    return null;
                });
        new Direct("proxied", handler -> {
                    handler.onPartialResponse("a");
                    handler.onCompleteResponse(answer());
                })
                .chat(request, (StreamingChatResponseHandler) proxy);
    }

    /** One handler for two streams at a time. */
    @Workflow(name = "shared")
    private void forSeveralStreams() {
        Quiet shared = new Quiet("shared");
        List<StreamingChatResponseHandler> handed = new ArrayList<>();
        new Direct("left", handed::add).chat(request, shared);
        new Direct("right", handed::add).chat(request, shared);
        handed.forEach(handler -> handler.onCompleteResponse(answer()));
        new Plain("left", handed::add).chat(request, shared);
        new Plain("right", handed::add).chat(request, shared);
        handed.get(3).onError(new IllegalStateException("right"));
        handed.get(2).onCompleteResponse(answer());
    }

    @Workflow(name = "inherited")
    private void inherited() {
        new Direct("inherited", handler -> handler.onCompleteResponse(null)).chat(request, new Quiet("inherits") {});
    }

    @Workflow(name = "language")
    private void ofLanguage() {
        StreamingResponseHandler<String> mine = new StreamingResponseHandler<>() {
            @Override
            public void onNext(String token) {
                System.out.println("next " + token + (Teller.handed == this));
            }

            @Override
            public void onError(Throwable error) {
                System.out.println(error);
            }
        };
        new Teller().generate("q", mine);
    }

    @Workflow(name = "throwing")
    private void throwing() {
        try {
            new Direct("thrown-at", handler -> handler.onCompleteResponse(answer())).chat(request, new Quiet("throws") {
                @Override
                public void onCompleteResponse(ChatResponse response) {
                    throw new IllegalStateException("no more");
                }
            });
        } catch (IllegalStateException thrown) {
            System.out.println("thrown on: " + thrown.getMessage());
        }
    }

    @Workflow(name = "listeners-throw")
    private void listenersThatThrow() {
        System.out.println(new Heard().chat("q"));
    }

    @Workflow(name = "never-answered")
    private void neverAnswered() {
        new Direct("silent", handler -> {}).chat(request, new Quiet("waits"));
    }

    @Workflow(name = "refused")
    private void refused() {
        try {
            new Plain("refuses", handler -> {
                        throw new IllegalStateException("refused");
                    })
                    .chat(request, new Quiet("refused"));
        } catch (IllegalStateException thrown) {
            System.out.println("refused: " + thrown.getMessage());
        }
    }

    private static ChatResponse answer() {
        return ChatResponse.builder().aiMessage(AiMessage.from("a")).build();
    }

    private static final class Teller implements StreamingLanguageModel {

        private static Object handed = "nothing";

        @Override
        public void generate(String prompt, StreamingResponseHandler<String> handler) {
            handed = handler;
            handler.onNext("a");
            handler.onComplete(Response.from("a"));
        }
    }

    private static final class Heard implements ChatModel {

        @Override
        public ChatResponse doChat(ChatRequest asked) {
            return answer();
        }

        @Override
        public List<ChatModelListener> listeners() {
            return List.of(new ChatModelListener() {
                @Override
                public void onRequest(ChatModelRequestContext context) {
                    throw new IllegalStateException("listener");
                }

                @Override
                public void onResponse(ChatModelResponseContext context) {
                    throw new IllegalStateException("listener");
                }
            });
        }
    }
}
