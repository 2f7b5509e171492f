package dev.scepsy.planner.otlp;

import dev.scepsy.planner.span.Span;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads traces from files and from Jaeger, one request at a time: what is held is one line and its spans. Malformed lines are
 * reported and skipped.
 *
 * <p>Not thread-safe; several readers may work side by side.
 */
public final class TraceReader {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(5);
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int GZIP_FIRST_BYTE = 0x1f;
    private static final int GZIP_SECOND_BYTE = 0x8b;

    private final OtlpJson json = new OtlpJson();
    private final Consumer<? super Span> spans;
    private final Consumer<? super MalformedLine> malformed;
    private final InstantSource clock;
    private long spanCount;
    private long malformedCount;

    /**
     * A reader.
     *
     * @param spans takes every span, in the order of the lines
     * @param malformed is told of every line that is skipped
     * @param clock what "now" is for Jaeger's lookback
     */
    public TraceReader(Consumer<? super Span> spans, Consumer<? super MalformedLine> malformed, InstantSource clock) {
        this.spans = spans;
        this.malformed = malformed;
        this.clock = clock;
    }

    /**
     * A line that is not OTLP.
     *
     * @param source the file
     * @param line from 1; 0 when it is no file of lines
     * @param message what is wrong with it
     */
    public record MalformedLine(String source, long line, String message) {

        /** {@code traces.jsonl:17: not JSON: ...} */
        @Override
        public String toString() {
            return source + (line > 0 ? ":" + line : "") + ": " + message;
        }
    }

    /** Spans read so far. */
    public long spanCount() {
        return spanCount;
    }

    /** Lines skipped so far. */
    public long malformedCount() {
        return malformedCount;
    }

    /**
     * Reads all of one source.
     *
     * @throws IOException if it cannot be read at all, saying why for people
     */
    public void read(TraceSource source) throws IOException {
        if (source instanceof TraceSource.TraceFile file) {
            try (InputStream stream = Files.newInputStream(file.path())) {
                read(file.name(), stream);
            }
        } else if (source instanceof TraceSource.Jaeger jaeger) {
            readJaeger(jaeger);
        }
    }

    /**
     * Reads OTLP JSON lines, plain or gzip (recognised by content, any number of members).
     *
     * @param name as reports of malformed lines call it
     */
    public void read(String name, InputStream stream) throws IOException {
        BufferedInputStream buffered = new LookingAheadStream(stream);
        buffered.mark(2);
        boolean gzip = buffered.read() == GZIP_FIRST_BYTE && buffered.read() == GZIP_SECOND_BYTE;
        buffered.reset();
        LineReader lines = new LineReader(gzip ? new GZIPInputStream(buffered, BUFFER_BYTES) : buffered);
        long line = 0;
        try {
            while (lines.next()) {
                line++;
                readLine(name, line, lines);
            }
        } catch (EOFException | ZipException e) {
            report(name, line + 1, "the gzip data is damaged or cut short: " + e.getMessage());
        }
    }

    /**
     * Says by {@link #available} whether the stream goes on, waiting for it if need be: {@link GZIPInputStream} looks for
     * a further member only then, and a pipe that happens to be empty would otherwise end the data.
     */
    private static final class LookingAheadStream extends BufferedInputStream {

        LookingAheadStream(InputStream stream) {
            super(stream, BUFFER_BYTES);
        }

        @Override
        public synchronized int available() throws IOException {
            int available = super.available();
            if (available > 0) {
                return available;
            }
            mark(1);
            int next = read();
            if (next < 0) {
                return 0;
            }
            reset();
            return 1;
        }
    }

    private void readLine(String name, long number, LineReader line) {
        if (line.isBlank()) {
            return;
        }
        try {
            json.read(line.bytes(), line.offset(), line.length(), this::take);
        } catch (MalformedOtlpException e) {
            report(name, number, e.getMessage());
        }
    }

    private void take(Span span) {
        spanCount++;
        spans.accept(span);
    }

    private void report(String name, long line, String message) {
        malformedCount++;
        malformed.accept(new MalformedLine(name, line, message));
    }

    private void readJaeger(TraceSource.Jaeger jaeger) throws IOException {
        HttpClient client = HttpClient.newBuilder()
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
        HttpResponse<InputStream> answer = ask(client, jaeger, JaegerQuery.Spelling.CAMEL);
        if (answer.statusCode() == 400) {
            answer.body().close();
            answer = ask(client, jaeger, JaegerQuery.Spelling.SNAKE);
        }
        try (InputStream body = answer.body()) {
            if (answer.statusCode() == 404) {
                String text = new String(body.readNBytes(BUFFER_BYTES), StandardCharsets.UTF_8);
                if (text.contains("No traces found")) {
                    return;
                }
                throw new IOException(jaeger.name() + " has no API v3 (404). Is this Jaeger's query port (16686)?");
            }
            if (answer.statusCode() != 200) {
                String text = new String(body.readNBytes(500), StandardCharsets.UTF_8);
                throw new IOException(jaeger.name() + " answered " + answer.statusCode() + ": " + text.strip());
            }
            json.readAll(body, this::take);
        } catch (MalformedOtlpException e) {
            report(jaeger.name(), 0, e.getMessage());
        }
    }

    private HttpResponse<InputStream> ask(HttpClient client, TraceSource.Jaeger jaeger, JaegerQuery.Spelling spelling)
            throws IOException {
        HttpRequest request = HttpRequest.newBuilder(jaeger.query().request(spelling, clock.instant()))
                .timeout(ANSWER_TIMEOUT)
                .header("Accept", "application/json")
                .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while reading from " + jaeger.name());
        } catch (IOException e) {
            throw new IOException(jaeger.name() + " cannot be reached: " + e);
        }
    }
}
