package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code scepsy view} refuses to show. */
class ViewCommandTest {

    @TempDir
    Path folder;

    private void refused(Object place, String sentence) {
        CommandLineRun run = CommandLineRun.of("view", place, "--port", "0");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains(sentence);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aFolderThatIsNotThereOrHoldsNothingIsRefused() throws IOException {
        refused(folder.resolve("nowhere"), "There is no such folder.");
        Path file = Files.writeString(folder.resolve("notes.txt"), "x");
        refused(file, "This is no folder");
        refused(folder, "nothing to show");
    }

    @Test
    void aFileOfAnotherVersionIsRefused() throws IOException {
        Files.writeString(folder.resolve("workflows.json"), "{\"version\": 2, \"workflows\": []}");
        refused(folder, "version");
    }

    @Test
    void whatServeDidNotExportIsRefused() throws IOException {
        Files.writeString(folder.resolve("plans.json"), "[{\"id\": 3, \"state\": \"unheardOf\"}]");
        refused(folder, "not what serve's export writes");
        Files.writeString(folder.resolve("plans.json"), "not json");
        refused(folder, "This is no JSON");
    }

    @Test
    void aPortInUseIsRefusedInOneSentence() throws IOException {
        Files.writeString(folder.resolve("workflows.json"), """
                {"workflows": [{"name": "rag", "targetPerSecond": 1, "models": [{"model": "m", "callsPerExecution": 1}]}]}
                """);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CommandLineRun run = CommandLineRun.of("view", folder, "--port", taken.getLocalPort());
            assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
            assertThat(run.err()).contains("--port: 127.0.0.1:" + taken.getLocalPort() + " cannot be listened on");
        }
        CommandLineRun beyond = CommandLineRun.of("view", folder, "--port", "70000");
        assertThat(beyond.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(beyond.err()).contains("between 0 and 65535");
    }
}
