package dev.scepsy.planner.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.span.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A file as the OpenTelemetry Collector 0.164.0 wrote it, by {@code samples/collector/collector.yaml}, and then packed. */
class CollectorFileTest {

    private static final Path FILE = Path.of("src/test/resources/traces/collector-0.164.jsonl.gz");

    @Test
    void theFileExportersLinesAreReadWhole() throws IOException {
        List<Span> spans = new ArrayList<>();
        TraceReader reader = new TraceReader(spans::add, line -> {}, InstantSource.system());
        try (var stream = Files.newInputStream(FILE)) {
            reader.read("traces.jsonl", stream);
        }
        assertThat(reader.malformedCount()).isZero();
        assertThat(spans).hasSize(70);
        assertThat(spans.stream().filter(Span::isModelCall)).hasSize(60);
    }
}
