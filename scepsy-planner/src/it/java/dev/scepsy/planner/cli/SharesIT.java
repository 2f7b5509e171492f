package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scepsy shares} as its users start it. */
class SharesIT {

    private static final Path JAR = Path.of("target/scepsy-cli.jar").toAbsolutePath();
    private static final long ROOT = 0xa1;

    @TempDir
    Path folder;

    @Test
    void sharesOfAHandWrittenTraceAreThoseComputedByHand() throws Exception {
        Path trace = Path.of("src/test/resources/traces/research.jsonl").toAbsolutePath();

        Run run = scepsy("shares", trace.toString());

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).contains("research.jsonl: 7 spans, 4 model calls, 1 execution");
        assertThat(run.out()).contains("workflow research: 1 execution, not enough data: 1 of 30");
        JsonNode workflow = workflows("workflows.json").get(0);
        assertThat(workflow.get("name").asText()).isEqualTo("research");
        assertThat(workflow.get("executions").asInt()).isEqualTo(1);
        assertThat(workflow.get("targetPerSecond").asDouble()).isEqualTo(0.5);
        assertThat(workflow.get("notEnoughData").asBoolean()).isTrue();
        assertThat(workflow.get("requiredExecutions").asInt()).isEqualTo(30);
        assertThat(workflow.get("otherSeconds").asDouble()).isEqualTo(2.5);
        assertThat(workflow.get("endToEndSeconds").get("p99").asDouble()).isEqualTo(10);
        JsonNode generator = workflow.get("models").get(0);
        assertThat(generator.get("callsPerExecution").asDouble()).isEqualTo(3);
        assertThat(generator.get("parallelism").asDouble()).isEqualTo(8 / 7.0);
        assertThat(generator.get("sequentialCalls").asDouble()).isEqualTo(2.25);
        assertThat(generator.get("executionShare").asDouble()).isEqualTo(8 / 9.5);
        assertThat(generator.get("meanCallSeconds").asDouble()).isEqualTo(8 / 3.0);
        assertThat(generator.get("inputTokens").get("mean").asDouble()).isEqualTo(1000);
        assertThat(generator.has("interval95")).isFalse();
    }

    @Test
    void filesFoldersAndGzipTogetherCountEverySpanOnceAndOrderDoesNotMatter() throws Exception {
        Path traces = Files.createDirectory(folder.resolve("traces"));
        List<String> lines = executions(40);
        Files.write(traces.resolve("a.jsonl"), lines.subList(0, 50));
        Files.write(traces.resolve("b.jsonl.gz"), gzip(String.join("\n", lines.subList(30, lines.size()))));

        Run first = scepsy("shares", "traces", "--out", "first.json", "--json");
        Run second = scepsy(
                "shares",
                "traces/b.jsonl.gz",
                "traces/a.jsonl",
                "traces",
                "--out",
                "second.json",
                "--stability",
                "--stability-out",
                "stability");

        assertThat(first.exitCode()).isZero();
        assertThat(second.exitCode()).isZero();
        assertThat(folder.resolve("second.json")).hasSameBinaryContentAs(folder.resolve("first.json"));
        assertThat(first.out()).isEqualTo(Files.readString(folder.resolve("first.json")));
        assertThat(second.out()).contains("stability of workflow w, 40 executions", "m: share 100.0 % ± 0.0");
        assertThat(folder.resolve("stability/stability-1.svg")).content().startsWith("<svg");
        assertThat(new ObjectMapper()
                        .readTree(folder.resolve("stability/stability.json").toFile())
                        .at("/workflows/0/points"))
                .hasSize(40);
        JsonNode workflow = workflows("first.json").get(0);
        assertThat(workflow.get("executions").asInt()).isEqualTo(40);
        assertThat(workflow.has("notEnoughData")).isFalse();
        JsonNode interval = workflow.get("models").get(0).get("interval95").get("callsPerExecution");
        assertThat(interval.get(0).asDouble()).isLessThan(interval.get(1).asDouble());
    }

    @Test
    void malformedLinesAreToldAndSkippedUnlessStrict() throws Exception {
        List<String> lines = new ArrayList<>(executions(1));
        lines.add(1, "{\"resourceSpans\":[");
        lines.add("{\"resourceLogs\":[]}");
        Files.write(folder.resolve("traces.jsonl"), lines);

        Run lenient = scepsy("shares", "traces.jsonl", "--required-executions", "1");
        assertThat(lenient.exitCode()).isZero();
        assertThat(lenient.err()).contains("traces.jsonl:2: ");
        assertThat(workflows("workflows.json")).hasSize(1);

        Files.delete(folder.resolve("workflows.json"));
        Run strict = scepsy("shares", "traces.jsonl", "--strict");
        assertThat(strict.exitCode()).isEqualTo(2);
        assertThat(strict.err()).contains("traces.jsonl:2: ");
        assertThat(folder.resolve("workflows.json")).doesNotExist();
    }

    @Test
    void nothingReadIsBadInputAndAnOlderFileStaysIntact() throws Exception {
        Files.writeString(folder.resolve("workflows.json"), "old");
        Files.writeString(folder.resolve("metrics.jsonl"), "{\"resourceMetrics\":[]}\n\n");

        assertThat(scepsy("shares", "metrics.jsonl").exitCode()).isEqualTo(2);
        assertThat(scepsy("shares", "nowhere.jsonl").exitCode()).isEqualTo(2);
        assertThat(scepsy("shares").exitCode()).isEqualTo(2);
        assertThat(folder.resolve("workflows.json")).hasContent("old");
    }

    @Test
    void spansWithoutAnyWorkflowAreBadInputAndAnOlderFileStaysIntact() throws Exception {
        Files.writeString(folder.resolve("workflows.json"), "old");
        Files.writeString(
                folder.resolve("web.jsonl"),
                "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"01\",\"spanId\":\"01\","
                        + "\"name\":\"GET /\",\"kind\":2,\"startTimeUnixNano\":\"1\",\"endTimeUnixNano\":\"2\"}]}]}]}");

        Run run = scepsy("shares", "web.jsonl");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).containsPattern("(?m)^no workflow: 1 span made by an unnamed instrumentation");
        assertThat(run.err()).contains("any-framework.md");
        assertThat(folder.resolve("workflows.json")).hasContent("old");
    }

    @Test
    void agentsWithoutModelCallsAreBadInputThatNamesWhatToAdd() throws Exception {
        Files.writeString(folder.resolve("workflows.json"), "old");

        Run run = scepsy("shares", framework("autogen-native"), "--json");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains("autogen-native.jsonl.gz: 640 spans, 0 model calls, 40 executions")
                .containsPattern("(?m)^no model calls: 640 spans made by autogen")
                .contains("opentelemetry-instrumentation-openai");
        assertThat(new ObjectMapper().readTree(run.out()).get("problems")).hasSize(1);
        assertThat(folder.resolve("workflows.json")).hasContent("old");
    }

    @Test
    void everySourceHasALineAndTheRootsCanBeChosen() throws Exception {
        Run split = scepsy("shares", framework("strands-native-rooted"), framework("vercel-proto-unrooted"));
        assertThat(split.exitCode()).isZero();
        assertThat(split.err())
                .contains("strands-native-rooted.jsonl.gz: 130 spans, 40 model calls, 20 executions")
                .contains(
                        "vercel-proto-unrooted.jsonl.gz: 120 spans, 60 model calls, 30 executions; 120 in the words of"
                                + " Vercel AI SDK")
                .contains("10 traces have several executions below one span (answer): workflows critic, planner")
                .contains("--root topmost")
                .contains("tracer.start_as_current_span", "tracer.spanBuilder");

        Run whole = scepsy("shares", framework("strands-native-rooted"), "--root", "topmost");
        assertThat(whole.exitCode()).isZero();
        assertThat(whole.err()).doesNotContain("several executions below");
        assertThat(workflows("workflows.json")).hasSize(1);
        assertThat(workflows("workflows.json").get(0).get("name").asText()).isEqualTo("answer");

        Run none = scepsy("shares", framework("strands-native-rooted"), "--root-span", "nowhere");
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err()).containsPattern("(?m)^no workflow: no span is a root by --root span:nowhere");
        assertThat(scepsy("shares", framework("strands-native-rooted"), "--root", "top")
                        .exitCode())
                .isEqualTo(2);
    }

    @Test
    void aPlanIsRefusedForWorkflowsThatCallNothing() throws Exception {
        Files.writeString(folder.resolve("none.json"), "{\"workflows\": []}");
        Files.writeString(
                folder.resolve("silent.json"),
                "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": 1, \"models\": []}]}");
        Files.writeString(
                folder.resolve("cluster.yaml"),
                "racks: [{name: r, nodes: [{name: n, gpu: A100-SXM-80GB, gpus: 4}]}]\n");
        Files.writeString(folder.resolve("models.yaml"), "models: [{name: a, architecture: Llama-3.1-8B}]\n");

        for (String file : List.of("none.json", "silent.json")) {
            Run run = scepsy(
                    "plan",
                    "--cluster",
                    "cluster.yaml",
                    "--models",
                    "models.yaml",
                    "--workflows",
                    file,
                    "--out",
                    "p.json");
            assertThat(run.exitCode()).as(file).isEqualTo(2);
            assertThat(run.err()).contains(file + ":").contains("nothing to plan for");
            assertThat(folder.resolve("p.json")).doesNotExist();
        }
    }

    @Test
    void servicesWithWorkflowsOfOneNameAreToldApartFromTheTracesToThePlan() throws Exception {
        Files.write(folder.resolve("shop.jsonl"), executionsOf("shop", 40));
        Files.write(folder.resolve("desk.jsonl"), executionsOf("desk", 40));
        assertThat(scepsy("shares", "shop.jsonl", "desk.jsonl").exitCode()).isZero();
        assertThat(workflows("workflows.json"))
                .extracting(each -> each.get("name").asText())
                .containsExactly("research@desk", "research@shop");
        Files.writeString(
                folder.resolve("cluster.yaml"),
                "racks: [{name: r, nodes: [{name: n, gpu: A100-SXM-80GB, gpus: 4}]}]\n");
        Files.writeString(folder.resolve("models.yaml"), "models: [{name: m, architecture: Llama-3.1-8B}]\n");
        String[] plan = {
            "plan", "--cluster", "cluster.yaml", "--models", "models.yaml", "--workflows", "workflows.json", "--target"
        };

        Run several = scepsy(append(plan, "research=1"));
        assertThat(several.exitCode()).isEqualTo(2);
        assertThat(several.err()).contains("research@desk", "research@shop");
        Run each = scepsy(append(plan, "research@desk=1", "--target", "research@shop=0.5"));
        assertThat(each.exitCode()).as(each.err()).isZero();
    }

    private static String[] append(String[] some, String... more) {
        List<String> all = new ArrayList<>(List.of(some));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private static String framework(String name) {
        return Path.of("src/test/resources/frameworks", name + ".jsonl.gz")
                .toAbsolutePath()
                .toString();
    }

    @Test
    void theHelpNamesEveryOption() throws Exception {
        Run run = scepsy("shares", "--help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains(
                        "--out",
                        "--strict",
                        "--required-executions",
                        "--json",
                        "--root",
                        "--root-span",
                        "--correct-skew",
                        "--skip-first",
                        "--trim",
                        "jaeger:");
    }

    private record Run(int exitCode, String out, String err) {}

    private Run scepsy(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", JAR.toString()));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile("scepsy", ".out");
        Path err = Files.createTempFile("scepsy", ".err");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private JsonNode workflows(String file) throws IOException {
        return new ObjectMapper().readTree(folder.resolve(file).toFile()).get("workflows");
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    /** Two lines an execution: its calls, one or three of them, and then its root. */
    private static List<String> executions(int count) {
        List<String> lines = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            StringBuilder calls = new StringBuilder();
            for (int c = 0; c < (i % 2 == 0 ? 1 : 3); c++) {
                calls.append(c == 0 ? "" : ",")
                        .append(span(i, 0xb0 + c, ROOT, "chat m", 3, "chat", "gen_ai.request.model", "m"));
            }
            lines.add(line(calls.toString()));
            lines.add(line(span(i, ROOT, 0, "invoke_workflow w", 1, "invoke_workflow", "gen_ai.workflow.name", "w")));
        }
        return lines;
    }

    /** A service's runs of a workflow "research", one call of 500 and 50 tokens each. */
    private static List<String> executionsOf(String service, int count) {
        List<String> lines = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            int trace = service.length() * 1000 + service.charAt(0) * 10_000 + i;
            String call = span(trace, 0xb0, ROOT, "chat m", 3, "chat", "gen_ai.request.model", "m")
                    .replace(
                            "\"attributes\":[",
                            "\"attributes\":[{\"key\":\"gen_ai.usage.input_tokens\",\"value\":{\"intValue\":\"500\"}},"
                                    + "{\"key\":\"gen_ai.usage.output_tokens\",\"value\":{\"intValue\":50}},");
            String root =
                    span(trace, ROOT, 0, "invoke_workflow", 1, "invoke_workflow", "gen_ai.workflow.name", "research");
            lines.add("{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":"
                    + "{\"stringValue\":\"" + service + "\"}}]},\"scopeSpans\":[{\"spans\":[" + root + "," + call
                    + "]}]}]}");
        }
        return lines;
    }

    private static String line(String spans) {
        return "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" + spans + "]}]}]}";
    }

    private static String span(
            int trace, long id, long parent, String name, int kind, String operation, String key, String value) {
        return String.format(
                "{\"traceId\":\"%032x\",\"spanId\":\"%016x\",\"parentSpanId\":\"%s\",\"name\":\"%s\",\"kind\":%d,"
                        + "\"startTimeUnixNano\":\"%d\",\"endTimeUnixNano\":\"%d\",\"attributes\":[{\"key\":"
                        + "\"gen_ai.operation.name\",\"value\":{\"stringValue\":\"%s\"}},{\"key\":\"%s\",\"value\":"
                        + "{\"stringValue\":\"%s\"}}]}",
                trace,
                id,
                parent == 0 ? "" : String.format("%016x", parent),
                name,
                kind,
                1_700_000_000_000_000_000L + trace,
                1_700_000_001_000_000_000L + id + trace,
                operation,
                key,
                value);
    }
}
