package dev.scepsy.planner.otlp;

import dev.scepsy.planner.span.Span;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Reads traces from files and from Jaeger, one request at a time: what is held is one line and its spans. Malformed lines are
 * reported and skipped.
 *
 * <p>Not thread-safe; several readers may work side by side.
 */
public final class TraceReader {

    /** How long another side may be silent. */
    record Limits(Duration connect, Duration firstAnswer, Duration silence, Duration wholeAnswer) {

        /** Seconds for a whole answer; docs/reference/limits.md names this system property. */
        static final String PROPERTY = "scepsy.jaeger-answer-seconds";

        private static final int WHOLE_SECONDS = 600;

        /** 10, 60, 30 and 600 seconds, and none of them longer than the property says. */
        static Limits standard() {
            int whole = Math.max(1, Integer.getInteger(PROPERTY, WHOLE_SECONDS));
            return new Limits(
                    Duration.ofSeconds(Math.min(10, whole)),
                    Duration.ofSeconds(Math.min(60, whole)),
                    Duration.ofSeconds(Math.min(30, whole)),
                    Duration.ofSeconds(whole));
        }
    }

    private static final int BUFFER_BYTES = 1 << 16;
    private static final int GZIP_FIRST_BYTE = 0x1f;
    private static final int GZIP_SECOND_BYTE = 0x8b;

    private final OtlpJson json = new OtlpJson();
    private final Consumer<? super Span> spans;
    private final Consumer<? super MalformedLine> malformed;
    private final InstantSource clock;
    private final Limits limits;
    private final LineParsing lines = new LineParsing();
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
        this(spans, malformed, clock, Limits.standard());
    }

    TraceReader(
            Consumer<? super Span> spans,
            Consumer<? super MalformedLine> malformed,
            InstantSource clock,
            Limits limits) {
        this.spans = spans;
        this.malformed = malformed;
        this.clock = clock;
        this.limits = limits;
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
     * @return what its spans look like
     * @throws IOException if it cannot be read at all, saying why for people
     */
    public Seen read(TraceSource source) throws IOException {
        if (source instanceof TraceSource.TraceFile file) {
            try (InputStream stream = Files.newInputStream(file.path())) {
                return read(file.name(), stream);
            }
        }
        return readJaeger((TraceSource.Jaeger) source);
    }

    /**
     * Reads OTLP JSON, plain or gzip (recognised by content, any number of members): one request a line, or, where the text
     * is laid out for people, requests of any layout one after another or in a list.
     *
     * @param name as reports of malformed lines call it
     * @return what its spans look like
     */
    public Seen read(String name, InputStream stream) throws IOException {
        BufferedInputStream buffered = new LookingAheadStream(stream);
        buffered.mark(2);
        boolean gzip = buffered.read() == GZIP_FIRST_BYTE && buffered.read() == GZIP_SECOND_BYTE;
        buffered.reset();
        InputStream text = gzip ? unzipped(name, buffered) : buffered;
        if (text == null) {
            return new Seen();
        }
        byte[] beginning = beginning(text);
        InputStream all = new SequenceInputStream(new ByteArrayInputStream(beginning), text);
        if (Layout.isForPeople(beginning, 0, beginning.length)) {
            return readDocuments(name, all);
        }
        LineBlocks blocks = new LineBlocks(all);
        Seen seen = new Seen();
        long[] linesBefore = {0};
        Consumer<LineParsing.Parsed> sink = parsed -> {
            take(name, linesBefore[0], parsed, seen);
            linesBefore[0] += parsed.lines();
        };
        try {
            for (LineBlocks.Block block = blocks.next(); block != null; block = blocks.next()) {
                lines.add(block, sink);
            }
            lines.finish(sink);
        } catch (IOException e) {
            lines.finish(sink);
            if (!gzip) {
                throw e;
            }
            report(name, linesBefore[0] + 1, String.valueOf(e.getMessage()));
        }
        return seen;
    }

    private @Nullable InputStream unzipped(String name, InputStream stream) throws IOException {
        try {
            return new GZIPInputStream(stream, BUFFER_BYTES);
        } catch (EOFException | ZipException e) {
            report(name, 1, "the gzip data is damaged or cut short: " + e.getMessage());
            return null;
        }
    }

    /** The first bytes, as many as it takes to see how a text is laid out. */
    private static byte[] beginning(InputStream text) {
        byte[] beginning = new byte[BUFFER_BYTES];
        int length = 0;
        try {
            for (int read = 0; read >= 0 && length < BUFFER_BYTES; ) {
                read = text.read(beginning, length, BUFFER_BYTES - length);
                length += Math.max(0, read);
            }
        } catch (IOException damage) {
            // whoever reads on meets it again and says so
        }
        return Arrays.copyOf(beginning, length);
    }

    private void take(String name, long linesBefore, LineParsing.Parsed parsed, Seen seen) {
        for (LineParsing.Malformed each : parsed.malformed()) {
            report(name, linesBefore + each.line() + 1, each.message());
        }
        parsed.spans().forEach(this::take);
        seen.add(parsed.seen());
    }

    /** JSON of any layout; what stands after a mistake is not read, for its end cannot be told. */
    private Seen readDocuments(String name, InputStream text) throws IOException {
        try {
            json.readAll(text, this::take);
        } catch (EOFException | ZipException e) {
            report(name, json.line(), "the gzip data is damaged or cut short: " + e.getMessage());
        } catch (MalformedOtlpException e) {
            report(name, json.line(), e.getMessage() + "; the rest of this source is not read");
        }
        return json.takeSeen();
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

    private void take(Span span) {
        spanCount++;
        spans.accept(span);
    }

    private void report(String name, long line, String message) {
        malformedCount++;
        malformed.accept(new MalformedLine(name, line, message));
    }

    private Seen readJaeger(TraceSource.Jaeger jaeger) throws IOException {
        HttpClient client = HttpClient.newBuilder()
                .connectTimeout(limits.connect())
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
        HttpResponse<InputStream> answer = ask(client, jaeger, JaegerQuery.Spelling.CAMEL);
        if (answer.statusCode() == 400) {
            answer.body().close();
            answer = ask(client, jaeger, JaegerQuery.Spelling.SNAKE);
        }
        try (InputStream body = new StallGuard(answer.body(), jaeger.name(), limits.silence(), limits.wholeAnswer())) {
            if (answer.statusCode() == 404) {
                String text = new String(body.readNBytes(BUFFER_BYTES), StandardCharsets.UTF_8);
                if (text.contains("No traces found")) {
                    return new Seen();
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
        return json.takeSeen();
    }

    private HttpResponse<InputStream> ask(HttpClient client, TraceSource.Jaeger jaeger, JaegerQuery.Spelling spelling)
            throws IOException {
        HttpRequest request = HttpRequest.newBuilder(jaeger.query().request(spelling, clock.instant()))
                .timeout(limits.firstAnswer())
                .header("Accept", "application/json")
                .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while reading from " + jaeger.name());
        } catch (HttpTimeoutException e) {
            throw new IOException(jaeger.name() + " did not answer within "
                    + limits.firstAnswer().toSeconds() + " s. Is this Jaeger's query port (16686)?");
        } catch (IOException e) {
            throw new IOException(jaeger.name() + " cannot be reached: " + reason(e));
        }
    }

    /** In words: some of these exceptions have no message, others name classes in it. */
    private static String reason(IOException problem) {
        String said = problem.getMessage();
        if (said == null || problem instanceof ConnectException) {
            return "no connection";
        }
        return said.contains("received no bytes") ? "the connection was closed without an answer" : said;
    }
}
