package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.app.StrictApp;
import org.junit.jupiter.api.Test;

/** In the application's own OpenTelemetry no scope is closed on another thread, or left open. */
class ScopesIT {

    @Test
    void noScopeLeaksWhateverRunsOnWhicheverThread() {
        try (ModelServer models = new ModelServer();
                SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm app = ForkedJvm.of(StrictApp.class)
                    .with("scepsy-langchain4j")
                    .with("/io/opentelemetry/opentelemetry-")
                    .withAgent()
                    .option("-Dio.opentelemetry.context.enableStrictContext=true")
                    .exportingTo(receiver)
                    .env("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
                    .env("OTEL_METRICS_EXPORTER", "none")
                    .env("OTEL_LOGS_EXPORTER", "none")
                    .env("OTEL_BSP_MAX_QUEUE_SIZE", "20000")
                    .argument(models.baseUrl())
                    .argument("ModelsApp")
                    .argument("CoverageApp")
                    .argument("StreamsApp")
                    .argument("WorkflowsApp");
            if (Boolean.getBoolean("scepsy.full")) {
                app.argument("AgenticApp");
            }
            ForkedJvm.Outcome outcome = app.run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.out()).endsWith("no scope leaked\n");
            assertThat(outcome.err()).doesNotContain("Scope", "AssertionError", "[scepsy] module");
            Trees trees = new Trees(receiver.spans());
            trees.mustBeWhole();
            assertThat(trees.rendered("invoke_workflow outer")).hasSize(1);
        }
    }
}
