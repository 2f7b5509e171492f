package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One model in two roles: a reader of long prompts, on the critical path, and writers of long answers, hidden behind another
 * model's calls. The mean call is mostly a writer's, so that without roles the model seems to wait for little: three GPUs are
 * then divided the other way round.
 */
class RolesPlanTest {

    private static final String CALLS = "{\"model\": \"a\", \"callsPerExecution\": 5, \"meanCallSeconds\": 9.8,"
            + " \"sequentialCalls\": 0.10204081632653061, \"inputTokens\": {\"mean\": 6080}, \"outputTokens\": {\"mean\": 481}";
    private static final String ROLES = ", \"callClasses\": ["
            + "{\"name\": \"reader\", \"callsPerExecution\": 1, \"sequentialCalls\": 1, \"meanCallSeconds\": 1,"
            + " \"inputTokens\": {\"mean\": 30000}, \"outputTokens\": {\"mean\": 5}},"
            + "{\"name\": \"writer\", \"callsPerExecution\": 4, \"sequentialCalls\": 0, \"meanCallSeconds\": 12,"
            + " \"inputTokens\": {\"mean\": 100}, \"outputTokens\": {\"mean\": 600}}]";

    @TempDir
    Path folder;

    @BeforeEach
    void threeGpusForTwoModels() throws IOException {
        write("cluster.yaml", "racks: [{name: r, nodes: [{name: n, gpu: H100-SXM-80GB, gpus: 3}]}]");
        write("models.yaml", """
            models:
              - {name: a, architecture: Qwen3-8B, maxModelLength: 40960}
              - {name: b, architecture: Llama-3.1-8B, maxModelLength: 40960}
            """);
        write("mixed.json", workflows(CALLS));
        write("roles.json", workflows(CALLS + ROLES));
    }

    @Test
    void rolesMakeThePlanGiveTheModelOnTheCriticalPathTheSecondGpu() throws IOException {
        assertThat(tensorParallel(plan("mixed.json"))).isEqualTo(Map.of("a", 1, "b", 2));
        assertThat(tensorParallel(plan("roles.json"))).isEqualTo(Map.of("a", 2, "b", 1));
    }

    @Test
    void onTheRolesThePlanMadeWithThemIsTheFasterOne() throws IOException {
        plan("mixed.json");
        plan("roles.json");

        assertThat(seconds("plan-of-roles.json")).isLessThan(seconds("plan-of-mixed.json"));
    }

    private static String workflows(String calls) {
        return "{\"workflows\": [{\"name\": \"w\", \"executions\": 100, \"targetPerSecond\": 0.1, \"models\": [" + calls
                + "}, {\"model\": \"b\", \"callsPerExecution\": 1, \"sequentialCalls\": 1, \"meanCallSeconds\": 2,"
                + " \"inputTokens\": {\"mean\": 500}, \"outputTokens\": {\"mean\": 120}}]}]}";
    }

    private JsonNode plan(String workflows) throws IOException {
        Path plan = folder.resolve("plan-of-" + workflows);
        CommandLineRun run = CommandLineRun.of(
                "plan",
                "--cluster",
                folder.resolve("cluster.yaml"),
                "--models",
                folder.resolve("models.yaml"),
                "--workflows",
                folder.resolve(workflows),
                "--out",
                plan);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return new ObjectMapper().readTree(plan.toFile());
    }

    private static Map<String, Integer> tensorParallel(JsonNode plan) {
        Map<String, Integer> degrees = new TreeMap<>();
        for (JsonNode allocation : plan.get("allocations")) {
            assertThat(allocation.get("replicas").asInt()).isEqualTo(1);
            degrees.put(
                    allocation.get("model").asText(),
                    allocation.get("tensorParallel").asInt());
        }
        return degrees;
    }

    /** What a plan gives the workflow whose roles are known. */
    private double seconds(String plan) throws IOException {
        CommandLineRun run = CommandLineRun.of(
                "predict",
                "--cluster",
                folder.resolve("cluster.yaml"),
                "--models",
                folder.resolve("models.yaml"),
                "--workflows",
                folder.resolve("roles.json"),
                "--plan",
                folder.resolve(plan));
        assertThat(run.exitCode()).as(run.err()).isZero();
        return new ObjectMapper()
                .readTree(run.out())
                .findValue("latencySeconds")
                .asDouble();
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}
