package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.app.JoinedApp;
import dev.scepsy.javaagent.app.PlannedApp;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What tells a planner service how many executions there were, where only some of their spans are sent. */
class ExecutionCounterIT {

    private static final int EXECUTIONS = 60;

    @Test
    void everyExecutionIsCountedAndTheSpansThatAreSentSayForHowManyTheyStand() {
        try (ModelServer server = new ModelServer();
                SpanReceiver receiver = new SpanReceiver();
                Running running = planned(server, receiver)
                        .env("OTEL_TRACES_SAMPLER", "traceidratio")
                        .env("OTEL_TRACES_SAMPLER_ARG", "0.25")
                        .start()) {
            running.await("all answers", () -> running.out().contains(EXECUTIONS + " answered"));
            ForkedJvm.Outcome outcome = running.end();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(counted(receiver, "answer", "complete")).isEqualTo(EXECUTIONS);
            assertThat(receiver.spans(span -> span.isCalled("invoke_workflow"))).hasSizeBetween(1, EXECUTIONS - 1);
            assertThat(receiver.raw()).contains("ot=th:c");
        }
    }

    @Test
    void withoutMetricsThereIsNoCounterAndWithEverySpanNoProbability() {
        try (ModelServer server = new ModelServer();
                SpanReceiver receiver = new SpanReceiver();
                Running running = planned(server, receiver)
                        .env("OTEL_METRICS_EXPORTER", "none")
                        .start()) {
            running.await("all answers", () -> running.out().contains(EXECUTIONS + " answered"));
            ForkedJvm.Outcome outcome = running.end();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(receiver.spans(span -> span.isCalled("invoke_workflow"))).hasSize(EXECUTIONS);
            assertThat(receiver.raw()).doesNotContain("scepsy.executions").doesNotContain("ot=th");
        }
    }

    @Test
    void anApplicationsOwnMetersCountWhereItHasThem() {
        try (ModelServer models = new ModelServer();
                SpanReceiver receiver = new SpanReceiver();
                Running running = ForkedJvm.of(JoinedApp.class)
                        .with("scepsy-langchain4j")
                        .with("/io/opentelemetry/opentelemetry-")
                        .env("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
                        .env("OTEL_LOGS_EXPORTER", "none")
                        .env("OTEL_TRACES_SAMPLER", "always_off")
                        .env("OTEL_METRIC_EXPORT_INTERVAL", "200")
                        .withAgent()
                        .exportingTo(receiver)
                        .argument(models.baseUrl())
                        .argument("own")
                        .argument("waits")
                        .start()) {
            running.await(
                    "the counter", () -> !receiver.metrics("scepsy.executions").isEmpty());
            ForkedJvm.Outcome outcome = running.end();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(receiver.spans()).isEmpty();
            assertThat(counted(receiver, "Assistant", "complete")).isEqualTo(1);
        }
    }

    private static ForkedJvm planned(ModelServer server, SpanReceiver receiver) {
        return ForkedJvm.of(PlannedApp.class)
                .with("scepsy-langchain4j")
                .with("jspecify")
                .withAgent()
                .option("-Dscepsy.planner=observe")
                .exportingTo(receiver)
                .argument(server.baseUrl())
                .argument(Integer.toString(EXECUTIONS));
    }

    /** The counter is cumulative: what it said last is all. */
    private static double counted(SpanReceiver receiver, String workflow, String outcome) {
        List<ReceivedMetric> said = receiver.metrics("scepsy.executions").stream()
                .filter(metric -> metric.says("workflow", workflow) && metric.says("outcome", outcome))
                .toList();
        assertThat(said).isNotEmpty();
        assertThat(said.get(0).unit()).isEqualTo("{execution}");
        return said.get(said.size() - 1).sum();
    }
}
