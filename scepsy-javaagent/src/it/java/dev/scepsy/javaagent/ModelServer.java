package dev.scepsy.javaagent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/**
 * An OpenAI-compatible server on a loopback port that answers by what it is asked: {@code fail once} gets one 503,
 * {@code fail always} a 400; a request with tools gets a call of each tool until results are there. Thread-safe.
 */
final class ModelServer implements AutoCloseable {

    private final HttpServer server;
    private final ObjectMapper json = new ObjectMapper();
    private final Set<String> failed = ConcurrentHashMap.newKeySet();
    private final List<String> workflows = new CopyOnWriteArrayList<>();
    private final List<String> traceParents = new CopyOnWriteArrayList<>();

    ModelServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/v1/chat/completions", this::chat);
        server.createContext("/v1/embeddings", this::embeddings);
        server.setExecutor(Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work, "models");
            thread.setDaemon(true);
            return thread;
        }));
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    String baseUrl() {
        return "http://127.0.0.1:" + port() + "/v1";
    }

    /** Workflow and execution as requests told them, in order. */
    List<String> workflows() {
        return List.copyOf(workflows);
    }

    /** The {@code traceparent} headers seen, in order. */
    List<String> traceParents() {
        return List.copyOf(traceParents);
    }

    private void chat(HttpExchange exchange) throws IOException {
        try (exchange) {
            String workflow = exchange.getRequestHeaders().getFirst("scepsy-workflow");
            if (workflow != null) {
                workflows.add(workflow + " " + exchange.getRequestHeaders().getFirst("scepsy-workflow-execution"));
            }
            String traceParent = exchange.getRequestHeaders().getFirst("traceparent");
            if (traceParent != null) {
                traceParents.add(traceParent);
            }
            JsonNode request = json.readTree(exchange.getRequestBody());
            JsonNode messages = request.path("messages");
            String asked = messages.toString();
            if (asked.contains("fail always")) {
                answer(exchange, 400, "{\"error\": {\"message\": \"no\"}}");
            } else if (asked.contains("fail once") && failed.add(asked)) {
                answer(exchange, 503, "{\"error\": {\"message\": \"later\"}}");
            } else {
                boolean answered =
                        messages.path(messages.size() - 1).path("role").asText().equals("tool");
                boolean callTools = request.has("tools") && !answered;
                if (request.path("stream").asBoolean()) {
                    stream(exchange, request, callTools);
                } else {
                    answer(exchange, 200, completion(request, callTools));
                }
            }
        }
    }

    private static String completion(JsonNode request, boolean callTools) {
        String message = callTools
                ? "{\"role\": \"assistant\", \"content\": null, \"tool_calls\": ["
                        + String.join(", ", calls(request, false)) + "]}"
                : "{\"role\": \"assistant\", \"content\": \"all is well\"}";
        return """
            {"id": "cmpl-1", "object": "chat.completion", "created": 1, "model": "%s-0613",
             "choices": [{"index": 0, "message": %s, "finish_reason": "%s"}],
             "usage": {"prompt_tokens": 21, "completion_tokens": 5, "total_tokens": 26}}
            """.formatted(request.path("model").asText(), message, callTools ? "tool_calls" : "stop");
    }

    private static List<String> calls(JsonNode request, boolean indexed) {
        List<String> calls = new ArrayList<>();
        for (JsonNode tool : request.path("tools")) {
            int index = calls.size();
            calls.add("{" + (indexed ? "\"index\": " + index + ", " : "") + "\"id\": \"call-" + index
                    + "\", \"type\": \"function\", \"function\": {\"name\": \""
                    + tool.path("function").path("name").asText()
                    + "\", \"arguments\": \"{\\\"arg0\\\": \\\"Paris\\\", \\\"city\\\": \\\"Paris\\\"}\"}}");
        }
        return calls;
    }

    private static void stream(HttpExchange exchange, JsonNode request, boolean callTools) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            if (callTools) {
                for (String call : calls(request, true)) {
                    chunk(out, request, "{\"role\": \"assistant\", \"tool_calls\": [" + call + "]}", "null");
                }
                chunk(out, request, "{}", "\"tool_calls\"");
            } else {
                for (String word : List.of("all ", "is ", "well")) {
                    chunk(out, request, "{\"role\": \"assistant\", \"content\": \"" + word + "\"}", "null");
                }
                chunk(out, request, "{}", "\"stop\"");
            }
            write(
                    out,
                    "{\"id\": \"cmpl-2\", \"object\": \"chat.completion.chunk\", \"model\": \"m\", \"choices\": [],"
                            + " \"usage\": {\"prompt_tokens\": 21, \"completion_tokens\": 5, \"total_tokens\": 26}}");
            write(out, "[DONE]");
        }
    }

    private static void chunk(OutputStream out, JsonNode request, String delta, String finish) throws IOException {
        write(
                out,
                "{\"id\": \"cmpl-2\", \"object\": \"chat.completion.chunk\", \"model\": \""
                        + request.path("model").asText() + "-0613\", \"choices\": [{\"index\": 0, \"delta\": " + delta
                        + ", \"finish_reason\": " + finish + "}]}");
    }

    private static void write(OutputStream out, String data) throws IOException {
        out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private void embeddings(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode request = json.readTree(exchange.getRequestBody());
            StringBuilder data = new StringBuilder();
            int count = Math.max(1, request.path("input").size());
            for (int i = 0; i < count; i++) {
                data.append(i == 0 ? "" : ", ").append("{\"index\": ").append(i).append(", \"embedding\": [0.6, 0.8]}");
            }
            answer(
                    exchange,
                    200,
                    "{\"object\": \"list\", \"model\": \"embedder\", \"data\": [" + data
                            + "], \"usage\": {\"prompt_tokens\": 9, \"total_tokens\": 9}}");
        }
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
