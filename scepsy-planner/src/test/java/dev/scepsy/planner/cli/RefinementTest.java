package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scepsy plan --refine}: what the simulator sees and the closed form does not. */
class RefinementTest {

    private static final int PROBLEMS = Boolean.getBoolean("scepsy.full") ? 100 : 6;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @Test
    void aHiddenModelIsNotStarved() throws IOException {
        // the critic runs beside the generator: while it takes less than the generator's 4 s nobody sees it
        write(
                "cluster.yaml",
                "racks: [{name: r, nodes: [{name: n, gpu: G, gpus: 2, memoryGiB: 80,"
                        + " sharing: {mode: mps, step: 0.25}}]}]");
        write("models.yaml", "models: [{name: generator}, {name: critic}]");
        write("profiles.yaml", """
            profiles:
              - {model: generator, gpu: G, curve: [{requestsPerSecond: 1, meanLatencySeconds: 4}]}
              - {model: critic, gpu: G, gpuFraction: 0.25, curve: [{requestsPerSecond: 1, meanLatencySeconds: 9}]}
              - {model: critic, gpu: G, gpuFraction: 0.75, curve: [{requestsPerSecond: 1, meanLatencySeconds: 2}]}
            """);
        write("workflows.json", """
            {"workflows": [{"name": "w", "targetPerSecond": 0.5, "models": [
              {"model": "generator", "callsPerExecution": 1, "sequentialCalls": 1},
              {"model": "critic", "callsPerExecution": 1, "sequentialCalls": 0}]}]}
            """);

        plan("--refine", "0");
        assertThat(fractionOf("critic")).isEqualTo(0.25);
        JsonNode refined = plan("--refine", "10");

        assertThat(fractionOf("critic")).isEqualTo(0.75);
        assertThat(refined.at("/refinement/bestByFormulaSeconds").asDouble()).isCloseTo(9, within(0.5));
        assertThat(refined.at("/refinement/chosenSeconds").asDouble()).isCloseTo(4, within(0.5));
        JsonNode written = JSON.readTree(folder.resolve("plan.json").toFile());
        assertThat(written.get("objectiveSeconds").asDouble()).isCloseTo(4, within(1e-9));
        assertThat(written.at("/predictions/0/simulated/meanSeconds").asDouble())
                .isEqualTo(refined.at("/refinement/chosenSeconds").asDouble());
    }

    @Test
    void theRefinedPlanIsNeverWorseInSimulationThanTheBestByFormula() throws IOException {
        int better = 0;
        for (int seed = 0; seed < PROBLEMS; seed++) {
            generate(new Random(seed));
            CommandLineRun unrefined = run("--refine", "0");
            if (unrefined.exitCode() == ExitCode.INFEASIBLE) {
                continue;
            }
            // one candidate is the best by formula itself: what it simulates to
            double alone = plan("--refine", "1").at("/refinement/chosenSeconds").asDouble();
            JsonNode refined = plan("--refine", "8").get("refinement");

            assertThat(refined.get("bestByFormulaSeconds").asDouble())
                    .as("seed " + seed)
                    .isEqualTo(alone);
            assertThat(refined.get("chosenSeconds").asDouble())
                    .as("seed " + seed)
                    .isLessThanOrEqualTo(alone);
            better += refined.get("chosenSeconds").asDouble() < alone ? 1 : 0;
        }
        assertThat(better).isGreaterThan(PROBLEMS / 5);
    }

    private void generate(Random random) throws IOException {
        write(
                "cluster.yaml",
                "racks: [{name: r, nodes: [{name: n1, gpu: G, gpus: 4, memoryGiB: 80,"
                        + " sharing: {mode: mps, step: 0.5}}, {name: n2, gpu: G, gpus: 2, memoryGiB: 80}]}]");
        StringBuilder models = new StringBuilder("models: [");
        StringBuilder profiles = new StringBuilder("profiles:\n");
        StringBuilder calls = new StringBuilder();
        for (int m = 0; m < 3; m++) {
            models.append(m == 0 ? "" : ", ").append("{name: m").append(m).append("}");
            double seconds = 0.5 + 3 * random.nextDouble();
            double rate = 0.5 + 2 * random.nextDouble();
            for (double power : new double[] {0.5, 1, 2}) {
                profiles.append(String.format(
                        Locale.ROOT,
                        "  - {model: m%d, gpu: G, gpuFraction: %s, tensorParallel: %d, curve: [{requestsPerSecond: 0.1,"
                                + " meanLatencySeconds: %.3f}, {requestsPerSecond: %.3f, meanLatencySeconds: %.3f}]}%n",
                        m,
                        power < 1 ? "0.5" : "1",
                        power > 1 ? 2 : 1,
                        seconds / power,
                        rate * power,
                        3 * seconds / power));
            }
            double n = 0.5 + 2 * random.nextDouble();
            calls.append(String.format(
                    Locale.ROOT,
                    "%s{\"model\": \"m%d\", \"callsPerExecution\": %.3f, \"sequentialCalls\": %.3f}",
                    m == 0 ? "" : ", ",
                    m,
                    n,
                    random.nextInt(3) == 0 ? 0 : n * random.nextDouble()));
        }
        write("models.yaml", models.append("]").toString());
        write("profiles.yaml", profiles.toString());
        write(
                "workflows.json",
                "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": 0.3, \"models\": [" + calls + "]}]}");
    }

    /** Of the plan written last. */
    private double fractionOf(String model) throws IOException {
        for (JsonNode allocation :
                JSON.readTree(folder.resolve("plan.json").toFile()).get("allocations")) {
            if (allocation.get("model").asText().equals(model)) {
                return allocation.get("gpuFraction").asDouble();
            }
        }
        return Double.NaN;
    }

    private JsonNode plan(String... more) throws IOException {
        CommandLineRun run = run(more);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return JSON.readTree(run.out());
    }

    private CommandLineRun run(String... more) {
        List<Object> arguments = new ArrayList<>(List.of("plan", "--json"));
        for (String name : List.of("cluster", "models", "profiles")) {
            arguments.addAll(List.of("--" + name, folder.resolve(name + ".yaml")));
        }
        arguments.addAll(
                List.of("--workflows", folder.resolve("workflows.json"), "--out", folder.resolve("plan.json")));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray());
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}
