package dev.scepsy.planner.serve.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.linecorp.armeria.common.TlsProvider;
import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.serve.settings.Role;
import dev.scepsy.planner.serve.settings.ServeSettings;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real server over fakes, and a client that holds every answer against the API's description. */
final class Running implements AutoCloseable {

    static final Map<String, Actor> TOKENS = Map.of(
            "sender-token", new Actor("collector", Role.SENDER),
            "viewer-token", new Actor("eve", Role.VIEWER),
            "operator-token", new Actor("ann", Role.OPERATOR));
    static final WebLimits LIMITS = WebLimits.defaults();

    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: ([0-9]+)");
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    final MemoryJournal journal = new MemoryJournal();
    final FakeObservations observations = new FakeObservations();
    final FakeOperations operations = new FakeOperations(journal);
    final Map<String, Actor> tokens = new ConcurrentHashMap<>(TOKENS);
    final ByteArrayOutputStream logged = new ByteArrayOutputStream();
    final ServiceLog log = new ServiceLog(new PrintStream(logged, true, StandardCharsets.UTF_8), false, Instant::now);
    final AtomicReference<Instant> now = new AtomicReference<>(FakeOperations.AT);
    final WebServer server;

    private Running(boolean access, WebLimits limits, Optional<TlsProvider> tls) throws IOException {
        ServiceTime time = new ServiceTime() {
            @Override
            public Instant instant() {
                return now.get();
            }

            @Override
            public Duration real(Duration serviceTime) {
                return serviceTime;
            }
        };
        server = WebServer.start(
                settings(access, InetAddress.getLoopbackAddress()),
                access ? Optional.of(token -> Optional.ofNullable(tokens.get(token))) : Optional.empty(),
                tls,
                new WebServer.Shown(observations, observations, operations, journal, () -> "scepsy_up 1\n"),
                time,
                log,
                limits);
    }

    static Running open() throws IOException {
        return new Running(false, LIMITS, Optional.empty());
    }

    static Running guarded() throws IOException {
        return new Running(true, LIMITS, Optional.empty());
    }

    static Running open(WebLimits limits) throws IOException {
        return new Running(false, limits, Optional.empty());
    }

    static Running guarded(WebLimits limits) throws IOException {
        return new Running(true, limits, Optional.empty());
    }

    static Running guarded(TlsProvider tls) throws IOException {
        return new Running(true, LIMITS, Optional.of(tls));
    }

    static ServeSettings settings(boolean access, InetAddress address) {
        InetSocketAddress free = new InetSocketAddress(address, 0);
        return new ServeSettings(
                new ServeSettings.Listen(free, free, free),
                List.of(),
                Optional.empty(),
                Path.of("models.yaml"),
                Optional.empty(),
                new ServeSettings.StoreSettings("jdbc:h2:mem:x", Optional.empty()),
                new ServeSettings.StatisticsSettings(
                        Duration.ofHours(24), 30, Duration.ofSeconds(10), Duration.ofMinutes(15), 1000, 1, "default"),
                200,
                new ServeSettings.EngineSettings(Duration.ofSeconds(5), List.of()),
                Map.of("research", new ServeSettings.Target(OptionalDouble.of(0.5), OptionalDouble.empty())),
                new ServeSettings.TargetDefaults(0.95, Duration.ofMinutes(5), 1.2),
                new ServeSettings.Replan(
                        ServeSettings.Mode.PROPOSE,
                        Set.of(),
                        0.1,
                        Duration.ofMinutes(30),
                        8,
                        0,
                        new ServeSettings.Verify(Duration.ofMinutes(10), 0.25, true),
                        List.of()),
                Optional.empty(),
                Optional.of("http://jaeger/trace/{traceId}"),
                access
                        ? Optional.of(new ServeSettings.Access(
                                Path.of("tokens.txt"), List.of("scepsy.example"), Optional.empty()))
                        : Optional.empty());
    }

    void event(String type, Object data) {
        journal.write(new Change().event(FakeOperations.AT, type, data));
    }

    String logText() {
        return logged.toString(StandardCharsets.UTF_8);
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    }

    Reply get(String path, String... headers) {
        return send("GET", path, null, headers);
    }

    /** With the headers that requests need that change something. */
    Reply change(String method, String path, String body, String... headers) {
        String[] all = java.util.Arrays.copyOf(headers, headers.length + 4);
        System.arraycopy(
                new String[] {"Content-Type", "application/json", "X-Scepsy-Request", "1"}, 0, all, headers.length, 4);
        return send(method, path, body, all);
    }

    Reply send(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .timeout(Duration.ofSeconds(20))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            HttpResponse<String> response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
            Reply reply = new Reply(
                    response.statusCode(),
                    response.body(),
                    name -> response.headers().firstValue(name).orElse(""));
            if (response.statusCode() == 500) {
                throw new AssertionError(logText());
            }
            if (!method.equals("HEAD")) {
                OpenApi.check(method, path, reply.status(), reply.header("content-type"), reply.body());
            }
            return reply;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Bytes as they are: the JDK's client sets some headers itself. The whole answer, or nothing where the server just closes. */
    String raw(String request) throws IOException {
        try (Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
            InputStream in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    return head.toString();
                }
                head.append((char) next);
            }
            Matcher length = LENGTH.matcher(head);
            return head
                    + new String(
                            in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0),
                            StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        server.close();
    }

    static String bearer(String token) {
        return "Bearer " + token;
    }

    /** An answer. */
    record Reply(int status, String body, java.util.function.UnaryOperator<String> headers) {
        JsonNode json() {
            return Documents.parse(body);
        }

        String header(String name) {
            return headers.apply(name);
        }
    }
}
