package dev.scepsy.javaagent.planning;

import dev.scepsy.javaagent.host.AgentThreads;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The running application's statistics over HTTP, on the loopback address: {@code GET /workflows.json}, and {@code GET
 * /plan.json} once there is a plan. The same bytes as the files. One request at a time, a connection for each, on a daemon thread.
 *
 * <p>Answers requests only that name this machine as their host, so that no web page can read them through a name that it
 * points here.
 *
 * <p>A server of our own, because the JDK's has a selecting thread, and whoever interrupts threads he does not know makes
 * that one spin for the rest of the JVM's life: a blocking socket does not mind.
 */
public final class StatisticsServer implements AutoCloseable {

    private static final Set<String> OWN_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final String NAME = "scepsy-statistics";
    private static final int LONGEST_REQUEST = 16 << 10; // bytes, to the end of the headers
    private static final int PATIENCE_MILLIS = 5_000;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** What is answered besides a document. */
    private enum Refusal {
        BAD_REQUEST(400, "Bad Request"),
        FORBIDDEN(403, "Forbidden"),
        NOT_FOUND(404, "Not Found"),
        METHOD_NOT_ALLOWED(405, "Method Not Allowed"),
        TOO_LARGE(431, "Request Header Fields Too Large"),
        FAILED(500, "Internal Server Error");

        private final String line;

        Refusal(int status, String reason) {
            this.line = status + " " + reason;
        }
    }

    private final ServerSocket server;
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
        server = new ServerSocket();
        try {
            server.setReuseAddress(true);
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException | RuntimeException taken) {
            server.close();
            throw taken;
        }
        AgentThreads.daemon(this::serve, NAME).start();
    }

    public int port() {
        return server.getLocalPort();
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket client = server.accept()) {
                client.setSoTimeout(PATIENCE_MILLIS);
                answer(client.getInputStream(), client.getOutputStream());
            } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError lost) {
                // One request is lost. Where no connection can be made at all, trying again at once would help nobody.
                LockSupport.parkNanos(this, PAUSE_NANOS);
            }
            Thread.interrupted(); // Meant for others.
        }
    }

    private void answer(InputStream in, OutputStream out) throws IOException {
        String request = head(in);
        if (request == null) {
            refuse(out, Refusal.TOO_LARGE, "");
            return;
        }
        String[] lines = request.split("\r?\n");
        String[] first = lines[0].split(" ");
        String path = first.length == 3 && first[2].startsWith("HTTP/1.") ? pathOf(first[1]) : null;
        if (path == null) {
            if (!request.isEmpty()) { // Else somebody only looked whether anybody listens.
                refuse(out, Refusal.BAD_REQUEST, "");
            }
            return;
        }
        Supplier<@Nullable String> document = documents.get(path);
        boolean head = first[0].equals("HEAD");
        if (!isForThisMachine(hostIn(lines))) {
            refuse(out, Refusal.FORBIDDEN, "");
        } else if (document == null) {
            refuse(out, Refusal.NOT_FOUND, "");
        } else if (!head && !first[0].equals("GET")) {
            refuse(out, Refusal.METHOD_NOT_ALLOWED, "Allow: GET, HEAD\r\n");
        } else {
            send(out, document, head);
        }
    }

    private static void send(OutputStream out, Supplier<@Nullable String> document, boolean head) throws IOException {
        String text;
        try {
            text = document.get();
        } catch (RuntimeException failure) {
            refuse(out, Refusal.FAILED, "");
            return;
        }
        if (text == null) {
            refuse(out, Refusal.NOT_FOUND, "");
            return;
        }
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        write(out, "200 OK", "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n");
        if (!head) {
            out.write(body);
        }
        out.flush();
    }

    private static void refuse(OutputStream out, Refusal refusal, String header) throws IOException {
        write(out, refusal.line, header + "Content-Length: 0\r\n");
        out.flush();
    }

    private static void write(OutputStream out, String status, String headers) throws IOException {
        out.write(("HTTP/1.1 " + status + "\r\n" + headers + "Connection: close\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Request line and headers; what follows them is nobody's. Null where they have no end. */
    private static @Nullable String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        for (int next = in.read(); next >= 0; next = in.read()) {
            head.append((char) next);
            int length = head.length();
            if (next == '\n' && (ends(head, "\r\n\r\n") || ends(head, "\n\n"))) {
                return head.toString();
            }
            if (length >= LONGEST_REQUEST) {
                return null;
            }
        }
        return head.toString();
    }

    private static boolean ends(StringBuilder text, String with) {
        return text.length() >= with.length() && text.indexOf(with, text.length() - with.length()) >= 0;
    }

    private static @Nullable String pathOf(String target) {
        try {
            return URI.create(target).getPath();
        } catch (IllegalArgumentException none) {
            return null;
        }
    }

    private static @Nullable String hostIn(String[] lines) {
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0
                    && lines[i].substring(0, colon).toLowerCase(Locale.ROOT).equals("host")) {
                return lines[i].substring(colon + 1).trim();
            }
        }
        return null;
    }

    private static boolean isForThisMachine(@Nullable String host) {
        return host != null && OWN_NAMES.contains(host.replaceFirst(":\\d+$", ""));
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException closed) {
            // It was about to be.
        }
    }
}
