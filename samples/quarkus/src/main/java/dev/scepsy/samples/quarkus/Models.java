package dev.scepsy.samples.quarkus;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.service.AiServices;
import dev.scepsy.langchain4j.ScepsyLangChain4j;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The beans: an OpenTelemetry SDK, our listeners on top of it, and what they listen to. */
final class Models {

    /** Closed with the application, which sends what is left. */
    @Produces
    @Singleton
    OpenTelemetrySdk telemetry() {
        return AutoConfiguredOpenTelemetrySdk.builder()
                .disableShutdownHook()
                .build()
                .getOpenTelemetrySdk();
    }

    void close(@Disposes OpenTelemetrySdk telemetry) {
        telemetry.close();
    }

    @Produces
    @Singleton
    ScepsyLangChain4j scepsy(OpenTelemetrySdk telemetry) {
        return ScepsyLangChain4j.with(telemetry);
    }

    @Produces
    @Singleton
    ChatModel model(ScepsyLangChain4j scepsy, @ConfigProperty(name = "models.url") String url) {
        return OpenAiChatModel.builder()
                .baseUrl(url)
                .apiKey("none")
                .modelName("gpt")
                .listeners(List.of(scepsy.chatModelListener()))
                .build();
    }

    @Produces
    @Singleton
    Assistant assistant(ScepsyLangChain4j scepsy, ChatModel model) {
        return AiServices.builder(Assistant.class)
                .chatModel(model)
                .registerListeners(scepsy.aiServiceListeners())
                .build();
    }
}
