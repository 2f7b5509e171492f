package dev.scepsy.samples.cluster.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionAssembler;
import dev.scepsy.planner.execution.LeafCall;
import dev.scepsy.planner.otlp.OtlpReceiver;
import dev.scepsy.planner.span.EngineTimes;
import dev.scepsy.planner.span.GenAi;
import dev.scepsy.planner.span.Operation;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.TraceId;
import dev.scepsy.samples.cluster.EmulatedCluster;
import dev.scepsy.samples.cluster.Engines;
import dev.scepsy.samples.cluster.TestClusters;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class EngineSpansTest {

    private static final TraceId TRACE = TraceId.ofHex("0af7651916cd43dd8448eb211c80319c");
    private static final long CALL = 0xb7ad6b7169203331L;

    @Test
    void anEnginesSpanJoinsTheCallersTraceAndSaysWhereItsTimeWent() throws Exception {
        List<Span> engineSpans = new CopyOnWriteArrayList<>();
        try (OtlpReceiver receiver =
                        OtlpReceiver.builder(engineSpans::add).port(0).start();
                EmulatedCluster cluster = TestClusters.start();
                KubernetesClient client = Engines.client(cluster)) {
            Deployment engine = Engines.deployment("generator", "generator", "0.5", 1);
            engine.getSpec()
                    .getTemplate()
                    .getSpec()
                    .getContainers()
                    .get(0)
                    .getArgs()
                    .addAll(List.of("--otlp-traces-endpoint", receiver.endpoint() + OtlpReceiver.TRACES_PATH));
            Engines.serve(client, "generator", engine);

            long start = epochNanos();
            ask(cluster, "01");
            long end = epochNanos();
            ask(cluster, "00");
            Engines.await("the engine's span", () -> !engineSpans.isEmpty());

            assertThat(engineSpans).as("the trace that is not sampled has none").singleElement();
            Span span = engineSpans.get(0);
            assertThat(span.traceId()).isEqualTo(TRACE);
            assertThat(span.parentSpanId()).isEqualTo(CALL);
            assertThat(span.name()).isEqualTo("llm_request");
            assertThat(span.kind()).isEqualTo(Span.Kind.SERVER);
            assertThat(span.isModelCall()).isFalse();

            LeafCall call = callBelow(start, end, span);
            EngineTimes times = Objects.requireNonNull(call.engine());
            assertThat(times.decodeNanos()).isPositive();
            assertThat(times.queueNanos() + times.prefillNanos() + times.decodeNanos())
                    .isPositive()
                    .isLessThanOrEqualTo(call.busyNanos());
        }
    }

    private static LeafCall callBelow(long start, long end, Span engineSpan) {
        List<Execution> executions = new ArrayList<>();
        Span call = Span.builder(TRACE, CALL)
                .name("chat generator")
                .kind(Span.Kind.CLIENT)
                .startEpochNanos(start)
                .endEpochNanos(end)
                .genAi(GenAi.builder()
                        .operation(Operation.MODEL)
                        .model("generator")
                        .build())
                .build();
        ExecutionAssembler.assemble(List.of(call, engineSpan), executions::add);
        return ((Execution.Complete) executions.get(0)).calls().get(0);
    }

    private static void ask(EmulatedCluster cluster, String flags) throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(cluster.openAiBaseUrl() + "/chat/completions"))
                                .header("Content-Type", "application/json")
                                .header("traceparent", "00-" + TRACE + "-b7ad6b7169203331-" + flags)
                                .POST(HttpRequest.BodyPublishers.ofString(
                                        "{\"model\": \"generator\", \"max_tokens\": 20, \"messages\":"
                                                + " [{\"role\": \"user\", \"content\": \"hello\"}]}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static long epochNanos() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }
}
