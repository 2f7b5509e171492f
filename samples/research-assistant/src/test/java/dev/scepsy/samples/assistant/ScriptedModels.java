package dev.scepsy.samples.assistant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** Six models on the loopback that say what the test wants; remembers which model was asked, in order of arrival. */
final class ScriptedModels implements AutoCloseable {

    /** What a chat model says next; {@code tool} asks for the tool with this argument instead. */
    record Answer(String text, boolean tool) {
        static Answer text(String text) {
            return new Answer(text, false);
        }

        static Answer callTool(String term) {
            return new Answer(term, true);
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    final List<JsonNode> requests = Collections.synchronizedList(new ArrayList<>());

    ScriptedModels(Function<JsonNode, Answer> script) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext(
                "/v1/chat/completions", exchange -> reply(exchange, chat(script.apply(remember(exchange)))));
        server.createContext("/v1/embeddings", exchange -> reply(exchange, embeddings(remember(exchange))));
        server.createContext("/rerank", exchange -> reply(exchange, rerank(remember(exchange))));
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private JsonNode remember(HttpExchange exchange) throws IOException {
        JsonNode request = JSON.readTree(exchange.getRequestBody());
        calls.add(request.path("model").asText());
        requests.add(request);
        return request;
    }

    private static Object chat(Answer answer) {
        Map<String, Object> message = answer.tool()
                ? Map.of(
                        "role",
                        "assistant",
                        "tool_calls",
                        List.of(Map.of(
                                "id",
                                "call-1",
                                "type",
                                "function",
                                "function",
                                Map.of("name", "countPassages", "arguments", "{\"term\":\"" + answer.text() + "\"}"))))
                : Map.of("role", "assistant", "content", answer.text());
        return Map.of(
                "id",
                "chat-1",
                "model",
                "scripted",
                "choices",
                List.of(Map.of("index", 0, "message", message, "finish_reason", answer.tool() ? "tool_calls" : "stop")),
                "usage",
                Map.of("prompt_tokens", 10, "completion_tokens", 5, "total_tokens", 15));
    }

    private static Object embeddings(JsonNode request) {
        List<Object> data = new ArrayList<>();
        int inputs = request.path("input").isArray() ? request.path("input").size() : 1;
        for (int i = 0; i < inputs; i++) {
            data.add(Map.of("index", i, "object", "embedding", "embedding", List.of(1.0, i * 0.01, 0.5)));
        }
        return Map.of("data", data, "model", "embedder", "usage", Map.of("prompt_tokens", 7, "total_tokens", 7));
    }

    private static Object rerank(JsonNode request) {
        List<Object> results = new ArrayList<>();
        for (int i = request.path("documents").size() - 1; i >= 0; i--) {
            results.add(Map.of("index", i, "relevance_score", 1.0 / (1 + i)));
        }
        return Map.of("model", "reranker", "results", results, "usage", Map.of("total_tokens", 9));
    }

    private static void reply(HttpExchange exchange, Object body) throws IOException {
        byte[] bytes = JSON.writeValueAsBytes(body);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, bytes.length);
        try (exchange) {
            exchange.getResponseBody().write(bytes);
        }
    }
}
