package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.javaagent.app.ModelsApp;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The same application with what is off by default: content, the newest names, and the workflow told to the model server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContentIT {

    private final ModelServer models = new ModelServer();
    private final SpanReceiver receiver = new SpanReceiver();

    @BeforeAll
    void run() {
        ForkedJvm.Outcome outcome = ForkedJvm.of(ModelsApp.class)
                .with("scepsy-langchain4j")
                .argument(models.baseUrl())
                .withAgent()
                .exportingTo(receiver)
                .env("SCEPSY_CAPTURE_CONTENT", "true")
                .env("SCEPSY_CAPTURE_CONTENT_REDACT", "hello|Paris")
                .env("OTEL_SEMCONV_STABILITY_OPT_IN", "gen_ai_latest_experimental")
                .env("SCEPSY_PROPAGATION_WORKFLOW_HOSTS", "127.0.0.1")
                .run();
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    }

    @AfterAll
    void stop() {
        models.close();
        receiver.close();
    }

    @Test
    void messagesAreShownAsTheConventionsWriteThem() throws Exception {
        ReceivedSpan plain = receiver.spans(span ->
                        span.name().equals("chat gpt") && span.parentSpanId().isEmpty())
                .get(0);

        assertThat(json(plain, "gen_ai.input.messages"))
                .isEqualTo("[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"[redacted]\"}]}]");
        assertThat(json(plain, "gen_ai.output.messages"))
                .isEqualTo("[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":\"all is well\"}],"
                        + "\"finish_reason\":\"stop\"}]");
    }

    @Test
    void streamsAndToolsShowTheirsToo() throws Exception {
        assertThat(receiver.spans(span -> span.name().equals("chat stream") && !span.error()))
                .allSatisfy(span ->
                        assertThat(span.attributes()).containsKeys("gen_ai.input.messages", "gen_ai.output.messages"));
        ReceivedSpan tool = receiver.spans(span -> span.name().equals("execute_tool temperature"))
                .get(0);
        assertThat(tool.get("gen_ai.tool.call.arguments")).asString().contains("\"city\": \"[redacted]\"");
        assertThat(tool.get("gen_ai.tool.call.result")).asString().contains("21 degrees in [redacted]");
    }

    @Test
    void whatIsRedactedIsNowhereOnTheWire() {
        assertThat(receiver.raw()).contains("all is well").doesNotContain("hello", "Paris");
    }

    @Test
    void namesAreTheNewestOnes() {
        Map<String, String> attributes = NameTable.of("attribute", "newest").types();
        Map<String, String> metrics = NameTable.of("metric", "newest").types();

        for (ReceivedSpan span : receiver.spans()) {
            span.attributes().keySet().stream()
                    .filter(NameTable::governs)
                    .forEach(key -> assertThat(attributes).as(span.name()).containsKey(key));
        }
        assertThat(receiver.metrics())
                .isNotEmpty()
                .allSatisfy(metric -> assertThat(metrics).containsEntry(metric.name(), metric.unit()));
        assertThat(receiver.metrics("gen_ai.client.inference.usage.output_tokens").stream()
                        .filter(metric -> metric.says("gen_ai.request.model", "gpt"))
                        .mapToDouble(ReceivedMetric::sum)
                        .sum())
                .isEqualTo(receiver.spans(span -> span.name().equals("chat gpt")
                                        && span.attributes().containsKey("gen_ai.usage.output_tokens"))
                                .size()
                        * 5.0);
    }

    @Test
    void listedHostsAreToldWhichExecutionAsks() {
        ReceivedSpan promised = receiver.spans(span -> span.name().equals("invoke_workflow promised"))
                .get(0);

        List<String> told = models.workflows();
        assertThat(told.stream().filter(("promised " + promised.spanId())::equals))
                .hasSize(2);
    }

    private static String json(ReceivedSpan span, String key) throws Exception {
        JsonNode tree = new ObjectMapper().readTree((String) span.get(key));
        return tree.toString();
    }
}
