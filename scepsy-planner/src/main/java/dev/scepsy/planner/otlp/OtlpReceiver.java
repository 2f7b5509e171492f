package dev.scepsy.planner.otlp;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.scepsy.planner.span.Span;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * HTTP server on the loopback address that takes OTLP traces as any exporter sends them: {@code POST /v1/traces}, protobuf or
 * JSON, plain or gzip. Hands the spans to a consumer, and where asked to, records the requests as OTLP JSON lines and
 * passes them on unchanged.
 *
 * <p>Metrics and logs posted to it are taken and dropped, so that an exporter of all signals stays quiet. Thread-safe; the
 * consumer is called by several threads.
 */
public final class OtlpReceiver implements AutoCloseable {

    /** Where exporters send traces, below an endpoint. */
    public static final String TRACES_PATH = "/v1/traces";

    /** Largest request that is taken, after decompression. */
    public static final int DEFAULT_MAX_REQUEST_BYTES = 64 << 20;

    private static final String PROTOBUF = "application/x-protobuf";
    private static final String JSON = "application/json";
    private static final int THREADS = 4;
    private static final int BACKLOG = 256;

    private final HttpServer server;
    private final ExecutorService threads;
    private final Consumer<? super Span> sink;
    private final int maxRequestBytes;
    private final Optional<OtlpLines> lines;
    private final Optional<OtlpForwarder> forwarder;
    private final ThreadLocal<OtlpJson> json = ThreadLocal.withInitial(OtlpJson::new);
    private final LongAdder requests = new LongAdder();
    private final LongAdder spans = new LongAdder();
    private final LongAdder rejected = new LongAdder();

    private OtlpReceiver(Builder builder) throws IOException {
        sink = builder.sink;
        maxRequestBytes = builder.maxRequestBytes;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), builder.port), BACKLOG);
        lines = builder.recording == null ? Optional.empty() : Optional.of(OtlpLines.append(builder.recording));
        forwarder = builder.forwardTo == null ? Optional.empty() : Optional.of(new OtlpForwarder(builder.forwardTo));
        AtomicInteger number = new AtomicInteger();
        threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "scepsy-otlp-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** A receiver whose spans go to {@code sink}, which must not block. */
    public static Builder builder(Consumer<? super Span> sink) {
        return new Builder(sink);
    }

    /** What exporters are to be told: {@code OTEL_EXPORTER_OTLP_ENDPOINT}. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port());
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** What has arrived so far. */
    public Counts counts() {
        return new Counts(
                requests.sum(),
                spans.sum(),
                rejected.sum(),
                forwarder.map(OtlpForwarder::failures).orElse(0L));
    }

    /**
     * What a receiver has seen.
     *
     * @param requests trace requests taken
     * @param spans spans in them
     * @param rejected requests answered with an error
     * @param notForwarded requests that the further endpoint did not take
     */
    public record Counts(long requests, long spans, long rejected, long notForwarded) {}

    @Override
    public void close() throws IOException {
        server.stop(0);
        threads.shutdown();
        forwarder.ifPresent(OtlpForwarder::close);
        if (lines.isPresent()) {
            lines.get().close();
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer = answer(exchange);
            if (answer.status() >= 400) {
                rejected.increment();
            }
            exchange.getResponseHeaders().set("Content-Type", answer.type());
            byte[] body = answer.body();
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            if (body.length > 0) {
                try (OutputStream response = exchange.getResponseBody()) {
                    response.write(body);
                }
            }
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        String type = mediaType(exchange.getRequestHeaders().getFirst("Content-Type"));
        if (!exchange.getRequestMethod().equals("POST")) {
            return Answer.refuse(405, type, "OTLP is sent by POST");
        }
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/v1/metrics") || path.equals("/v1/logs")) {
            exchange.getRequestBody().skip(Long.MAX_VALUE);
            return Answer.accept(type);
        }
        if (!path.equals(TRACES_PATH)) {
            return Answer.refuse(404, type, "there is only " + TRACES_PATH);
        }
        if (!type.equals(PROTOBUF) && !type.equals(JSON)) {
            return Answer.refuse(415, type, "the content type (" + type + ") must be " + PROTOBUF + " or " + JSON);
        }
        String encoding = exchange.getRequestHeaders().getFirst("Content-Encoding");
        byte[] sent;
        byte[] request;
        try {
            sent = readAtMost(exchange.getRequestBody(), maxRequestBytes);
            request = decompress(sent, encoding);
        } catch (TooLargeException e) {
            return Answer.refuse(413, type, "the request is larger than " + maxRequestBytes + " bytes");
        } catch (ZipException | java.io.EOFException e) {
            return Answer.refuse(400, type, "the request is not gzip: " + e.getMessage());
        } catch (MalformedOtlpException e) {
            return Answer.refuse(415, type, e.getMessage());
        }
        try {
            take(request, type);
        } catch (MalformedOtlpException e) {
            return Answer.refuse(400, type, e.getMessage());
        }
        forwarder.ifPresent(onward -> onward.send(sent, type, encoding));
        return Answer.accept(type);
    }

    private void take(byte[] request, String type) throws IOException {
        byte[] line = type.equals(PROTOBUF) ? OtlpProtobuf.toJson(request) : OtlpLines.onOneLine(request);
        List<Span> decoded = new ArrayList<>();
        json.get().read(line, 0, line.length, decoded::add);
        requests.increment();
        spans.add(decoded.size());
        decoded.forEach(sink);
        if (lines.isPresent() && !decoded.isEmpty()) {
            lines.get().write(line);
        }
    }

    private byte[] decompress(byte[] sent, @Nullable String encoding) throws IOException {
        if (encoding == null || encoding.isEmpty() || encoding.equals("identity")) {
            return sent;
        }
        if (!encoding.equals("gzip")) {
            throw new MalformedOtlpException("the content encoding (" + encoding + ") must be gzip or none");
        }
        try (InputStream plain = new GZIPInputStream(new java.io.ByteArrayInputStream(sent))) {
            return readAtMost(plain, maxRequestBytes);
        }
    }

    private static byte[] readAtMost(InputStream stream, int maxBytes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(8192);
        byte[] chunk = new byte[8192];
        for (int read = stream.read(chunk); read >= 0; read = stream.read(chunk)) {
            if (bytes.size() + read > maxBytes) {
                throw new TooLargeException();
            }
            bytes.write(chunk, 0, read);
        }
        return bytes.toByteArray();
    }

    private static String mediaType(@Nullable String contentType) {
        if (contentType == null) {
            return "";
        }
        int parameters = contentType.indexOf(';');
        return (parameters < 0 ? contentType : contentType.substring(0, parameters))
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    private static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1;
    }

    /** What an exporter is answered, in the encoding it speaks. */
    private record Answer(int status, String type, byte[] body) {

        static Answer accept(String type) {
            // an empty ExportTraceServiceResponse
            return type.equals(PROTOBUF)
                    ? new Answer(200, PROTOBUF, new byte[0])
                    : new Answer(200, JSON, "{}".getBytes(StandardCharsets.UTF_8));
        }

        /** A google.rpc.Status whose field 2 is the message. */
        static Answer refuse(int status, String type, String message) {
            byte[] text = message.getBytes(StandardCharsets.UTF_8);
            if (type.equals(PROTOBUF) && text.length < 128) {
                byte[] body = new byte[text.length + 2];
                body[0] = 2 << 3 | 2;
                body[1] = (byte) text.length;
                System.arraycopy(text, 0, body, 2, text.length);
                return new Answer(status, PROTOBUF, body);
            }
            String escaped = message.replace("\\", "\\\\").replace("\"", "\\\"");
            return new Answer(status, JSON, ("{\"message\": \"" + escaped + "\"}").getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Collects the settings. */
    public static final class Builder {
        private final Consumer<? super Span> sink;
        private int port;
        private int maxRequestBytes = DEFAULT_MAX_REQUEST_BYTES;
        private @Nullable Path recording;
        private @Nullable URI forwardTo;

        private Builder(Consumer<? super Span> sink) {
            this.sink = sink;
        }

        /** Port on the loopback address; 0, the default, takes any free one. */
        public Builder port(int port) {
            this.port = port;
            return this;
        }

        public Builder maxRequestBytes(int maxRequestBytes) {
            this.maxRequestBytes = maxRequestBytes;
            return this;
        }

        /** Appends every request with spans to this file, one OTLP JSON line each. */
        public Builder recordTo(Path file) {
            this.recording = file;
            return this;
        }

        /** Passes every request on, unchanged, to {@code endpoint + /v1/traces}; failures are counted, never waited for. */
        public Builder forwardTo(URI endpoint) {
            this.forwardTo = endpoint;
            return this;
        }

        /** @throws IOException if the port is taken or the recording cannot be opened */
        public OtlpReceiver start() throws IOException {
            return new OtlpReceiver(this);
        }
    }
}
