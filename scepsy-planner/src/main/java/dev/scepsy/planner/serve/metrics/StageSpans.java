package dev.scepsy.planner.serve.metrics;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.otlp.OtlpDecoder.Form;
import dev.scepsy.planner.receive.Forwarder;
import dev.scepsy.planner.receive.Notices;
import dev.scepsy.planner.receive.ReceivedRequest;
import dev.scepsy.planner.receive.Signal;
import dev.scepsy.planner.serve.log.ServiceLog;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The loop's stages as spans, sent as OTLP/HTTP JSON to where the standard variables say; stages of one proposal share a trace.
 * Sending is {@link Forwarder}'s: it never blocks who records. A dozen fields a minute need no SDK. Thread-safe.
 */
public final class StageSpans implements AutoCloseable {

    /** Attribute that puts spans into one trace. */
    public static final String PROPOSAL = "scepsy.proposal.id";

    static final int MOST_QUEUED_BYTES = 1 << 20;

    private static final String BASE = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private static final String TRACES = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private static final int TRACE_ID_BYTES = 16;
    private static final int SPAN_ID_BYTES = 8;
    private static final int INTERNAL = 1;
    private static final int STATUS_ERROR = 2;

    private final Forwarder forwarder;
    private final String service;
    private final SecureRandom random = new SecureRandom();

    private StageSpans(Forwarder forwarder, String service) {
        this.forwarder = forwarder;
        this.service = service;
    }

    /**
     * Starts sending if {@code environment} asks for it; where it asks for what cannot be, the log says so and nothing is sent.
     *
     * @param own addresses that the service itself listens on
     */
    public static Optional<StageSpans> start(
            Map<String, String> environment, List<InetSocketAddress> own, ServiceLog log) {
        Optional<String> traces = set(environment, TRACES);
        Optional<String> asked = traces.or(() -> set(environment, BASE));
        if (asked.isEmpty()
                || environment.getOrDefault("OTEL_SDK_DISABLED", "").equalsIgnoreCase("true")
                || environment.getOrDefault("OTEL_TRACES_EXPORTER", "").equals("none")) {
            return Optional.empty();
        }
        String variable = traces.isPresent() ? TRACES : BASE;
        Optional<URI> endpoint = uri(asked.get());
        if (endpoint.isEmpty()) {
            log.warn(variable
                    + " is no address of HTTP: the service's own spans are not sent. Write it as http://HOST:4318.");
            return Optional.empty();
        }
        String protocol = set(environment, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
                .or(() -> set(environment, "OTEL_EXPORTER_OTLP_PROTOCOL"))
                .orElse("");
        if (protocol.equals("grpc")) {
            log.warn(
                    "OTEL_EXPORTER_OTLP_PROTOCOL is grpc: the service's own spans go by OTLP/HTTP only and are not sent. Set it to"
                            + " http/json, and the endpoint to the receiver's HTTP port (4318).");
            return Optional.empty();
        }
        if (isOwn(endpoint.get(), own)) {
            log.warn(
                    variable
                            + " is this service itself: its own stages are no workflow, and are not sent. Name another backend.");
            return Optional.empty();
        }
        Forwarder forwarder = new Forwarder(
                endpoint.get(),
                traces.isPresent() ? endpoint : Optional.empty(),
                headers(environment),
                MOST_QUEUED_BYTES,
                Forwarder.Patience.ofOtlp(),
                new Notices(log::warn));
        return Optional.of(
                new StageSpans(forwarder, set(environment, "OTEL_SERVICE_NAME").orElse("scepsy-serve")));
    }

    private static Optional<String> set(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(value -> !value.isEmpty());
    }

    private static Optional<URI> uri(String text) {
        try {
            URI uri = URI.create(text);
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            return http && uri.getHost() != null ? Optional.of(uri) : Optional.empty();
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    private static Map<String, String> headers(Map<String, String> environment) {
        Map<String, String> headers = new TreeMap<>();
        String text = set(environment, "OTEL_EXPORTER_OTLP_TRACES_HEADERS")
                .or(() -> set(environment, "OTEL_EXPORTER_OTLP_HEADERS"))
                .orElse("");
        for (String header : text.split(",")) {
            int equals = header.indexOf('=');
            String name = equals < 0 ? "" : header.substring(0, equals).strip();
            if (name.matches("[A-Za-z0-9_.-]+")) {
                headers.put(name, decoded(header.substring(equals + 1).strip()));
            }
        }
        return headers;
    }

    private static String decoded(String value) {
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException plain) {
            return value;
        }
    }

    private static boolean isOwn(URI endpoint, List<InetSocketAddress> own) {
        int port = endpoint.getPort() >= 0
                ? endpoint.getPort()
                : endpoint.getScheme().equals("https") ? 443 : 80;
        try {
            InetAddress[] addresses = InetAddress.getAllByName(endpoint.getHost());
            return own.stream()
                    .filter(listening -> listening.getPort() == port)
                    .anyMatch(listening -> Arrays.stream(addresses)
                            .anyMatch(address -> address.isLoopbackAddress()
                                    || address.isAnyLocalAddress()
                                    || address.equals(listening.getAddress())));
        } catch (UnknownHostException unknown) {
            return false; // sending says it
        }
    }

    /**
     * A stage that has ended.
     *
     * @param stage such as {@code detect}
     * @param start on the wall
     * @param end likewise
     * @param attributes {@link #PROPOSAL} among them where there is one; {@code error.type} marks a failure
     */
    public void record(String stage, Instant start, Instant end, Map<String, String> attributes) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ObjectNode resourceSpans = root.putArray("resourceSpans").addObject();
        text(resourceSpans.putObject("resource").putArray("attributes"), "service.name", service);
        ObjectNode scopeSpans = resourceSpans.putArray("scopeSpans").addObject();
        scopeSpans.putObject("scope").put("name", "dev.scepsy.serve");
        ObjectNode span = scopeSpans.putArray("spans").addObject();
        span.put("traceId", traceId(attributes.get(PROPOSAL)));
        span.put("spanId", hex(SPAN_ID_BYTES));
        span.put("name", "scepsy " + stage);
        span.put("kind", INTERNAL);
        span.put("startTimeUnixNano", nanos(start));
        span.put("endTimeUnixNano", nanos(end));
        ArrayNode all = span.putArray("attributes");
        text(all, "scepsy.stage", stage);
        new TreeMap<>(attributes).forEach((key, value) -> text(all, key, value));
        if (attributes.containsKey("error.type")) {
            span.putObject("status").put("code", STATUS_ERROR);
        }
        byte[] body = root.toString().getBytes(StandardCharsets.UTF_8);
        forwarder.pass(new ReceivedRequest(Signal.TRACES, Form.JSON, body, false, body));
    }

    private static void text(ArrayNode attributes, String key, String value) {
        attributes.addObject().put("key", key).putObject("value").put("stringValue", value);
    }

    private static String nanos(Instant instant) {
        return Long.toString(
                Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano()));
    }

    private String traceId(@org.jspecify.annotations.Nullable String proposal) {
        if (proposal == null) {
            return hex(TRACE_ID_BYTES);
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(proposal.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, TRACE_ID_BYTES);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("Every Java platform has SHA-256.", impossible);
        }
    }

    private String hex(int bytes) {
        byte[] id = new byte[bytes];
        random.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    /** Sends what is queued, for a few seconds. */
    @Override
    public void close() {
        forwarder.close();
    }
}
