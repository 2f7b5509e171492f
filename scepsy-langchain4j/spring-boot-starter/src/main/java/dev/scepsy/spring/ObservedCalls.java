package dev.scepsy.spring;

import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One observation {@code gen_ai.client.operation} per call of a chat model: OpenTelemetry's name for that meter, and Spring AI's. Its
 * keys are few-valued: operation, model, error. Thread-safe.
 */
final class ObservedCalls implements ChatModelListener {

    private static final Object OBSERVATION = new Object();

    private final ObservationRegistry registry;

    ObservedCalls(ObservationRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void onRequest(ChatModelRequestContext call) {
        String model =
                Objects.requireNonNullElse(call.chatRequest().parameters().modelName(), "unknown");
        call.attributes()
                .put(
                        OBSERVATION,
                        Observation.createNotStarted("gen_ai.client.operation", ModelObservation::new, registry)
                                .contextualName("chat " + model)
                                .lowCardinalityKeyValue("gen_ai.operation.name", "chat")
                                .lowCardinalityKeyValue("gen_ai.request.model", model)
                                .start());
    }

    @Override
    public void onResponse(ChatModelResponseContext call) {
        end(call.attributes(), null);
    }

    @Override
    public void onError(ChatModelErrorContext call) {
        end(call.attributes(), call.error());
    }

    private static void end(Map<Object, Object> attributes, @Nullable Throwable error) {
        if (attributes.remove(OBSERVATION) instanceof Observation observation) {
            if (error != null) {
                observation.error(error);
            }
            observation.stop();
        }
    }
}
