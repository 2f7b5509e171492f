package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.cluster.ReplicaLoads;
import dev.scepsy.planner.cluster.ServingState;
import dev.scepsy.planner.cluster.ServingState.EngineState;
import dev.scepsy.planner.cluster.VerifiedPlacement;
import dev.scepsy.planner.transition.Engine;
import dev.scepsy.planner.transition.EngineShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What verbs print with {@code --json} is what the published schemas say, every key of it. */
class OutputSchemaTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @BeforeEach
    void twoModelsOnTwoNodes() throws IOException {
        Files.writeString(folder.resolve("cluster.yaml"), """
                racks:
                  - name: rack-1
                    nodes:
                      - {name: node-1, gpu: A100-SXM-80GB, gpus: 2, sharing: {mode: mps, step: 0.1}}
                      - {name: node-2, gpu: A100-SXM-80GB, gpus: 2, sharing: {mode: mps, step: 0.1}}
                """);
        Files.writeString(folder.resolve("models.yaml"), """
                models:
                  - {name: planner, architecture: Qwen3-8B, maxModelLength: 8192}
                  - {name: generator, architecture: Llama-3.1-8B, maxModelLength: 8192}
                """);
        Files.writeString(folder.resolve("workflows.json"), """
                {"workflows": [{"name": "rag", "targetPerSecond": 0.5, "otherSeconds": 0.3, "models": [
                  {"model": "planner", "callsPerExecution": 1.2, "inputTokens": {"mean": 600}, "outputTokens": {"mean": 150}},
                  {"model": "generator", "callsPerExecution": 3.4, "parallelism": 2.2, "inputTokens": {"mean": 1200}, "outputTokens": {"mean": 250}}]}]}
                """);
    }

    @Test
    void plans() throws IOException {
        CommandLineRun first = run("plan", "--json", "--objective", "gpus");
        CommandLineRun second = run(
                "plan",
                "--json",
                "--current",
                folder.resolve("plan.json").toString(),
                "--refine",
                "2",
                "--what-if",
                "load*2",
                "--what-if",
                "load*5000");

        assertValid("plan-output", first);
        assertThat(JSON.readTree(first.out()).at("/goal/objective").asText()).isEqualTo("gpus");
        assertThat(JSON.readTree(first.out()).at("/models/0/limit").asText()).isEqualTo("objective");
        assertValid("plan-output", second);
        JsonNode printed = JSON.readTree(second.out());
        assertThat(printed.at("/whatIf/1/infeasible")).isNotEmpty();
        assertThat(printed.at("/refinement/plans").asInt()).isEqualTo(2);
        assertThat(printed.at("/placement/movement").isObject()).isTrue();
    }

    @Test
    void simulations() throws IOException {
        run("plan");
        CommandLineRun open =
                run("simulate", "--json", "--plan", folder.resolve("plan.json").toString(), "--duration", "60");
        CommandLineRun none = run(
                "simulate",
                "--json",
                "--plan",
                folder.resolve("plan.json").toString(),
                "--duration",
                "60",
                "--target",
                "rag=1e-6");

        assertValid("simulate-output", open);
        assertValid("simulate-output", none);
        assertThat(JSON.readTree(none.out()).at("/workflows/0/latencySeconds").isNull())
                .isTrue();
    }

    @Test
    void states() throws IOException {
        Engine engine = new Engine("m", new EngineShape(GpuFraction.of(0.5), 1, 40, "r"), "node-1", List.of(0));
        ServingState state = new ServingState(
                "stopped",
                Optional.of("p1"),
                "waits",
                List.of(new EngineState(
                        engine,
                        "m-1",
                        1,
                        0,
                        1,
                        List.of(new VerifiedPlacement(engine, "pod", "", List.of(), "MPS")),
                        "MPS",
                        List.of("ImagePullBackOff"))),
                List.of("now p1 stopped"),
                List.of(),
                List.of("pod x leaves"),
                Optional.of(new ServingState.RouterState("haproxy", 2, 1, true, List.of("Pod r: OOMKilled"))));

        ReplicaLoads loads = new ReplicaLoads(
                "m",
                3,
                List.of(
                        new ReplicaLoads.Engine("m-1", 31, OptionalDouble.of(400), Optional.empty()),
                        new ReplicaLoads.Engine("m-2", 0, OptionalDouble.empty(), Optional.empty())),
                Optional.of("One did not answer."),
                Instant.EPOCH,
                false);

        assertValid("status-output", new CommandLineRun(0, StatusCommand.json(state, List.of(loads)), ""));
    }

    private CommandLineRun run(String verb, String... more) {
        Object[] arguments = new Object[7 + more.length + (verb.equals("plan") ? 2 : 0)];
        int at = 0;
        arguments[at++] = verb;
        for (String file : List.of("cluster.yaml", "models.yaml", "workflows.json")) {
            arguments[at++] = "--" + file.substring(0, file.indexOf('.'));
            arguments[at++] = folder.resolve(file);
        }
        if (verb.equals("plan")) {
            arguments[at++] = "--out";
            arguments[at++] = folder.resolve("plan.json");
        }
        System.arraycopy(more, 0, arguments, at, more.length);
        return CommandLineRun.of(arguments);
    }

    private static void assertValid(String schema, CommandLineRun run) throws IOException {
        assertThat(run.exitCode()).as(run.err()).isZero();
        Path root = Path.of("").toAbsolutePath();
        Path schemas = Files.isDirectory(root.resolve("docs/schemas"))
                ? root.resolve("docs/schemas")
                : root.resolveSibling("docs/schemas");
        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                        .getSchema(JSON.readTree(Files.readString(schemas.resolve(schema + ".schema.json"))))
                        .validate(JSON.readTree(run.out())))
                .as(run.out())
                .isEmpty();
    }
}
