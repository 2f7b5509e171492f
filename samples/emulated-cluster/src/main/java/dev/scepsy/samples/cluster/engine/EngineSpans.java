package dev.scepsy.samples.cluster.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What vLLM sends with {@code --otlp-traces-endpoint}: one {@code llm_request} span of kind SERVER per request, below the caller's
 * {@code traceparent}, with where the time went. OTLP as JSON over HTTP. All times are real seconds, as the caller's span has
 * them, whatever the time scale. One request at a time is on its way; an endpoint that does not answer costs spans, not
 * requests. Thread-safe.
 */
final class EngineSpans {

    private static final Pattern TRACE_PARENT = Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})");
    private static final int MOST_WAITING = 4_096;
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final URI endpoint;
    private final String model;
    private final EventClock clock;
    private final InstantSource wallClock;
    private List<ObjectNode> waiting = new ArrayList<>();
    private boolean sending;

    EngineSpans(URI endpoint, String model, EventClock clock, InstantSource wallClock) {
        this.endpoint = endpoint;
        this.model = model;
        this.clock = clock;
        this.wallClock = wallClock;
    }

    /** A request is through, at {@code nowSeconds} emulated. */
    void finished(EngineRequest request, double nowSeconds) {
        String traceId = HexFormat.of().toHexDigits(random()) + HexFormat.of().toHexDigits(random());
        String parent = "";
        Matcher caller = TRACE_PARENT.matcher(request.traceParent() == null ? "" : request.traceParent());
        if (caller.matches()) {
            if ((Integer.parseInt(caller.group(3), 16) & 1) == 0) {
                return; // The caller's trace is not recorded: nor is this part of it.
            }
            traceId = caller.group(1);
            parent = caller.group(2);
        }
        add(span(request, nowSeconds, traceId, parent));
    }

    private ObjectNode span(EngineRequest request, double nowSeconds, String traceId, String parent) {
        Instant now = wallClock.instant();
        long endNanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
        double seconds = real(nowSeconds - request.arrivedSeconds());
        ObjectNode span = JsonNodeFactory.instance.objectNode();
        span.put("traceId", traceId);
        span.put("spanId", HexFormat.of().toHexDigits(random()));
        if (!parent.isEmpty()) {
            span.put("parentSpanId", parent);
            span.put("flags", 0x301);
        }
        span.put("name", "llm_request").put("kind", 2);
        span.put("startTimeUnixNano", Long.toString(endNanos - (long) (seconds * 1e9)));
        span.put("endTimeUnixNano", Long.toString(endNanos));
        ArrayNode attributes = span.putArray("attributes");
        text(attributes, "gen_ai.response.model", model);
        number(attributes, "gen_ai.usage.prompt_tokens", request.inputTokens());
        number(attributes, "gen_ai.usage.completion_tokens", request.outputTokens());
        double queue = real(request.admittedSeconds() - request.arrivedSeconds());
        double prefill = real(request.firstTokenSeconds() - request.admittedSeconds());
        double decode = real(nowSeconds - request.firstTokenSeconds());
        decimal(attributes, "gen_ai.latency.e2e", seconds);
        decimal(attributes, "gen_ai.latency.time_in_queue", queue);
        decimal(attributes, "gen_ai.latency.time_to_first_token", queue + prefill);
        decimal(attributes, "gen_ai.latency.time_in_model_prefill", prefill);
        decimal(attributes, "gen_ai.latency.time_in_model_decode", decode);
        decimal(attributes, "gen_ai.latency.time_in_model_inference", prefill + decode);
        return span;
    }

    private double real(double emulatedSeconds) {
        return Math.max(0, emulatedSeconds / clock.timeScale());
    }

    private static long random() {
        return ThreadLocalRandom.current().nextLong() | 1;
    }

    private static void text(ArrayNode attributes, String key, String value) {
        attributes.addObject().put("key", key).putObject("value").put("stringValue", value);
    }

    private static void number(ArrayNode attributes, String key, int value) {
        attributes.addObject().put("key", key).putObject("value").put("intValue", Integer.toString(value));
    }

    private static void decimal(ArrayNode attributes, String key, double value) {
        attributes.addObject().put("key", key).putObject("value").put("doubleValue", value);
    }

    private synchronized void add(ObjectNode span) {
        if (waiting.size() < MOST_WAITING) {
            waiting.add(span);
        }
        if (!sending) {
            send();
        }
    }

    private synchronized void sent() {
        sending = false;
        if (!waiting.isEmpty()) {
            send();
        }
    }

    private synchronized void send() {
        sending = true;
        ObjectNode request = JsonNodeFactory.instance.objectNode();
        ObjectNode resource = request.putArray("resourceSpans").addObject();
        text(resource.putObject("resource").putArray("attributes"), "service.name", "vllm-" + model);
        ObjectNode scope = resource.putArray("scopeSpans").addObject();
        scope.putObject("scope").put("name", "vllm.llm_engine");
        scope.putArray("spans").addAll(waiting);
        waiting = new ArrayList<>();
        HTTP.sendAsync(
                        HttpRequest.newBuilder(endpoint)
                                .timeout(Duration.ofSeconds(5))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(
                                        OpenAiApi.bytes(request).getBytes()))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .whenComplete((@Nullable HttpResponse<Void> answer, @Nullable Throwable failure) -> sent());
    }
}
