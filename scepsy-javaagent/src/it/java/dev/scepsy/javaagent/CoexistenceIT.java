package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.app.JoinedApp;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Beside our own listeners: one trace, every call once. The OpenTelemetry agent is in {@link EnvironmentsIT}. */
class CoexistenceIT {

    @Test
    void withTheApplicationsOwnSdkAndOurListenersEachCallIsCountedOnce() {
        List<ReceivedSpan> spans = run(app().withAgent(), "own", "listeners");

        mustBeOneTrace(spans);
    }

    private static ForkedJvm app() {
        return ForkedJvm.of(JoinedApp.class)
                .with("scepsy-langchain4j")
                .with("/io/opentelemetry/opentelemetry-")
                .env("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
                .env("OTEL_METRICS_EXPORTER", "none")
                .env("OTEL_LOGS_EXPORTER", "none");
    }

    private static List<ReceivedSpan> run(ForkedJvm app, String... modes) {
        try (SpanReceiver receiver = new SpanReceiver();
                ModelServer models = new ModelServer()) {
            app.exportingTo(receiver).argument(models.baseUrl());
            for (String mode : modes) {
                app.argument(mode);
            }
            ForkedJvm.Outcome outcome = app.run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.out()).isEqualTo("all is well\n");
            assertThat(outcome.err()).doesNotContain("[scepsy] module");
            return receiver.spans();
        }
    }

    private static void mustBeOneTrace(List<ReceivedSpan> spans) {
        new Trees(spans).mustBeWhole();
        assertThat(spans.stream().map(ReceivedSpan::traceId).distinct()).hasSize(1);
        ReceivedSpan outer = only(spans, "outer");
        ReceivedSpan agent = only(spans, "invoke_agent Assistant");
        ReceivedSpan call = only(spans, "chat gpt");
        assertThat(outer.parentSpanId()).isEmpty();
        assertThat(agent.parentSpanId()).isEqualTo(outer.spanId());
        assertThat(call.parentSpanId()).isEqualTo(agent.spanId());
        assertThat(call.get("gen_ai.usage.input_tokens")).isEqualTo(21L);
        assertThat(call.get("scepsy.workflow.execution.id")).isEqualTo(agent.spanId());
    }

    private static ReceivedSpan only(List<ReceivedSpan> spans, String name) {
        List<ReceivedSpan> found =
                spans.stream().filter(span -> span.name().equals(name)).toList();
        assertThat(found).as("spans called %s among %s", name, spans).hasSize(1);
        return found.get(0);
    }
}
