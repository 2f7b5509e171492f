package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a heap of 64 MiB is enough for: a plan of five models, and traces of more than its size. */
class SmallHeapIT {

    private static final long TRACES_BYTES = 200L << 20;
    private static final int CALLS = 9;
    private static final int SPANS_A_LINE = 500;

    @TempDir
    Path folder;

    private String run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-jar",
                Path.of("target/scepsy-cli.jar").toAbsolutePath().toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("said").toFile())
                .start();
        assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
        String said = Files.readString(folder.resolve("said"));
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }

    @Test
    void aPlanOfFiveModels() throws Exception {
        Files.writeString(
                folder.resolve("cluster.yaml"),
                "racks: [{name: r, nodes: [{name: n1, gpu: H100-SXM-80GB, gpus: 8, sharing: {mode: mps, step: 0.1}},"
                        + " {name: n2, gpu: H100-SXM-80GB, gpus: 8, sharing: {mode: mps, step: 0.1}}]}]\n");
        StringBuilder models = new StringBuilder("models:\n");
        StringBuilder used = new StringBuilder();
        for (String architecture : List.of("Qwen3-32B", "Llama-3.1-70B", "Llama-3.1-8B", "Qwen3-8B", "Qwen2.5-7B")) {
            models.append("  - {name: m-")
                    .append(architecture)
                    .append(", architecture: ")
                    .append(architecture);
            models.append(", maxModelLength: 16384}\n");
            used.append(used.isEmpty() ? "" : ",\n")
                    .append("{\"model\": \"m-")
                    .append(architecture)
                    .append(
                            "\", \"callsPerExecution\": 2, \"inputTokens\": {\"mean\": 900}, \"outputTokens\": {\"mean\": 200}}");
        }
        Files.writeString(folder.resolve("models.yaml"), models);
        Files.writeString(
                folder.resolve("workflows.json"),
                "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": 1, \"models\": [" + used + "]}]}");

        assertThat(run(
                        "plan",
                        "--cluster",
                        "cluster.yaml",
                        "--models",
                        "models.yaml",
                        "--workflows",
                        "workflows.json",
                        "--out",
                        "plan.json"))
                .contains("Weighted mean latency");
        assertThat(folder.resolve("plan.json")).isNotEmptyFile();
    }

    @Test
    void sharesOfTwoHundredMegabytes() throws Exception {
        int executions = 0;
        long written = 0;
        try (OutputStream traces =
                new java.io.BufferedOutputStream(Files.newOutputStream(folder.resolve("traces.jsonl")), 1 << 20)) {
            while (written < TRACES_BYTES) {
                StringBuilder spans = new StringBuilder();
                for (int i = 0; i < SPANS_A_LINE; i += 1 + CALLS, executions++) {
                    spans.append(i == 0 ? "" : ",").append(execution(executions));
                }
                byte[] line = ("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" + spans + "]}]}]}\n")
                        .getBytes(StandardCharsets.UTF_8);
                traces.write(line);
                written += line.length;
            }
        }

        assertThat(run("shares", "traces.jsonl", "--out", "workflows.json"))
                .contains(
                        "traces.jsonl: " + (1 + CALLS) * executions + " spans",
                        "workflow w: " + executions + " executions");
    }

    /** A workflow and its calls. */
    private static String execution(int number) {
        String trace = String.format("%032x", number + 1);
        String root = String.format("%016x", 100L * number + 1);
        long start = 1_790_000_000_000_000_000L + number * 1_000_000L;
        String span = "{\"traceId\":\"%s\",\"spanId\":\"%s\",\"parentSpanId\":\"%s\",\"name\":\"x\",\"kind\":3,"
                + "\"startTimeUnixNano\":\"%d\",\"endTimeUnixNano\":\"%d\",\"attributes\":[%s]}";
        StringBuilder spans = new StringBuilder(String.format(
                span,
                trace,
                root,
                "",
                start,
                start + 900_000_000L,
                text("gen_ai.operation.name", "invoke_workflow") + "," + text("gen_ai.workflow.name", "w")));
        String call = text("gen_ai.operation.name", "chat") + "," + text("gen_ai.request.model", "m") + ","
                + text("app.note", "n".repeat(300));
        for (int i = 0; i < CALLS; i++) {
            long from = start + i * 90_000_000L;
            spans.append(',')
                    .append(String.format(
                            span,
                            trace,
                            String.format("%016x", 100L * number + 2 + i),
                            root,
                            from,
                            from + 80_000_000L,
                            call));
        }
        return spans.toString();
    }

    private static String text(String key, String value) {
        return "{\"key\":\"" + key + "\",\"value\":{\"stringValue\":\"" + value + "\"}}";
    }
}
