package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What cannot be printed is said and is no success, whatever the verb; a reader that has enough is no failure. */
class StandardOutputTest {

    @TempDir
    static Path folder;

    static Stream<List<String>> verbsThatPrint() throws IOException {
        String cluster =
                write("cluster.yaml", "racks: [{name: r, nodes: [{name: n1, gpu: H100-SXM-80GB, gpus: 2}]}]\n");
        String models =
                write("models.yaml", "models: [{name: chat, architecture: Qwen2.5-7B, maxModelLength: 8192}]\n");
        String workflows = write(
                "workflows.json",
                "{\"workflows\":[{\"name\":\"w\",\"targetPerSecond\":0.5,\"models\":[{\"model\":\"chat\","
                        + "\"callsPerExecution\":1,\"inputTokens\":{\"mean\":1000},\"outputTokens\":{\"mean\":500}}]}]}");
        List<String> files = List.of("--cluster", cluster, "--models", models, "--workflows", workflows);
        String plan = folder.resolve("plan.json").toString();
        assertThat(CommandLineRun.of(with("plan", files, "--out", plan).toArray())
                        .exitCode())
                .isZero();
        return Stream.of(
                List.of("--help"),
                List.of("--version"),
                List.of("help"),
                List.of("plan", "--help"),
                with("plan", files, "--out", plan),
                with("plan", files, "--json", "--out", plan),
                with("predict", files, "--plan", plan),
                with("simulate", files, "--plan", plan, "--duration", "200"),
                List.of(
                        "engine",
                        "--model",
                        "Qwen2.5-7B",
                        "--gpu",
                        "H100-SXM-80GB",
                        "--input-tokens",
                        "1000",
                        "--output-tokens",
                        "100",
                        "--concurrency",
                        "2"),
                List.of("render", "--plan", plan, "--cluster", cluster, "--models", models));
    }

    @ParameterizedTest
    @MethodSource("verbsThatPrint")
    void aFullDiskIsSaidInOneSentenceAndIsNoSuccess(List<String> arguments) {
        Run run = run(new FailingStream("No space left on device"), arguments);
        assertThat(run.exitCode).as(run.err).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err).containsOnlyOnce("Standard output could not be written (No space left on device)");
        assertThat(run.err).doesNotContain("\tat ");
    }

    @ParameterizedTest
    @MethodSource("verbsThatPrint")
    void aClosedOutputIsSaidToo(List<String> arguments) {
        Run run = run(new FailingStream("Bad file descriptor"), arguments);
        assertThat(run.exitCode).as(run.err).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err).containsOnlyOnce("Standard output could not be written (Bad file descriptor)");
    }

    @ParameterizedTest
    @MethodSource("verbsThatPrint")
    void aReaderThatHasEnoughIsNoFailure(List<String> arguments) {
        Run run = run(new FailingStream("Broken pipe"), arguments);
        assertThat(run.exitCode).as(run.err).isZero();
        assertThat(run.err).doesNotContain("Standard output");
    }

    @Test
    void whatTheVerbFoundWrongStaysItsExitCode() {
        Run run = run(new FailingStream("No space left on device"), List.of("plan", "--json"));
        assertThat(run.exitCode).isEqualTo(ExitCode.BAD_INPUT);
    }

    private record Run(int exitCode, String err) {}

    private static synchronized Run run(OutputStream stdout, List<String> arguments) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            int exitCode = ScepsyCommand.run(new StandardOutput(stdout), arguments.toArray(String[]::new));
            return new Run(exitCode, err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setErr(before);
        }
    }

    private static List<String> with(String verb, List<String> files, String... more) {
        return Stream.of(Stream.of(verb), files.stream(), Stream.of(more))
                .flatMap(each -> each)
                .toList();
    }

    private static String write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private static final class FailingStream extends OutputStream {
        private final String why;

        FailingStream(String why) {
            this.why = why;
        }

        @Override
        public void write(int b) throws IOException {
            throw new IOException(why);
        }
    }
}
