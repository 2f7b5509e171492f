package dev.scepsy.planner.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A server that is silent, stalls or lies in one way, whatever it is asked. */
final class BadServer implements AutoCloseable {

    /** What it does on a connection whose request it has read; it is closed afterwards. */
    interface Script {
        void play(OutputStream out, CountDownLatch end) throws IOException, InterruptedException;
    }

    private static final String LOGIN = "<!DOCTYPE html><html><body><form action=/login>Sign in</form></body></html>";

    static final Map<String, Script> SCRIPTS = new LinkedHashMap<>();

    static {
        SCRIPTS.put("silent", (out, end) -> end.await());
        SCRIPTS.put("stalls in the head", then("HTTP/1.1 200 OK\r\nContent-Ty"));
        SCRIPTS.put("stalls before the body", then(head("200 OK", "application/json", 1000)));
        SCRIPTS.put("stalls in the body", then(head("200 OK", "application/json", 1000) + "{\"items\": ["));
        SCRIPTS.put(
                "stalls in a chunk",
                then(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a"));
        SCRIPTS.put("stalls in an error", then(head("500 Internal Server Error", "text/plain", 1000) + "oops"));
        SCRIPTS.put("drips without end", (out, end) -> {
            send(out, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\": \"");
            while (!end.await(50, TimeUnit.MILLISECONDS)) {
                send(out, "x");
            }
        });
        SCRIPTS.put("closes at once", (out, end) -> {});
        SCRIPTS.put("closes in the body", once(head("200 OK", "application/json", 1000) + "{\"items\": ["));
        SCRIPTS.put("speaks no HTTP", once("SSH-2.0-OpenSSH_9.6\r\n"));
        SCRIPTS.put("login page", answer("200 OK", "text/html; charset=utf-8", LOGIN));
        SCRIPTS.put("login page as JSON", answer("200 OK", "application/json", LOGIN));
        SCRIPTS.put("empty", answer("200 OK", "application/json", ""));
        SCRIPTS.put("no content", once("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"));
        SCRIPTS.put("null", answer("200 OK", "application/json", "null"));
        SCRIPTS.put("empty object", answer("200 OK", "application/json", "{}"));
        SCRIPTS.put("list", answer("200 OK", "application/json", "[]"));
        SCRIPTS.put("text", answer("200 OK", "application/json", "\"OK\""));
        SCRIPTS.put("wrong kinds", answer("200 OK", "application/json", "{\"items\": {\"metadata\": 7}, \"data\": 3}"));
        SCRIPTS.put("deep", answer("200 OK", "application/json", "{\"items\":" + "[".repeat(50_000)));
        SCRIPTS.put(
                "to a login",
                once("HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n" + "Connection: close\r\n\r\n"));
        SCRIPTS.put("asks for a proxy's password", answer("407 Proxy Authentication Required", "text/html", LOGIN));
        SCRIPTS.put("unauthorized", answer("401 Unauthorized", "text/plain", "no"));
        SCRIPTS.put("forbidden", answer("403 Forbidden", "text/html", LOGIN));
        SCRIPTS.put("not found", answer("404 Not Found", "text/html", LOGIN));
        SCRIPTS.put("bad gateway", answer("502 Bad Gateway", "text/html", "<html>bad gateway</html>"));
    }

    private final ServerSocket socket;
    private final CountDownLatch end = new CountDownLatch(1);
    private final List<Socket> connections = new CopyOnWriteArrayList<>();

    BadServer(Script script) throws IOException {
        socket = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        daemon(() -> {
            while (true) {
                Socket connection = socket.accept();
                connections.add(connection);
                daemon(() -> {
                    try (connection) {
                        readRequest(connection.getInputStream());
                        script.play(connection.getOutputStream(), end);
                    }
                });
            }
        });
    }

    String url() {
        return "http://127.0.0.1:" + socket.getLocalPort();
    }

    private interface Task {
        void run() throws IOException, InterruptedException;
    }

    private static void daemon(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (IOException | InterruptedException ended) {
                // the client has gone, or the test is over
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    /** To the end of the head, and a little of the body. */
    private static void readRequest(InputStream in) throws IOException {
        int last = 0;
        for (int next = in.read(); next >= 0; next = in.read()) {
            last = last << 8 | next;
            if (last == 0x0d0a0d0a) {
                return;
            }
        }
    }

    private static Script then(String text) {
        return (out, end) -> {
            send(out, text);
            end.await();
        };
    }

    private static Script once(String text) {
        return (out, end) -> send(out, text);
    }

    private static Script answer(String status, String type, String body) {
        return once(head(status, type, body.length()) + body);
    }

    private static String head(String status, String type, int length) {
        return "HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\nConnection: close\r\nContent-Length: " + length
                + "\r\n\r\n";
    }

    private static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Override
    public void close() {
        end.countDown();
        try {
            socket.close();
            for (Socket connection : connections) {
                connection.close();
            }
        } catch (IOException e) {
            // closed is closed
        }
    }
}
