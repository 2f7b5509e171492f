package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command line as users start it: the packaged jar in a process of its own, in a folder of files. */
record PackagedCli(Path folder) {

    private static final Path JAR = Path.of("target/scepsy-cli.jar").toAbsolutePath();
    private static final int SECONDS = 120;

    /** What one run printed and how it ended. */
    record Run(int exitCode, String out, String err) {}

    /** Runs to the end; fails the test when that takes too long. */
    Run run(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                JAR.toString()));
        command.addAll(arguments);
        Path err = folder.resolve("stderr");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(err.toFile())
                .start();
        process.getOutputStream().close();
        try (InputStream out = process.getInputStream()) {
            String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
            return new Run(process.exitValue(), text, Files.readString(err));
        } finally {
            process.destroyForcibly();
        }
    }

    /** A verb on {@code cluster.yaml}, {@code models.yaml} and {@code workflows.json}. */
    Run on(String verb, String... more) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(
                List.of(verb, "--cluster", "cluster.yaml", "--models", "models.yaml", "--workflows", "workflows.json"));
        arguments.addAll(List.of(more));
        return run(arguments);
    }

    /** The same with {@code profiles.yaml}. */
    Run onMeasured(String verb, String... more) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("--profiles", "profiles.yaml"));
        all.addAll(List.of(more));
        return on(verb, all.toArray(String[]::new));
    }

    JsonNode json(String name) throws IOException {
        return new ObjectMapper().readTree(folder.resolve(name).toFile());
    }

    void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}
