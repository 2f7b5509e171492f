package dev.scepsy.planner.serve.metrics;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import dev.scepsy.planner.otlp.MalformedOtlpException;
import dev.scepsy.planner.otlp.OtlpDecoder;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.ServiceTime;
import dev.scepsy.planner.span.Span;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StageSpansTest {

    private static final Instant START = Instant.parse("2026-11-30T12:00:00.000000001Z");

    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
    private final ServiceLog log =
            new ServiceLog(new PrintStream(logged, true, StandardCharsets.UTF_8), false, ServiceTime.WALL);
    private final WireMockServer backend = new WireMockServer(wireMockConfig().dynamicPort());

    @BeforeEach
    void start() {
        backend.start();
        backend.stubFor(post(anyUrl()).willReturn(aResponse().withStatus(200)));
    }

    @AfterEach
    void stop() {
        backend.stop();
    }

    private Optional<StageSpans> spans(Map<String, String> environment, InetSocketAddress... own) {
        return StageSpans.start(environment, List.of(own), log);
    }

    @Test
    void aStageIsASpanThatAnyReceiverOfOtlpUnderstands() throws Exception {
        StageSpans spans = spans(Map.of(
                        "OTEL_EXPORTER_OTLP_ENDPOINT",
                        backend.baseUrl() + "/",
                        "OTEL_EXPORTER_OTLP_HEADERS",
                        "api-key=a%20b,broken"))
                .orElseThrow();
        spans.record("propose", START, START.plusMillis(1500), Map.of(StageSpans.PROPOSAL, "p-1"));
        spans.record(
                "apply", START, START.plusSeconds(60), Map.of(StageSpans.PROPOSAL, "p-1", "error.type", "rolledBack"));
        spans.record("detect", START, START.plusMillis(3), Map.of());
        spans.close();

        backend.verify(3, postRequestedFor(urlEqualTo("/v1/traces")).withHeader("api-key", equalTo("a b")));
        List<Span> read = new ArrayList<>();
        backend.getAllServeEvents()
                .forEach(event -> read.addAll(decoded(event.getRequest().getBody())));
        assertThat(read)
                .extracting(Span::name)
                .containsExactlyInAnyOrder("scepsy propose", "scepsy apply", "scepsy detect");
        Span propose = named(read, "scepsy propose");
        assertThat(propose.endEpochNanos() - propose.startEpochNanos()).isEqualTo(1_500_000_000L);
        assertThat(propose.startEpochNanos() % 1000).isEqualTo(1);
        assertThat(propose.traceId()).isEqualTo(named(read, "scepsy apply").traceId());
        assertThat(propose.traceId()).isNotEqualTo(named(read, "scepsy detect").traceId());
    }

    private static Span named(List<Span> spans, String name) {
        return spans.stream()
                .filter(span -> span.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<Span> decoded(byte[] body) {
        try {
            List<Span> spans = new ArrayList<>();
            new OtlpDecoder().decode(body, OtlpDecoder.Form.JSON, spans::add);
            return spans;
        } catch (MalformedOtlpException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theTracesAddressIsTakenAsItIs() {
        try (StageSpans spans = spans(Map.of(
                        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                        backend.baseUrl() + "/otlp/in",
                        "OTEL_EXPORTER_OTLP_ENDPOINT",
                        "http://127.0.0.1:9"))
                .orElseThrow()) {
            spans.record("detect", START, START, Map.of());
        }
        backend.verify(1, postRequestedFor(urlEqualTo("/otlp/in")));
    }

    @Test
    void whereNobodyAsksNothingIsSent() {
        assertThat(spans(Map.of())).isEmpty();
        assertThat(spans(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", " "))).isEmpty();
        assertThat(spans(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", backend.baseUrl(), "OTEL_TRACES_EXPORTER", "none")))
                .isEmpty();
        assertThat(spans(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", backend.baseUrl(), "OTEL_SDK_DISABLED", "true")))
                .isEmpty();
        assertThat(logged.size()).isZero();
    }

    @Test
    void theServiceNeverSendsToItself() {
        InetSocketAddress any = new InetSocketAddress("0.0.0.0", backend.port());
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), backend.port());

        assertThat(spans(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:" + backend.port()), any))
                .isEmpty();
        assertThat(spans(
                        Map.of(
                                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                                "http://127.0.0.1:" + backend.port() + "/v1/traces"),
                        loopback))
                .isEmpty();

        assertThat(logged.toString(StandardCharsets.UTF_8).lines())
                .hasSize(2)
                .allMatch(line -> line.contains("is this service itself"));
    }

    @Test
    void whatCannotBeIsSaid() {
        assertThat(spans(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318")))
                .isEmpty();
        assertThat(spans(Map.of(
                        "OTEL_EXPORTER_OTLP_ENDPOINT", backend.baseUrl(), "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")))
                .isEmpty();

        assertThat(logged.toString(StandardCharsets.UTF_8)).contains("is no address of HTTP", "OTLP/HTTP only");
    }
}
