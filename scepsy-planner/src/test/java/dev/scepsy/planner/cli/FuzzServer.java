package dev.scepsy.planner.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An API server with one plan on it, a Jaeger and an engine on one port; one answer after the other can be another. */
final class FuzzServer implements AutoCloseable {

    static {
        // read when the first server is made; without it small answers wait 40 ms for an acknowledgement
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(8);
    private final Map<String, byte[]> answers = new ConcurrentHashMap<>();
    private final Map<String, byte[]> changed = new ConcurrentHashMap<>();

    private volatile boolean sealed;

    FuzzServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 512);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The answer to every request whose path ends so; what is patched there is kept. */
    void put(String path, String answer) {
        answers.put(path, answer.getBytes(StandardCharsets.UTF_8));
    }

    /** From now on what is patched is forgotten with the next {@link #restore}. */
    void seal() {
        sealed = true;
    }

    byte[] sound(String path) {
        return answers.get(path);
    }

    void change(String path, byte[] answer) {
        changed.put(path, answer);
    }

    void restore() {
        changed.clear();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] asked = exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath();
            if (!exchange.getRequestMethod().equals("GET") && path.startsWith("/api")) {
                if (path.endsWith("/configmaps/scepsy-plan")) {
                    (sealed ? changed : answers).put("/configmaps/scepsy-plan", asked);
                }
                send(exchange, 200, "application/json", asked);
                return;
            }
            for (Map.Entry<String, byte[]> known : answers.entrySet()) {
                if (path.endsWith(known.getKey())) {
                    boolean stream = known.getKey().endsWith("completions");
                    send(
                            exchange,
                            200,
                            stream ? "text/event-stream" : "application/json",
                            changed.getOrDefault(known.getKey(), known.getValue()));
                    return;
                }
            }
            send(
                    exchange,
                    404,
                    "application/json",
                    "{\"kind\": \"Status\", \"apiVersion\": \"v1\", \"status\": \"Failure\", \"code\": 404}"
                            .getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void send(HttpExchange exchange, int code, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
