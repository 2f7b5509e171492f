package dev.scepsy.javaagent.hook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.scepsy.javaagent.setting.Settings;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import dev.scepsy.javaagent.trace.Sampling;
import dev.scepsy.javaagent.trace.SpanAttributes;
import dev.scepsy.javaagent.trace.Tracer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ContentCaptureTest {

    private static final ToolExecutionRequest CALL = ToolExecutionRequest.builder()
            .id("call-1")
            .name("weather")
            .arguments("{\"city\": \"Paris\"}")
            .build();

    @Test
    void nothingIsKeptUnlessAskedFor() {
        assertThat(shown(Map.of(), Map.of())).isEmpty();
        assertThat(shown(Map.of("SCEPSY_CAPTURE_CONTENT", "false"), Map.of())).isEmpty();
        assertThat(shown(Map.of("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "event_only"), Map.of()))
                .isEmpty();
        assertThat(shown(Map.of("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true"), Map.of()))
                .hasSize(4);
    }

    @Test
    void anUnsampledCallKeepsNothing() {
        Operation unsampled = operation("always_off");

        ContentCapture.of(settings(Map.of("SCEPSY_CAPTURE_CONTENT", "true")), name -> null)
                .asked(unsampled, request());
        unsampled.end(null);

        Map<String, Object> attributes = new HashMap<>();
        SpanAttributes.forEachExported(unsampled, attributes::put);
        assertThat(attributes).doesNotContainKey(GenAi.INPUT_MESSAGES);
    }

    @Test
    void messagesHaveTheConventionsShape() throws Exception {
        Map<String, Object> shown = shown(Map.of("SCEPSY_CAPTURE_CONTENT", "true"), Map.of());
        JsonNode asked = new ObjectMapper().readTree((String) shown.get(GenAi.INPUT_MESSAGES));
        JsonNode answered = new ObjectMapper().readTree((String) shown.get(GenAi.OUTPUT_MESSAGES));

        assertThat(asked.findValuesAsText("role")).containsExactly("system", "user", "assistant", "tool");
        assertThat(asked.at("/0/parts/0/content").asText()).isEqualTo("Be \"brief\".\n");
        assertThat(asked.at("/1/parts/0/type").asText()).isEqualTo("text");
        assertThat(asked.at("/1/parts/1/type").asText()).isEqualTo("image");
        assertThat(asked.at("/1/parts/1").size()).as("media stay out").isEqualTo(1);
        assertThat(asked.at("/2/parts/0/type").asText()).isEqualTo("tool_call");
        assertThat(asked.at("/2/parts/0/name").asText()).isEqualTo("weather");
        assertThat(asked.at("/2/parts/0/arguments").asText()).isEqualTo("{\"city\": \"Paris\"}");
        assertThat(asked.at("/3/parts/0/type").asText()).isEqualTo("tool_call_response");
        assertThat(asked.at("/3/parts/0/response").asText()).isEqualTo("21 degrees");
        assertThat(answered.at("/0/role").asText()).isEqualTo("assistant");
        assertThat(answered.at("/0/finish_reason").asText()).isEqualTo("stop");
        assertThat(answered.at("/0/parts/0/content").asText()).isEqualTo("secret-7 is out");
    }

    @Test
    void everyTextGoesThroughTheRedactionBeforeItIsCut() {
        Map<String, Object> shown = shown(
                Map.of(
                        "SCEPSY_CAPTURE_CONTENT", "true",
                        "SCEPSY_CAPTURE_CONTENT_REDACT", "secret-\\d+",
                        "SCEPSY_CAPTURE_CONTENT_REDACTOR", "shout",
                        "SCEPSY_CAPTURE_CONTENT_MAX_CHARACTERS", "12"),
                Map.of("shout", (UnaryOperator<String>) text -> text.toUpperCase(java.util.Locale.ROOT)));

        assertThat((String) shown.get(GenAi.OUTPUT_MESSAGES))
                .contains("\"[REDACTED] I... (5 more characters)\"")
                .doesNotContain("secret");
        assertThat((String) shown.get(GenAi.TOOL_CALL_ARGUMENTS)).startsWith("{\"CITY\": \"PA... (");
    }

    /** As models write it: what a plain message shows redacted, no attribute shows. */
    @Test
    void escapesHideNothingInArgumentsResultsAndMessages() {
        String escaped = "{\"name\":\"J\\u00f6rg Ma\\u00dflos\"}";
        ToolExecutionRequest call = ToolExecutionRequest.builder()
                .id("1")
                .name("find")
                .arguments(escaped)
                .build();
        ContentCapture capture = ContentCapture.of(
                settings(Map.of("SCEPSY_CAPTURE_CONTENT", "true", "SCEPSY_CAPTURE_CONTENT_REDACT", "Jörg Maßlos")),
                name -> null);
        Operation operation = operation("always_on");
        capture.asked(
                operation,
                ChatRequest.builder()
                        .messages(List.of(AiMessage.from(call), ToolExecutionResultMessage.from(call, escaped)))
                        .build());
        capture.answered(
                operation,
                ChatResponse.builder().aiMessage(AiMessage.from(call)).build());
        capture.called(operation, call);
        capture.returned(operation, escaped);
        operation.end(null);

        Map<String, Object> shown = new HashMap<>();
        SpanAttributes.forEachExported(operation, shown::put);
        assertThat(shown.get(GenAi.TOOL_CALL_ARGUMENTS)).isEqualTo("{\"name\":\"[redacted]\"}");
        for (String key : List.of(GenAi.INPUT_MESSAGES, GenAi.OUTPUT_MESSAGES, GenAi.TOOL_CALL_RESULT)) {
            assertThat((String) shown.get(key)).contains("[redacted]").doesNotContain("u00f6", "Jörg");
        }
    }

    @Test
    void aRedactionThatCannotBeUsedOrFailsLetsNothingThrough() {
        assertThat(shown(Map.of("SCEPSY_CAPTURE_CONTENT", "true", "SCEPSY_CAPTURE_CONTENT_REDACT", "("), Map.of()))
                .isEmpty();
        assertThat(shown(
                        Map.of("SCEPSY_CAPTURE_CONTENT", "true", "SCEPSY_CAPTURE_CONTENT_REDACTOR", "absent"),
                        Map.of()))
                .isEmpty();
        Map<String, Object> shown = shown(
                Map.of("SCEPSY_CAPTURE_CONTENT", "true", "SCEPSY_CAPTURE_CONTENT_REDACTOR", "broken"),
                Map.of("broken", (UnaryOperator<String>) text -> {
                    throw new IllegalStateException();
                }));
        assertThat(shown).hasSize(4);
        assertThat(shown.values())
                .allSatisfy(text -> assertThat((String) text)
                        .contains("[redacted]")
                        .doesNotContain("secret", "Paris", "degrees", "brief"));
    }

    private static Map<String, Object> shown(Map<String, String> environment, Map<String, Object> classes) {
        ContentCapture capture = ContentCapture.of(settings(environment), classes::get);
        Operation operation = operation("always_on");
        capture.asked(operation, request());
        capture.answered(
                operation,
                ChatResponse.builder()
                        .aiMessage(AiMessage.from("secret-7 is out"))
                        .finishReason(FinishReason.STOP)
                        .build());
        capture.called(operation, CALL);
        capture.returned(operation, "21 degrees");
        operation.end(null);
        Map<String, Object> attributes = new HashMap<>();
        SpanAttributes.forEachExported(operation, attributes::put);
        attributes.keySet().removeIf(key -> key.equals(GenAi.OPERATION_NAME));
        return attributes;
    }

    private static ChatRequest request() {
        return ChatRequest.builder()
                .messages(List.of(
                        SystemMessage.from("Be \"brief\".\n"),
                        UserMessage.from(TextContent.from("hello"), ImageContent.from("http://127.0.0.1/a.png")),
                        AiMessage.from(CALL),
                        ToolExecutionResultMessage.from(CALL, "21 degrees")))
                .build();
    }

    private static Operation operation(String sampler) {
        Settings settings = settings(Map.of("OTEL_TRACES_SAMPLER", sampler));
        return new Tracer(Sampling.of(settings), finished -> {}).begin(OperationKind.CHAT, "chat m", new Object());
    }

    private static Settings settings(Map<String, String> environment) {
        return Settings.of(key -> null, environment::get);
    }
}
