package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ctrl-C and SIGTERM in the middle of every kind of verb, to real processes: the exit codes of the reference's table, no stack trace, and
 * nothing half done left. A verb that reads is in its middle once it has opened the pipe that it reads from.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "pipes and signals with names are POSIX")
class SignalsIT {

    private static final Path JAR = Path.of("target/scepsy-cli.jar").toAbsolutePath();
    private static final int SECONDS = 120;

    @TempDir
    Path folder;

    @BeforeEach
    void files() throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("mkfifo", folder.resolve("pipe").toString())
                        .start()
                        .waitFor())
                .isZero();
        Files.writeString(
                folder.resolve("cluster.yaml"),
                "racks: [{name: r, nodes: [{name: n1, gpu: H100-SXM-80GB, gpus: 1}]}]\n");
        Files.writeString(
                folder.resolve("models.yaml"),
                "models: [{name: chat, architecture: Qwen2.5-7B, maxModelLength: 8192}]\n");
        Files.writeString(folder.resolve("plan.json"), """
                {"allocations": [{"model": "chat", "gpu": "H100-SXM-80GB", "gpuFraction": 1, "tensorParallel": 1,
                  "replicas": 1, "memoryGiBPerGpu": 80}],
                 "placements": [{"model": "chat", "replica": 0, "node": "n1", "gpus": [0]}]}
                """);
    }

    static Stream<List<String>> verbsThatRead() {
        return Stream.of(
                List.of(
                        "plan",
                        "--cluster",
                        "cluster.yaml",
                        "--models",
                        "models.yaml",
                        "--workflows",
                        "pipe",
                        "--out",
                        "out.json"),
                List.of(
                        "simulate",
                        "--cluster",
                        "cluster.yaml",
                        "--models",
                        "models.yaml",
                        "--plan",
                        "plan.json",
                        "--workflows",
                        "pipe",
                        "--out",
                        "out.json"),
                List.of("shares", "pipe", "--out", "out.json"));
    }

    @ParameterizedTest
    @MethodSource("verbsThatRead")
    void aVerbThatOnlyReadsEndsWithTheSignalsCodeAndLeavesNothing(List<String> arguments) throws Exception {
        for (String signal : List.of("INT", "TERM")) {
            Process process = start(arguments);
            // opens when the other side has
            try (OutputStream pipe = Files.newOutputStream(folder.resolve("pipe"))) {
                pipe.write('{');
                pipe.flush();
                send(signal, process);
                assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
            } catch (IOException broken) {
                // the reader has gone before the pipe was closed
            } finally {
                process.destroyForcibly();
            }
            assertThat(process.exitValue())
                    .as("%s %s: %s", signal, arguments, err())
                    .isEqualTo(signal.equals("INT") ? 130 : 143);
            assertThat(err()).doesNotContain("\tat ", "Exception");
            assertThat(folder.resolve("out.json")).doesNotExist();
            assertThat(folder.toFile().list()).noneMatch(name -> name.endsWith(".tmp"));
        }
    }

    @Test
    void recordEndsWithTheSignalsCode() throws Exception {
        for (String signal : List.of("INT", "TERM")) {
            Process process =
                    start(List.of("record", "--grpc", "off", "--http", "127.0.0.1:0", "--out", "traces.jsonl"));
            untilSaid(process, "Receiving OTLP");
            send(signal, process);
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(err()).isEqualTo(signal.equals("INT") ? 130 : 143);
            assertThat(err()).doesNotContain("\tat ", "Exception");
        }
    }

    @Test
    void serveEndsInOrderWithTheSignalsCode() throws Exception {
        Files.writeString(folder.resolve("models.yaml"), "models: [{name: a, architecture: Qwen3-32B}]\n");
        Files.writeString(folder.resolve("serve.yaml"), """
                listen: {otlpGrpc: "127.0.0.1:0", otlpHttp: "127.0.0.1:0", web: "127.0.0.1:0"}
                models: models.yaml
                """);
        for (String signal : List.of("INT", "TERM")) {
            Process process = start(List.of("serve", "--config", "serve.yaml"));
            untilSaid(process, "Ready;");
            send(signal, process);
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(err()).isEqualTo(signal.equals("INT") ? 130 : 143);
            assertThat(err()).contains("Ending:").doesNotContain("\tat ", "Exception");
        }
    }

    @Test
    void profileEndsAsStoppedMidwayWithAWordOnHowToGoOn() throws Exception {
        for (String signal : List.of("INT", "TERM")) {
            try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
                Process process = start(List.of(
                        "profile",
                        "--endpoint",
                        "http://127.0.0.1:" + silent.getLocalPort(),
                        "--model",
                        "m",
                        "--gpu",
                        "L4-24GB",
                        "--input-tokens",
                        "10",
                        "--output-tokens",
                        "4",
                        "--timeout",
                        "100s",
                        "--out",
                        "profiles.yaml"));
                try (Socket asked = silent.accept()) {
                    assertThat(asked.getInputStream().read()).isPositive();
                    send(signal, process);
                    assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
                }
                assertThat(process.exitValue()).as(err()).isEqualTo(ExitCode.STOPPED_MIDWAY);
                assertThat(err())
                        .contains("Stopped before anything was measured.")
                        .doesNotContain("\tat ", "Exception");
                assertThat(folder.resolve("profiles.yaml")).doesNotExist();
            }
        }
    }

    /** Under {@code env}, which undoes that a shell lets its background jobs ignore Ctrl-C. */
    private Process start(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "env",
                "--default-signal=INT",
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                JAR.toString()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(folder.resolve("stderr").toFile())
                .redirectOutput(folder.resolve("stdout").toFile())
                .start();
        process.getOutputStream().close();
        return process;
    }

    private void untilSaid(Process process, String sentence) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!err().contains(sentence)) {
            assertThat(process.isAlive()).as(err()).isTrue();
            assertThat(System.nanoTime()).as(err()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private String err() throws IOException {
        Path file = folder.resolve("stderr");
        return Files.exists(file) ? Files.readString(file) : "";
    }

    private static void send(String signal, Process process) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }
}
