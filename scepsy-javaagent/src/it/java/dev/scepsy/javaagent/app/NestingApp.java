package dev.scepsy.javaagent.app;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.moderation.Moderation;
import dev.langchain4j.model.moderation.ModerationModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.rag.query.Query;
import dev.scepsy.langchain4j.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Models that call models: wrappers of every sort, and models that only use others on the way. */
public final class NestingApp {

    private final ChatModel echo = new EchoModel("echo", asked -> "re " + asked);
    private final ChatModel judge = new EchoModel("judge", asked -> "good");

    public static void main(String[] arguments) {
        NestingApp app = new NestingApp();
        app.judgedByListener();
        app.judgedByListenerOfStream();
        app.judgedInside();
        app.cached();
        app.rewriting();
        app.routed();
        app.ensemble();
        app.fallback();
        app.recovered();
        app.moderated();
        app.streamed();
        app.embeddedInParts();
        app.retrievers();
        System.out.println("all went well");
    }

    @Workflow(name = "judged-by-listener")
    private void judgedByListener() {
        new Judged(judge).chat("hello");
    }

    @Workflow(name = "judged-by-listener-of-stream")
    private void judgedByListenerOfStream() {
        new JudgedStream(judge).chat("hello", new Reader());
    }

    @Workflow(name = "judged-inside")
    private void judgedInside() {
        new SelfJudged(judge).chat("hello");
    }

    @Workflow(name = "cached")
    private void cached() {
        Map<String, ChatResponse> known = new ConcurrentHashMap<>();
        ChatModel cache = new Wrapper(
                request -> known.computeIfAbsent(request.messages().toString(), asked -> echo.chat(request)));
        cache.chat("one");
        cache.chat("one");
        cache.chat("two");
        cache.chat("two");
    }

    @Workflow(name = "rewriting")
    private void rewriting() {
        new Rewriting(request -> echo.chat(asking("politely: " + request.messages()))).chat("hello");
    }

    @Workflow(name = "routed")
    private void routed() {
        ChatModel classifier = new EchoModel("classifier", asked -> "small");
        new Rewriting(request -> {
                    classifier.chat("which one?");
                    return echo.chat(request);
                })
                .chat("hello");
    }

    @Workflow(name = "ensemble")
    private void ensemble() {
        new Rewriting(request -> {
                    String both = echo.chat(request).aiMessage().text()
                            + judge.chat(request).aiMessage().text();
                    return answer(both);
                })
                .chat("hello");
    }

    @Workflow(name = "fallback")
    private void fallback() {
        ChatModel down = new EchoModel("down", asked -> {
            throw new IllegalStateException("down");
        });
        new Rewriting(request -> {
                    try {
                        return down.chat(request);
                    } catch (IllegalStateException refused) {
                        return echo.chat(request);
                    }
                })
                .chat("hello");
    }

    /** A model of its own that asks another one only while it is down: its own answers count before and after. */
    @Workflow(name = "recovered")
    private void recovered() {
        Recovering model = new Recovering(echo);
        model.chat("one");
        model.down = true;
        model.chat("two");
        model.down = false;
        model.chat("three");
    }

    @Workflow(name = "moderated")
    private void moderated() {
        ModerationModel careful = new Careful();
        new Rewriting(request -> {
                    careful.moderate("hello");
                    return answer("moderated");
                })
                .chat("hello");
    }

    @Workflow(name = "streamed")
    private void streamed() {
        JudgedStream inner = new JudgedStream(null);
        StreamingChatModel wrapper = new StreamingWrapper(inner);
        wrapper.chat("hello", new Reader());
    }

    @Workflow(name = "embedded-in-parts")
    private void embeddedInParts() {
        EmbeddingModel embedder = new Embedder();
        EmbeddingModel inParts = new InParts(embedder);
        inParts.embedAll(List.of(TextSegment.from("one"), TextSegment.from("two")));
    }

    @Workflow(name = "retrievers")
    private void retrievers() {
        Embedder embedder = new Embedder();
        ContentRetriever inner = new Finding(embedder);
        new Passing(inner).retrieve(Query.from("the same"));
        new Expanding(inner).retrieve(Query.from("short"));
    }

    private static ChatRequest asking(String text) {
        return ChatRequest.builder().messages(UserMessage.from(text)).build();
    }

    private static ChatResponse answer(String text) {
        return ChatResponse.builder().aiMessage(AiMessage.from(text)).build();
    }

    private interface Answering {
        ChatResponse to(ChatRequest request);
    }

    private record Wrapper(Answering answering) implements ChatModel {
        @Override
        public ChatResponse doChat(ChatRequest request) {
            return answering.to(request);
        }
    }

    private record Rewriting(Answering answering) implements ChatModel {
        @Override
        public ChatResponse doChat(ChatRequest request) {
            return answering.to(request);
        }
    }

    private static final class Judged implements ChatModel {

        private final ChatModel judge;

        private Judged(ChatModel judge) {
            this.judge = judge;
        }

        @Override
        public ChatResponse doChat(ChatRequest request) {
            return answer("hello yourself");
        }

        @Override
        public List<ChatModelListener> listeners() {
            return List.of(new Listener(judge));
        }
    }

    private record SelfJudged(ChatModel judge) implements ChatModel {
        @Override
        public ChatResponse doChat(ChatRequest request) {
            ChatResponse own = answer("own");
            judge.chat("is that good?");
            return own;
        }
    }

    private record Listener(ChatModel judge) implements ChatModelListener {
        @Override
        public void onResponse(ChatModelResponseContext context) {
            judge.chat(context.chatRequest()); // Even the very same request makes no wrapper of what is heard.
        }
    }

    private static final class JudgedStream implements StreamingChatModel {

        private final List<ChatModelListener> listeners = new ArrayList<>();

        private JudgedStream(ChatModel judge) {
            if (judge != null) {
                listeners.add(new Listener(judge));
            }
        }

        @Override
        public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
            Thread other = new Thread(() -> {
                handler.onPartialResponse("well");
                handler.onCompleteResponse(answer("well"));
            });
            other.start();
            try {
                other.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public List<ChatModelListener> listeners() {
            return listeners;
        }
    }

    private record StreamingWrapper(StreamingChatModel inner) implements StreamingChatModel {
        @Override
        public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
            inner.chat(request, handler);
        }
    }

    private static class OwnModel implements ChatModel {
        @Override
        public ChatResponse doChat(ChatRequest request) {
            return answer("mine");
        }
    }

    private static final class Recovering extends OwnModel {

        private final ChatModel other;
        private boolean down;

        private Recovering(ChatModel other) {
            this.other = other;
        }

        @Override
        public ChatResponse doChat(ChatRequest request) {
            return down ? other.chat(request) : super.doChat(request);
        }
    }

    private static final class Careful implements ModerationModel {
        @Override
        public Response<Moderation> moderate(String text) {
            return Response.from(Moderation.notFlagged());
        }

        @Override
        public Response<Moderation> moderate(List<dev.langchain4j.data.message.ChatMessage> messages) {
            return Response.from(Moderation.notFlagged());
        }
    }

    private static final class Embedder implements EmbeddingModel {
        @Override
        public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
            return Response.from(segments.stream()
                    .map(segment -> Embedding.from(new float[] {segment.text().length()}))
                    .toList());
        }
    }

    private record InParts(EmbeddingModel inner) implements EmbeddingModel {
        @Override
        public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
            List<Embedding> all = new ArrayList<>();
            for (TextSegment segment : segments) {
                all.add(inner.embed(segment.text()).content());
            }
            return Response.from(all);
        }
    }

    private record Finding(EmbeddingModel embedder) implements ContentRetriever {
        @Override
        public List<Content> retrieve(Query query) {
            embedder.embed(query.text());
            return List.of(Content.from(query.text()));
        }
    }

    private record Passing(ContentRetriever inner) implements ContentRetriever {
        @Override
        public List<Content> retrieve(Query query) {
            return inner.retrieve(query);
        }
    }

    private record Expanding(ContentRetriever inner) implements ContentRetriever {
        @Override
        public List<Content> retrieve(Query query) {
            List<Content> all = new ArrayList<>(inner.retrieve(Query.from(query.text() + " and more")));
            all.addAll(inner.retrieve(Query.from(query.text() + " and less")));
            return all;
        }
    }

    private static final class Reader implements StreamingChatResponseHandler {
        @Override
        public void onCompleteResponse(ChatResponse response) {
            // What was said is of no interest.
        }

        @Override
        public void onError(Throwable error) {
            System.out.println(error);
        }
    }
}
