package dev.scepsy.planner.measure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** An OpenAI-compatible server on loopback that does what a test tells it, lies included. */
final class ScriptedServer implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Answers one request. */
    interface Script {
        void answer(Exchange exchange) throws IOException;
    }

    /** One request with the ways to answer it. */
    record Exchange(HttpExchange http, JsonNode body, int number) {

        void status(int code, String json) throws IOException {
            byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
            http.getResponseHeaders().set("Content-Type", "application/json");
            http.sendResponseHeaders(code, bytes.length);
            http.getResponseBody().write(bytes);
            http.close();
        }

        int askedTokens() {
            return body.path("max_tokens")
                    .asInt(body.path("max_completion_tokens").asInt());
        }

        /** Four characters a token, as the emulated engines count. */
        int promptTokens() {
            String text = body.path("messages").path(0).path("content").asText();
            return Math.max(1, text.split(" ").length);
        }

        /** A stream of {@code pieces} events, then the last one with {@code usage} (empty: none). */
        void stream(int pieces, String usage, boolean done) throws IOException {
            http.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
            http.sendResponseHeaders(200, 0);
            try (OutputStream out = http.getResponseBody()) {
                event(out, "{\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}");
                for (int i = 0; i < pieces; i++) {
                    event(out, "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"wörd \"}}]}");
                }
                if (done) {
                    event(out, "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}");
                    if (!usage.isEmpty()) {
                        event(out, "{\"choices\":[],\"usage\":" + usage + "}");
                    }
                    event(out, "[DONE]");
                }
            }
            http.close();
        }

        private static void event(OutputStream out, String data) throws IOException {
            out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        }

        /** What an honest server does. */
        void honest() throws IOException {
            int tokens = askedTokens();
            stream(tokens, usage(promptTokens(), tokens), true);
        }

        static String usage(int input, int output) {
            return "{\"prompt_tokens\":" + input + ",\"completion_tokens\":" + output + ",\"total_tokens\":"
                    + (input + output) + "}";
        }
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<JsonNode> bodies = new CopyOnWriteArrayList<>();
    private final List<String> keys = new CopyOnWriteArrayList<>();

    static {
        // read when the first server is made; without it small answers wait 40 ms for an acknowledgement
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    ScriptedServer(Script script) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 512);
        server.setExecutor(threads);
        server.createContext(
                "/v1/models",
                http -> new Exchange(http, JSON.nullNode(), 0)
                        .status(200, "{\"object\":\"list\",\"data\":[{\"id\":\"served\",\"object\":\"model\"}]}"));
        server.createContext("/v1/", http -> {
            JsonNode body = JSON.readTree(http.getRequestBody());
            int number;
            synchronized (bodies) {
                bodies.add(body);
                number = bodies.size();
            }
            keys.add(String.valueOf(http.getRequestHeaders().getFirst("Authorization")));
            try {
                script.answer(new Exchange(http, body, number));
            } catch (IOException gone) {
                http.close();
            }
        });
        server.start();
    }

    /** Answers {@code /metrics}, too. */
    void counts(Supplier<String> metrics) {
        server.createContext("/metrics", http -> new Exchange(http, JSON.nullNode(), 0).status(200, metrics.get()));
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    List<JsonNode> bodies() {
        return bodies;
    }

    List<String> keys() {
        return keys;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
