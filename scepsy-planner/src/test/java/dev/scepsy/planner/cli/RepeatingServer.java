package dev.scepsy.planner.cli;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server that refuses everything and repeats what it was sent: for secrets that must not come back out. */
final class RepeatingServer implements AutoCloseable {

    private final List<String> received = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    private volatile int status = 401;

    RepeatingServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.createContext("/", exchange -> {
            try (exchange) {
                String sent =
                        exchange.getRequestHeaders().getFirst("Authorization") + " at " + exchange.getRequestURI();
                received.add(sent);
                byte[] body = ("{\"kind\": \"Status\", \"message\": \"no: " + sent
                                + "\", \"error\": {\"message\": \"no: " + sent + "\"}}")
                        .getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(status, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
    }

    /** The code of every later answer. */
    void answerWith(int code) {
        status = code;
    }

    int port() {
        return server.getAddress().getPort();
    }

    String url() {
        return "http://127.0.0.1:" + port();
    }

    /** Authorization and path of every request. */
    List<String> received() {
        return received;
    }

    /** A kubeconfig outside of what tests look through for secrets. */
    static Path kubeconfig(String address, String user) throws IOException {
        return Files.writeString(Files.createTempFile("scepsy", "kubeconfig"), """
                apiVersion: v1
                kind: Config
                current-context: c
                clusters: [{name: k, cluster: {server: "%s"}}]
                users: [{name: u, user: %s}]
                contexts: [{name: c, context: {cluster: k, user: u}}]
                """.formatted(address, user));
    }

    /** The verbs that need no more than a cluster. */
    static List<List<String>> clusterVerbs(Path folder) {
        return List.of(
                List.of("status"),
                List.of("status", "--json"),
                List.of("rollback", "--yes"),
                List.of(
                        "init",
                        "--kubernetes",
                        "--folder",
                        folder.resolve("init").toString()));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
