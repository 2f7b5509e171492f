package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.file.WorkflowsFile;
import dev.scepsy.planner.share.CallClass;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Roles from spans to {@code workflows.json} and back: one planner's call, then three writers' side by side, all to one model. */
class SharesRolesTest {

    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path folder;

    private Path traces;
    private int nextSpan = 1;

    @BeforeEach
    void fortyRuns() throws IOException {
        traces = folder.resolve("traces.jsonl");
        StringBuilder lines = new StringBuilder();
        for (int run = 1; run <= 40; run++) {
            long start = run * 100 * SECOND;
            int root = nextSpan++;
            StringBuilder spans = new StringBuilder(span(
                    run, root, 0, start, start + 5 * SECOND, "\"invoke_workflow\"", text("gen_ai.workflow.name", "w")));
            role(spans, run, root, "planner", start, start + SECOND, 6000 + run, 40);
            for (int writer = 0; writer < 3; writer++) {
                role(spans, run, root, "writer", start + SECOND, start + 5 * SECOND, 200, 700 + 10 * writer + run);
            }
            lines.append("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[")
                    .append(spans)
                    .append("]}]}]}\n");
        }
        Files.writeString(traces, lines);
    }

    @Test
    void rolesThatSharesWritesAreReadBackAsTheyAreAndWrittenAgainTheSame() throws IOException {
        Path written = folder.resolve("workflows.json");
        CommandLineRun run = CommandLineRun.of("shares", traces, "--out", written, "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();

        List<WorkflowStatistics> read = WorkflowsFile.read(written).legalValue().orElseThrow();
        Path again = folder.resolve("again.json");
        WorkflowsFile.write(read, new TreeMap<>(Map.of()), again);

        ModelStatistics model = read.get(0).models().get(0);
        assertThat(model.callClasses()).extracting(CallClass::name).containsExactly("planner", "writer");
        assertThat(model.callClasses().get(0).inputTokens().orElseThrow().mean())
                .isCloseTo(6020.5, within(1e-9));
        assertThat(model.callClasses().get(1).parallelism()).isEqualTo(3);
        assertThat(model.callClasses().get(1).sequentialCalls()).isEqualTo(1);
        assertThat(again).hasSameBinaryContentAs(written);
        assertThat(WorkflowsFile.read(again).legalValue().orElseThrow()).isEqualTo(read);
        assertThat(Files.readString(written)).isEqualTo(run.out());
    }

    @Test
    void theEngineModelSaysByHowMuchRolesChangeThePlanWhereModelsAreGiven() throws IOException {
        Path models = folder.resolve("models.yaml");
        Files.writeString(models, "models: [{name: m, architecture: Qwen3-8B, maxModelLength: 16384}]\n");
        Path written = folder.resolve("workflows.json");

        CommandLineRun run = CommandLineRun.of("shares", traces, "--out", written, "--models", models);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err())
                .containsPattern("note: workflow w: telling the calls to m apart \\(planner, writer\\) changes its mean"
                        + " latency by [0-9.]+ % and what the model is asked for by [0-9.]+ % at the reference: they are kept"
                        + " apart");
        assertThat(WorkflowsFile.read(written)
                        .legalValue()
                        .orElseThrow()
                        .get(0)
                        .models()
                        .get(0)
                        .callClasses())
                .hasSize(2);
    }

    private void role(
            StringBuilder spans, int run, int root, String agent, long start, long end, int input, int output) {
        int above = nextSpan++;
        spans.append(',')
                .append(span(run, above, root, start, end, "\"invoke_agent\"", text("gen_ai.agent.name", agent)));
        spans.append(',')
                .append(span(
                        run,
                        nextSpan++,
                        above,
                        start,
                        end,
                        "\"chat\"",
                        text("gen_ai.request.model", "m") + "," + number("gen_ai.usage.input_tokens", input) + ","
                                + number("gen_ai.usage.output_tokens", output)));
    }

    private static String text(String key, String value) {
        return "{\"key\":\"" + key + "\",\"value\":{\"stringValue\":\"" + value + "\"}}";
    }

    private static String number(String key, int value) {
        return "{\"key\":\"" + key + "\",\"value\":{\"intValue\":\"" + value + "\"}}";
    }

    private static String span(int run, int id, int parent, long start, long end, String operation, String attributes) {
        return String.format(
                "{\"traceId\":\"%032x\",\"spanId\":\"%016x\",\"parentSpanId\":\"%s\",\"name\":\"s\",\"kind\":1,"
                        + "\"startTimeUnixNano\":\"%d\",\"endTimeUnixNano\":\"%d\",\"attributes\":[{\"key\":"
                        + "\"gen_ai.operation.name\",\"value\":{\"stringValue\":%s}},%s]}",
                run, id, parent == 0 ? "" : String.format("%016x", parent), start, end, operation, attributes);
    }
}
