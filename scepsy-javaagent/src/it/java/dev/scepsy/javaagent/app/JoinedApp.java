package dev.scepsy.javaagent.app;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.service.AiServices;
import dev.scepsy.langchain4j.ScepsyLangChain4j;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.io.IOException;
import java.util.List;

/**
 * An application with OpenTelemetry spans of its own around a service call: with its own SDK ({@code own}), or with whatever
 * an agent puts behind the API; with {@code listeners} it uses the listener module as well; with {@code waits} its SDK lives
 * until standard input ends.
 */
public final class JoinedApp {

    interface Assistant {
        String answer(String question);
    }

    private JoinedApp() {}

    public static void main(String[] arguments) throws IOException {
        List<String> modes = List.of(arguments).subList(1, arguments.length);
        OpenTelemetrySdk own = modes.contains("own")
                ? AutoConfiguredOpenTelemetrySdk.builder()
                        .setResultAsGlobal()
                        .build()
                        .getOpenTelemetrySdk()
                : null;
        OpenTelemetry telemetry = GlobalOpenTelemetry.get();
        OpenAiChatModel.OpenAiChatModelBuilder builder =
                OpenAiChatModel.builder().baseUrl(arguments[0]).apiKey("none").modelName("gpt");
        if (modes.contains("listeners")) {
            builder.listeners(List.of(ScepsyLangChain4j.with(telemetry).chatModelListener()));
        }
        ChatModel model = builder.build();
        Assistant assistant = AiServices.create(Assistant.class, model);
        Span outer = telemetry.getTracer("application").spanBuilder("outer").startSpan();
        try (Scope scope = outer.makeCurrent()) {
            System.out.println(assistant.answer("hello"));
        } finally {
            outer.end();
        }
        while (modes.contains("waits") && System.in.read() >= 0) {
            // Whoever started us says when to end.
        }
        if (own != null) {
            own.close();
        }
    }
}
