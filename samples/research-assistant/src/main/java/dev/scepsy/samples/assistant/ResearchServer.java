package dev.scepsy.samples.assistant;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** {@code POST /research} on the loopback, and {@code POST /critics} to change the workflow: one thread per run in progress, as many as there are. */
final class ResearchServer implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BACKLOG = 1_000;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "research");
        thread.setDaemon(true);
        return thread;
    });

    private ResearchServer(ResearchAssistant assistant, int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        server.setExecutor(threads);
        server.createContext("/research", exchange -> answer(assistant, exchange));
        server.createContext("/critics", exchange -> change(assistant, exchange));
        server.createContext("/health", exchange -> reply(exchange, 200, Map.of("status", "ok")));
    }

    static ResearchServer start(ResearchAssistant assistant, int port) throws IOException {
        ResearchServer server = new ResearchServer(assistant, port);
        server.server.start();
        return server;
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    /** {@code seed}, when given, marks the question, so that the same question can be asked again as another run. */
    private static void answer(ResearchAssistant assistant, HttpExchange exchange) throws IOException {
        JsonNode request = JSON.readTree(exchange.getRequestBody());
        String question = request.path("question").asText();
        if (question.isBlank()) {
            reply(exchange, 400, Map.of("error", "The body needs a \"question\"."));
            return;
        }
        String asked = request.hasNonNull("seed")
                ? question + " (run " + request.get("seed").asLong() + ")"
                : question;
        try {
            reply(exchange, 200, Map.of("report", assistant.research(asked)));
        } catch (RuntimeException e) {
            reply(exchange, 500, Map.of("error", String.valueOf(e)));
        }
    }

    /** {@code POST /critics {"count": 3}}: the critic is asked three times per review from now on. */
    private static void change(ResearchAssistant assistant, HttpExchange exchange) throws IOException {
        try {
            assistant.askCritics(
                    JSON.readTree(exchange.getRequestBody()).path("count").asInt());
            reply(exchange, 200, Map.of("status", "ok"));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            reply(exchange, 400, Map.of("error", String.valueOf(e.getMessage())));
        }
    }

    private static void reply(HttpExchange exchange, int status, Map<String, String> body) throws IOException {
        byte[] bytes = JSON.writeValueAsBytes(body);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        try (exchange) {
            exchange.getResponseBody().write(bytes);
        }
    }
}
