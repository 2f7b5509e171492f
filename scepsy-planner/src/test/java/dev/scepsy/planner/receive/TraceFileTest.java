package dev.scepsy.planner.receive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.planner.otlp.TraceReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceFileTest {

    private static final byte[] LINE = "{\"resourceSpans\":[]}".getBytes(UTF_8);

    @TempDir
    Path folder;

    private Instant now = Instant.parse("2026-11-29T04:40:00Z");
    private final InstantSource clock = () -> now;

    @Test
    void aLineIsInTheFileWhenWriteReturns() throws IOException {
        Path path = folder.resolve("made/traces.jsonl");
        try (TraceFile file = new TraceFile(path, false, Rotation.never(), clock)) {
            file.write(LINE);

            assertThat(Files.readString(path)).isEqualTo("{\"resourceSpans\":[]}\n");
        }
    }

    @Test
    void aFileThatIsThereIsContinued() throws IOException {
        Path path = folder.resolve("traces.jsonl");
        for (int run = 0; run < 2; run++) {
            try (TraceFile file = new TraceFile(path, false, Rotation.never(), clock)) {
                file.write(LINE);
                assertThat(file.tailMended()).isFalse();
            }
        }
        assertThat(Files.readAllLines(path)).hasSize(2);
    }

    @Test
    void halfALineLeftByACrashStaysApartFromWhatFollows() throws IOException {
        Path path = folder.resolve("traces.jsonl");
        Files.writeString(path, "{\"resourceSpans\":[]}\n{\"resourceSp");
        try (TraceFile file = new TraceFile(path, false, Rotation.never(), clock)) {
            file.write(LINE);
            assertThat(file.tailMended()).isTrue();
        }
        List<String> told = new ArrayList<>();
        new TraceReader(span -> {}, line -> told.add(line.toString()), InstantSource.system())
                .read("traces.jsonl", new ByteArrayInputStream(Files.readAllBytes(path)));
        assertThat(told).singleElement().asString().startsWith("traces.jsonl:2: not JSON");
    }

    @Test
    void aFileOfSomethingElseIsNotWrittenInto() throws IOException {
        Path other = Files.writeString(folder.resolve("notes.txt"), "mine\n");

        assertThatThrownBy(() -> new TraceFile(other, false, Rotation.never(), clock))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holds no OTLP JSON lines");
        assertThatThrownBy(() -> new TraceFile(other, true, Rotation.never(), clock))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not gzip");
        assertThatThrownBy(() -> new TraceFile(folder, false, Rotation.never(), clock))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("folder");
        assertThat(other).hasContent("mine\n");
    }

    @Test
    void twoRecordersDoNotShareAFile() throws IOException {
        Path path = folder.resolve("traces.jsonl");
        try (TraceFile file = new TraceFile(path, false, Rotation.never(), clock)) {
            file.write(LINE);
            assertThatThrownBy(() -> new TraceFile(path, false, Rotation.never(), clock))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Another process records into this file");
        }
    }

    @Test
    void whatSeveralThreadsWriteWhileFilesAreSetAsideIsAllThereOnce() throws Exception {
        Path path = folder.resolve("traces.jsonl");
        int threads = 4;
        int each = 500;
        List<Thread> writers = new ArrayList<>();
        List<String> written = new ArrayList<>();
        try (TraceFile file = new TraceFile(
                path, false, new Rotation(OptionalLong.of(1000), Optional.empty(), OptionalInt.empty()), clock)) {
            for (int t = 0; t < threads; t++) {
                int thread = t;
                writers.add(new Thread(() -> {
                    for (int i = 0; i < each; i++) {
                        try {
                            file.write(("{\"resourceSpans\":[],\"n\":\"" + thread + "-" + i + "\"}").getBytes(UTF_8));
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    }
                }));
            }
            writers.forEach(Thread::start);
            for (Thread writer : writers) {
                writer.join();
            }
        }
        try (java.util.stream.Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                written.addAll(Files.readAllLines(file));
            }
        }

        assertThat(written).hasSize(threads * each).doesNotHaveDuplicates();
    }

    @Test
    void aFullFileIsSetAsideUnderTheCollectorsKindOfNameAndTheOldestAreDeleted() throws IOException {
        Path path = folder.resolve("traces.jsonl");
        Rotation rotation = new Rotation(OptionalLong.of(2L * (LINE.length + 1)), Optional.empty(), OptionalInt.of(2));
        try (TraceFile file = new TraceFile(path, false, rotation, clock)) {
            for (int i = 0; i < 9; i++) {
                file.write(LINE);
                now = now.plusSeconds(1);
            }
        }
        assertThat(names())
                .containsExactly(
                        "traces-2026-11-29T04-40-06.000.jsonl", "traces-2026-11-29T04-40-08.000.jsonl", "traces.jsonl");
        assertThat(Files.readAllLines(folder.resolve("traces-2026-11-29T04-40-06.000.jsonl")))
                .hasSize(2);
        assertThat(Files.readAllLines(path)).hasSize(1);
    }

    @Test
    void anOldFileIsSetAsideWithTheNextLineAndOnesOfTheSameMomentKeepTheirNames() throws IOException {
        Rotation rotation = new Rotation(OptionalLong.of(1), Optional.of(Duration.ofHours(1)), OptionalInt.empty());
        try (TraceFile file = new TraceFile(folder.resolve("traces.jsonl.gz"), true, rotation, clock)) {
            for (int i = 0; i < 3; i++) {
                file.write(LINE);
                file.flush();
            }
        }
        assertThat(names())
                .containsExactly(
                        "traces-2026-11-29T04-40-00.000.jsonl.gz",
                        "traces-2026-11-29T04-40-00.001.jsonl.gz",
                        "traces.jsonl.gz");
    }

    @Test
    void compressedEveryFlushLeavesAFileThatCanBeRead() throws IOException {
        Path path = folder.resolve("traces.jsonl.gz");
        try (TraceFile file = new TraceFile(path, true, Rotation.never(), clock)) {
            for (int i = 1; i <= 3; i++) {
                file.write(LINE);
                file.flush();
                assertThat(unpacked(Files.readAllBytes(path))).hasSize(i);
            }
        }
        try (TraceFile file = new TraceFile(path, true, Rotation.never(), clock)) {
            file.write(LINE);
        }
        assertThat(unpacked(Files.readAllBytes(path))).hasSize(4);
    }

    @Test
    void aDamagedGzipFileIsNotContinuedSinceNothingBehindItCouldBeRead() throws IOException {
        Path path = folder.resolve("traces.jsonl.gz");
        try (TraceFile file = new TraceFile(path, true, Rotation.never(), clock)) {
            file.write(LINE);
        }
        byte[] whole = Files.readAllBytes(path);
        Files.write(path, Arrays.copyOf(whole, whole.length - 3));

        assertThatThrownBy(() -> new TraceFile(path, true, Rotation.never(), clock))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged");
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static List<String> unpacked(byte[] bytes) throws IOException {
        try (GZIPInputStream stream = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return new String(stream.readAllBytes(), UTF_8).lines().toList();
        }
    }
}
