package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.javaagent.app.PlannedApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The modes {@code plan} and {@code push}, in a JVM whose program calls a model server. */
class PlanIT {

    /** As many as statistics need. */
    private static final int EXECUTIONS = 40;

    @TempDir
    Path folder = Path.of("");

    @BeforeEach
    void describeClusterAndModels() throws IOException {
        Files.writeString(folder.resolve("cluster.yaml"), """
            version: 1
            racks:
              - name: rack-1
                nodes:
                  - {name: node-1, gpu: A100-SXM-80GB, gpus: 1}
            """);
        Files.writeString(folder.resolve("models.yaml"), """
            version: 1
            models:
              - {name: assistant, architecture: Qwen3-8B, weightPrecision: bf16, maxModelLength: 8192}
            """);
    }

    @Test
    void aPlanIsMadeOfWhatTheProgramDidAndBadSettingsAreSaidOnce() throws IOException {
        String said = planned(
                program("plan")
                        .option("-Dscepsy.plan.max-utilisation=7.0")
                        .option("-Dscepsy.plan.objective=beauty")
                        .option("-Dscepsy.plan.quantile=1"),
                "[scepsy] plan: ");

        assertThat(said)
                .contains("[scepsy] plan: 1 x assistant (1 of 1 A100-SXM-80GB) (" + folder.resolve("plan.json") + ")")
                .containsOnlyOnce("scepsy.plan.max-utilisation (7.0) must be at most 1; it is left out.")
                .containsOnlyOnce("scepsy.plan.objective (beauty) is not latency, throughput, gpus or cost")
                .containsOnlyOnce("scepsy.plan.quantile (1) must be below 1; the means are used.");
        JsonNode plan = json("plan.json");
        assertThat(plan.path("allocations").path(0).path("model").asText()).isEqualTo("assistant");
        assertThat(plan.path("predictions").path(0).path("workflow").asText()).isEqualTo("answer");
        assertThat(json("workflows.json")
                        .path("workflows")
                        .path(0)
                        .path("executions")
                        .asInt())
                .isEqualTo(EXECUTIONS);
    }

    @Test
    void filesThatCannotBeUsedAreSaidAndTheProgramRuns() throws IOException {
        Files.writeString(folder.resolve("models.yaml"), "version: 1\nmodels: none\n");

        assertThat(planned(program("plan"), "[scepsy] planning: ")).contains("models.yaml", "none");
        assertThat(folder.resolve("plan.json")).doesNotExist();
    }

    @Test
    void aPushGoesThroughTheClientsJarAndSaysWhyItDidNot() throws IOException {
        Path client =
                Path.of("../scepsy-planner/target/scepsy-cluster-client.jar").toAbsolutePath();
        String said = planned(
                program("push")
                        .option("-Dscepsy.cluster-client=" + client)
                        .option("-Dscepsy.kubernetes.server=http://127.0.0.1:9"),
                "[scepsy] push: ");

        assertThat(said).contains("[scepsy] plan: 1 x assistant").contains("127.0.0.1:9");
        assertThat(json("plan.json").path("allocations")).hasSize(1);
    }

    private ForkedJvm program(String mode) {
        return ForkedJvm.of(PlannedApp.class)
                .with("scepsy-langchain4j")
                .with("jspecify")
                .withAgent()
                .env("OTEL_SDK_DISABLED", "true")
                .option("-Dscepsy.planner=" + mode)
                .option("-Dscepsy.out=" + folder)
                .option("-Dscepsy.cluster=" + folder.resolve("cluster.yaml"))
                .option("-Dscepsy.models=" + folder.resolve("models.yaml"));
    }

    /** What a program has said on standard error by its end, which comes once it has said this. */
    private static String planned(ForkedJvm program, String until) {
        try (ModelServer server = new ModelServer();
                Running running = program.argument(server.baseUrl())
                        .argument(Integer.toString(EXECUTIONS))
                        .start()) {
            running.await("a line with " + until, () -> running.err().contains(until));
            ForkedJvm.Outcome outcome = running.end();
            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.out()).isEqualTo(EXECUTIONS + " answered\n");
            assertThat(outcome.err()).doesNotContain("\tat ");
            return outcome.err();
        }
    }

    private JsonNode json(String file) throws IOException {
        return new ObjectMapper().readTree(folder.resolve(file).toFile());
    }
}
