package dev.scepsy.planner.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that is killed while it writes leaves the old file or the new one, never a part. */
class WholeFileTest {

    private static final int LENGTH = 4_000_000;

    @TempDir
    Path folder;

    /** Writes one letter's text after another's, for ever. */
    static final class Writer {
        public static void main(String[] arguments) throws Exception {
            Path file = Path.of(arguments[0]);
            while (true) {
                for (String letter : new String[] {"a", "b"}) {
                    WholeFile.write(file, letter.repeat(LENGTH));
                }
            }
        }
    }

    @Test
    void aProgramKilledWhileWritingLeavesAWholeFile() throws Exception {
        for (int round = 0; round < 5; round++) {
            Path file = folder.resolve("plan" + round + ".json");
            Files.writeString(file, "a".repeat(LENGTH));
            Process writer = new ProcessBuilder(
                            ProcessHandle.current().info().command().orElse("java"),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Writer.class.getName(),
                            file.toString())
                    .redirectErrorStream(true)
                    .start();
            try {
                awaitTextBeside(file);
            } finally {
                writer.destroyForcibly();
            }
            assertThat(writer.waitFor(30, TimeUnit.SECONDS)).isTrue();

            String text = Files.readString(file);
            assertThat(text.length()).isEqualTo(LENGTH);
            assertThat(text.chars().distinct().count()).isEqualTo(1);
        }
    }

    /** Until the file being written beside {@code file} holds something. */
    private void awaitTextBeside(Path file) throws Exception {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() < deadlineNanos) {
            try (Stream<Path> files = Files.list(folder)) {
                if (files.anyMatch(other -> other.getFileName().toString().startsWith("." + file.getFileName())
                        && other.toFile().length() > 0)) {
                    return;
                }
            }
            Thread.onSpinWait();
        }
        throw new AssertionError("nothing was written beside " + file);
    }

    @Test
    void aLinkStaysALinkAlsoToAFileThatIsNotThereYet() throws IOException {
        Path target = folder.resolve("target.json");
        Path link = Files.createSymbolicLink(folder.resolve("link.json"), Path.of("target.json"));
        WholeFile.write(link, "first");
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(target).hasContent("first");
        WholeFile.write(link, "second");
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(target).hasContent("second");
    }

    @Test
    void linksInACircleAreSaid() throws IOException {
        Path one = Files.createSymbolicLink(folder.resolve("one"), Path.of("two"));
        Files.createSymbolicLink(folder.resolve("two"), Path.of("one"));
        assertThatThrownBy(() -> WholeFile.write(one, "text")).hasMessageContaining("lead in a circle");
    }

    @Test
    void aFailureSpeaksOfTheFileThatWasAskedFor() {
        assertThatThrownBy(() -> WholeFile.write(Path.of("/proc/x.json"), "text"))
                .hasMessageStartingWith("/proc/x.json")
                .hasMessageNotContaining(".tmp");
    }
}
