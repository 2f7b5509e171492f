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

    @TempDir
    Path folder;

    private Path traces;

    @BeforeEach
    void fortyRuns() throws IOException {
        traces = folder.resolve("traces.jsonl");
        SpanLines lines = new SpanLines("s");
        for (int run = 1; run <= 40; run++) {
            int root = lines.span(0, 0, 5, "invoke_workflow", SpanLines.also("gen_ai.workflow.name", "w"));
            role(lines, root, "planner", 0, 1, 6000 + run, 40);
            for (int writer = 0; writer < 3; writer++) {
                role(lines, root, "writer", 1, 5, 200, 700 + 10 * writer + run);
            }
            lines.next();
        }
        lines.to(traces);
    }

    private static void role(SpanLines lines, int root, String agent, double start, double end, int input, int output) {
        int above = lines.span(root, start, end, "invoke_agent", SpanLines.also("gen_ai.agent.name", agent));
        lines.span(above, start, end, "chat", SpanLines.call("m", input, output));
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
}
