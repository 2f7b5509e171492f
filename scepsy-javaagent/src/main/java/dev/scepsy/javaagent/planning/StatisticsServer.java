package dev.scepsy.javaagent.planning;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.scepsy.javaagent.host.AgentThreads;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The running application's statistics over HTTP, on the loopback address: {@code GET /workflows.json}, and {@code GET
 * /plan.json} once there is a plan. The same bytes as the files. One request at a time, on a daemon thread.
 *
 * <p>Answers requests only that name this machine as their host, so that no web page can read them through a name that it
 * points here.
 */
public final class StatisticsServer implements AutoCloseable {

    private static final Set<String> OWN_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final int OK = 200;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int FAILED = 500;

    private final HttpServer server;
    private final Map<String, Supplier<@Nullable String>> documents;

    /**
     * Starts listening.
     *
     * @param port 1 to 65535; 0 takes a free one
     * @param documents JSON by path; null while there is none
     * @throws IOException when the port is taken
     */
    public StatisticsServer(int port, Map<String, Supplier<@Nullable String>> documents) throws IOException {
        this.documents = Map.copyOf(documents);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newSingleThreadExecutor(work -> {
            return AgentThreads.daemon(work, "scepsy-statistics");
        }));
        startWithDaemonThread();
    }

    /** The server's own thread inherits its being a daemon from the one that starts it. */
    private void startWithDaemonThread() {
        Thread starter = AgentThreads.daemon(server::start, "scepsy-statistics-start");
        starter.start();
        try {
            starter.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Supplier<@Nullable String> document =
                    documents.get(exchange.getRequestURI().getPath());
            boolean head = exchange.getRequestMethod().equals("HEAD");
            if (!isForThisMachine(exchange.getRequestHeaders().getFirst("Host"))) {
                exchange.sendResponseHeaders(FORBIDDEN, -1);
            } else if (document == null) {
                exchange.sendResponseHeaders(NOT_FOUND, -1);
            } else if (!head && !exchange.getRequestMethod().equals("GET")) {
                exchange.getResponseHeaders().add("Allow", "GET, HEAD");
                exchange.sendResponseHeaders(METHOD_NOT_ALLOWED, -1);
            } else {
                send(exchange, document, head);
            }
        }
    }

    private static void send(HttpExchange exchange, Supplier<@Nullable String> document, boolean head)
            throws IOException {
        String text;
        try {
            text = document.get();
        } catch (RuntimeException failure) {
            exchange.sendResponseHeaders(FAILED, -1);
            return;
        }
        if (text == null) {
            exchange.sendResponseHeaders(NOT_FOUND, -1);
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(OK, head ? -1 : bytes.length);
        if (!head) {
            exchange.getResponseBody().write(bytes);
        }
    }

    private static boolean isForThisMachine(@Nullable String host) {
        return host != null && OWN_NAMES.contains(host.replaceFirst(":\\d+$", ""));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
