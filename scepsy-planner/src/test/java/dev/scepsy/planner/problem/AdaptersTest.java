package dev.scepsy.planner.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters are other names of a model that engines load beside it; engines are what serves it. */
class AdaptersTest {

    private static final String CARD = "racks: [{name: r, nodes: [{name: n, gpu: L4-24GB, gpus: 2}]}]";

    @TempDir
    Path folder;

    private WrittenProblem written(String model) {
        return new WrittenProblem(folder)
                .cluster(CARD)
                .profiles("profiles: []")
                .models("models: [{name: a, architecture: Qwen3-1.7B" + model + "}]");
    }

    private static String calls(String model, double count) {
        return "{\"model\": \"" + model + "\", \"callsPerExecution\": " + count
                + ", \"inputTokens\": {\"mean\": 300}, \"outputTokens\": {\"mean\": 30}}";
    }

    private static String workflow(String... models) {
        return "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": 0.1, \"models\": [" + String.join(", ", models)
                + "]}]}";
    }

    @Test
    void callsOfAnAdapterCountForItsModel() {
        WrittenProblem written = written(", adapters: [{name: a-sql, source: org/sql}]")
                .workflows(workflow(calls("a", 2), calls("a-sql", 3)));

        assertThat(written.legal().demands().get(0).calls()).singleElement().satisfies(both -> {
            assertThat(both.model()).isEqualTo("a");
            assertThat(both.callsPerExecution()).isCloseTo(5, within(1e-12));
        });
    }

    @Test
    void namesAreUniqueAndSpeakableAndSlotsWithinWhatEnginesTake() {
        assertThat(written(", aliases: [b], adapters: [{name: b, source: x}, {name: 'c d', source: y, rank: 1024}]")
                        .workflows(workflow(calls("a", 1)))
                        .problems())
                .satisfiesExactlyInAnyOrder(
                        twice -> assertThat(twice).contains("adapters[0].name", "(b) is already given"),
                        blank -> assertThat(blank).contains("adapters[1].name", "(c d)", "no blank"),
                        rank -> assertThat(rank).contains("adapters[1].rank", "1024", "512"));
    }

    @Test
    void anEngineThatTakesNoAdaptersAtItsStartIsRefusedWithBothRemedies() {
        assertThat(written(", engine: trtllm, adapters: [{name: b, source: x}]")
                        .workflows(workflow(calls("a", 1)))
                        .problems())
                .singleElement()
                .asString()
                .contains("models[0].adapters", "trtllm", "Use vllm or sglang, or leave them out");
        assertThat(written(", engine: triton")
                        .workflows(workflow(calls("a", 1)))
                        .problems())
                .singleElement()
                .asString()
                .contains("engine", "triton", "vllm");
    }

    @Test
    void anotherEngineIsPredictedByItsOwnCoefficients() {
        double vllm = latency(written("").workflows(workflow(calls("a", 1))));
        double trtllm = latency(written(", engine: trtllm").workflows(workflow(calls("a", 1))));

        assertThat(vllm / trtllm).isNotCloseTo(1, within(0.01));
    }

    private static double latency(WrittenProblem written) {
        return written.legal()
                .allocationProblem(1)
                .models()
                .get(0)
                .candidates()
                .get(0)
                .profile()
                .meanLatencySeconds(0.01);
    }
}
