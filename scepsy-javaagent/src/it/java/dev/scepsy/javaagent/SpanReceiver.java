package dev.scepsy.javaagent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;

/** A real OTLP receiver (http/protobuf) on a loopback port. Thread-safe. */
final class SpanReceiver implements AutoCloseable {

    private final HttpServer server;
    private final List<ReceivedSpan> spans = new CopyOnWriteArrayList<>();
    private final List<ReceivedMetric> metrics = new CopyOnWriteArrayList<>();
    private final Set<String> scopes = ConcurrentHashMap.newKeySet();
    private final StringBuffer raw = new StringBuffer();
    private final Map<String, String> resource = new HashMap<>();

    SpanReceiver() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/v1/traces", this::receive);
        server.createContext("/v1/metrics", this::receiveMetrics);
        server.setExecutor(Executors.newSingleThreadExecutor(work -> {
            Thread thread = new Thread(work, "otlp");
            thread.setDaemon(true);
            return thread;
        }));
        server.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    List<ReceivedSpan> spans() {
        return List.copyOf(spans);
    }

    List<ReceivedSpan> spans(Predicate<ReceivedSpan> wanted) {
        return spans.stream().filter(wanted).toList();
    }

    /** Text attributes of the last resource seen. */
    Map<String, String> resource() {
        return resource;
    }

    /** Name and version of the scopes of spans. */
    Set<String> scopes() {
        return scopes;
    }

    List<ReceivedMetric> metrics(String name) {
        return metrics.stream().filter(metric -> metric.name().equals(name)).toList();
    }

    /** Without what the SDK says of itself. */
    List<ReceivedMetric> metrics() {
        return metrics.stream()
                .filter(metric -> metric.name().startsWith("gen_ai."))
                .toList();
    }

    /** Every byte received, as ISO-8859-1: for what must not be in it. */
    String raw() {
        return raw.toString();
    }

    private byte[] body(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        if ("gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))) {
            body = new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
        }
        raw.append(new String(body, StandardCharsets.ISO_8859_1));
        return body;
    }

    private void receiveMetrics(HttpExchange exchange) throws IOException {
        try (exchange) {
            for (ResourceMetrics batch :
                    ExportMetricsServiceRequest.parseFrom(body(exchange)).getResourceMetricsList()) {
                for (ScopeMetrics scope : batch.getScopeMetricsList()) {
                    for (Metric metric : scope.getMetricsList()) {
                        for (HistogramDataPoint point : metric.getHistogram().getDataPointsList()) {
                            metrics.add(new ReceivedMetric(
                                    metric.getName(),
                                    metric.getUnit(),
                                    point.getCount(),
                                    point.getSum(),
                                    attributes(point.getAttributesList())));
                        }
                        for (NumberDataPoint point : metric.getSum().getDataPointsList()) {
                            metrics.add(new ReceivedMetric(
                                    metric.getName(),
                                    metric.getUnit(),
                                    1,
                                    point.getAsInt(),
                                    attributes(point.getAttributesList())));
                        }
                    }
                }
            }
            exchange.sendResponseHeaders(200, -1);
        }
    }

    private void receive(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = body(exchange);
            for (ResourceSpans batch : ExportTraceServiceRequest.parseFrom(body).getResourceSpansList()) {
                batch.getResource()
                        .getAttributesList()
                        .forEach(kv -> resource.put(kv.getKey(), kv.getValue().getStringValue()));
                for (ScopeSpans scope : batch.getScopeSpansList()) {
                    scopes.add(
                            scope.getScope().getName() + " " + scope.getScope().getVersion());
                    scope.getSpansList().forEach(span -> spans.add(received(span)));
                }
            }
            exchange.sendResponseHeaders(200, -1);
        }
    }

    private static ReceivedSpan received(Span span) {
        HexFormat hex = HexFormat.of();
        return new ReceivedSpan(
                hex.formatHex(span.getTraceId().toByteArray()),
                hex.formatHex(span.getSpanId().toByteArray()),
                hex.formatHex(span.getParentSpanId().toByteArray()),
                span.getName(),
                span.getKindValue(),
                span.getStartTimeUnixNano(),
                span.getEndTimeUnixNano(),
                span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR,
                attributes(span.getAttributesList()));
    }

    private static Map<String, Object> attributes(List<KeyValue> received) {
        Map<String, Object> attributes = new HashMap<>();
        for (KeyValue attribute : received) {
            attributes.put(attribute.getKey(), value(attribute.getValue()));
        }
        return attributes;
    }

    private static Object value(AnyValue value) {
        return switch (value.getValueCase()) {
            case INT_VALUE -> value.getIntValue();
            case DOUBLE_VALUE -> value.getDoubleValue();
            case BOOL_VALUE -> value.getBoolValue();
            case ARRAY_VALUE ->
                value.getArrayValue().getValuesList().stream()
                        .map(AnyValue::getStringValue)
                        .toList();
            default -> value.getStringValue();
        };
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
