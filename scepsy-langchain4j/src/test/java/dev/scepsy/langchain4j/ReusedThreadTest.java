package dev.scepsy.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.TokenStream;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One request thread serves one request after the other, while streams of earlier ones go on elsewhere, or never start. */
class ReusedThreadTest {

    interface Narrator {
        TokenStream tell(String question);
    }

    interface Plain {
        String ask(String question);
    }

    /** Answers when the test wants it to. */
    private static final class Held implements StreamingChatModel {
        private final List<ChatModelListener> listeners;
        private Runnable answer = () -> {};

        private Held(List<ChatModelListener> listeners) {
            this.listeners = listeners;
        }

        @Override
        public List<ChatModelListener> listeners() {
            return listeners;
        }

        @Override
        public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
            answer = () -> handler.onCompleteResponse(
                    ChatResponse.builder().aiMessage(AiMessage.from("told")).build());
        }
    }

    private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
    private final OpenTelemetrySdk openTelemetry = OpenTelemetrySdk.builder()
            .setTracerProvider(SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                    .build())
            .build();
    private final ScepsyLangChain4j scepsy = ScepsyLangChain4j.with(openTelemetry);
    private final Held held = new Held(List.of(scepsy.chatModelListener()));
    private final Narrator narrator = AiServices.builder(Narrator.class)
            .streamingChatModel(held)
            .registerListeners(scepsy.aiServiceListeners())
            .build();
    private final Plain plain = AiServices.builder(Plain.class)
            .chatModel(FakeChatModel.saying("quick", scepsy, "answer"))
            .registerListeners(scepsy.aiServiceListeners())
            .build();

    @AfterEach
    void close() {
        openTelemetry.close();
    }

    private TokenStream told() {
        return narrator.tell("1").onPartialResponse(text -> {}).onError(error -> {});
    }

    @Test
    void aStreamThatGoesOnElsewhereIsNoParentOfTheNextRequestOnItsThread() {
        told().start();
        plain.ask("2");
        FakeChatModel.saying("bare", scepsy, "answer").chat("3");
        held.answer.run();
        plain.ask("4");

        assertThat(named("invoke_agent Plain"))
                .hasSize(2)
                .allSatisfy(span ->
                        assertThat(span.getParentSpanContext().isValid()).isFalse());
        assertThat(named("chat bare").get(0).getParentSpanContext().isValid()).isFalse();
        SpanData agent = named("invoke_agent Narrator").get(0);
        assertThat(named("chat unknown"))
                .singleElement()
                .satisfies(chat -> assertThat(chat.getParentSpanId()).isEqualTo(agent.getSpanId()));
        List<String> agents =
                named("invoke_agent Plain").stream().map(SpanData::getSpanId).toList();
        assertThat(named("chat quick").stream().map(SpanData::getParentSpanId)).containsExactlyElementsOf(agents);
    }

    @Test
    void aStreamThatNobodyStartsIsNoParentOfAnything() {
        for (int i = 0; i < 100; i++) {
            told();
        }
        plain.ask("2");
        plain.ask("3");

        assertThat(named("invoke_agent Plain"))
                .hasSize(2)
                .allSatisfy(span ->
                        assertThat(span.getParentSpanContext().isValid()).isFalse());
    }

    @Test
    void aStreamThatIsStartedLaterIsStillTheServicesOwn() {
        TokenStream stream = told();
        plain.ask("2");
        stream.start();
        held.answer.run();

        SpanData agent = named("invoke_agent Narrator").get(0);
        assertThat(named("chat unknown"))
                .singleElement()
                .satisfies(chat -> assertThat(chat.getParentSpanId()).isEqualTo(agent.getSpanId()));
    }

    private List<SpanData> named(String name) {
        return exporter.getFinishedSpanItems().stream()
                .filter(span -> span.getName().equals(name))
                .toList();
    }
}
