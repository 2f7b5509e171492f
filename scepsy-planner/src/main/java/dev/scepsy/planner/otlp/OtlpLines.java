package dev.scepsy.planner.otlp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A growing file of OTLP JSON lines, as the OpenTelemetry Collector's file exporter writes. Thread-safe. */
final class OtlpLines implements AutoCloseable {

    private static final JsonFactory JSON = new JsonFactory();

    private final OutputStream file;

    private OtlpLines(OutputStream file) {
        this.file = file;
    }

    /** Opens a file for appending; missing folders are made. */
    static OtlpLines append(Path path) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        return new OtlpLines(new BufferedOutputStream(
                Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND), 1 << 16));
    }

    /** Writes one request and its line end; readers see whole lines only. */
    synchronized void write(byte[] line) throws IOException {
        file.write(line);
        file.write('\n');
        file.flush();
    }

    @Override
    public synchronized void close() throws IOException {
        file.close();
    }

    /** The same JSON without line breaks; as it is where it has none. */
    static byte[] onOneLine(byte[] json) throws IOException {
        boolean broken = false;
        for (byte character : json) {
            broken |= character == '\n' || character == '\r';
        }
        if (!broken) {
            return json;
        }
        ByteArrayOutputStream line = new ByteArrayOutputStream(json.length);
        try (JsonParser parser = JSON.createParser(json);
                JsonGenerator generator = JSON.createGenerator(line)) {
            while (parser.nextToken() != null) {
                generator.copyCurrentEventExact(parser);
            }
        } catch (JsonProcessingException e) {
            throw new MalformedOtlpException("not JSON: " + e.getOriginalMessage());
        }
        return line.toByteArray();
    }
}
