package dev.scepsy.planner.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.file.Problem;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restrictions of the models file beside one node of four GPUs of type G: which of them nothing can meet. */
class RestrictionsTest {

    @TempDir
    Path folder;

    @Test
    void whatSomeNodeHostsIsNoContradiction() {
        assertThat(under(
                        "sharing: {mode: mps, step: 0.5}",
                        "gpus: [G, H], tensorParallel: [4, 8], gpuFractions: [0.3, 1]"))
                .isEmpty();
        assertThat(under(
                        "sharing: {mode: mps, step: 0.5, tensorParallel: true}",
                        "tensorParallel: [2], gpuFractions: [0.5]"))
                .isEmpty();
        assertThat(under("sharing: {mode: mps, replicas: 3}", "gpuFractions: [0.33]"))
                .isEmpty();
    }

    @Test
    void eachContradictionIsSaidAtItsKeyWithWhatWouldDo() {
        assertThat(under("domainSize: 4", "gpus: [H, K]"))
                .containsExactly(
                        "models[0].gpus: No node of the cluster has one of the gpus [H, K] of model (a). Name one of"
                                + " [G], or leave the gpus out.");
        assertThat(under("domainSize: 2", "tensorParallel: [4, 8]"))
                .containsExactly(
                        "models[0].tensorParallel: The tensorParallel [4, 8] of model (a) is wider than any domain"
                                + " of G (2 GPUs). Allow 2 or less, or leave the tensorParallel out.");
        assertThat(under("sharing: {mode: mps, step: 0.5}", "gpuFractions: [0.3, 0.25]"))
                .containsExactly(
                        "models[0].gpuFractions: The gpuFractions [0.25, 0.3] of model (a) are on the sharing grid"
                                + " of no node with G. Allow one that is, or leave the gpuFractions out.");
        assertThat(under("sharing: {mode: mps, step: 0.5}", "tensorParallel: [2], gpuFractions: [0.5]"))
                .singleElement()
                .asString()
                .startsWith(
                        "models[0].tensorParallel: No node with G takes the tensorParallel [2] of model (a) together"
                                + " with its gpuFractions [0.5].")
                .contains("tensorParallel: true");
    }

    @Test
    void ofModelsThatTakeNoGpusNothingIsSaid() {
        assertThat(beside("domainSize: 4", "[{name: a}, {name: unused, tensorParallel: [16]}]"))
                .isEmpty();
    }

    /** A size or a way of sharing that cannot be read is one problem, not two. */
    @Test
    void ofWhatTheClusterFileSaysWrongNothingIsConcluded() {
        assertThat(malformed("gpus: four", "tensorParallel: [8]")).hasSize(1);
        assertThat(malformed("gpus: 4, domainSize: 0", "tensorParallel: [4]")).hasSize(1);
        assertThat(malformed("gpus: 4, sharing: {mode: mpz}", "gpuFractions: [0.5]"))
                .hasSize(1);
        assertThat(malformed("gpus: 4, sharing: {mode: mpz}", "tensorParallel: [8]"))
                .hasSize(2);
    }

    private List<String> under(String node, String restriction) {
        return beside(node, "[{name: a, " + restriction + "}]");
    }

    private List<String> beside(String node, String models) {
        return new WrittenProblem(folder)
                .node(node).models("models: " + models).assemble().warnings().stream()
                        .filter(warning -> warning.file().endsWith("models.yaml"))
                        .map(RestrictionsTest::inWords)
                        .toList();
    }

    private List<String> malformed(String node, String restriction) {
        return new WrittenProblem(folder)
                        .cluster("racks: [{name: r, nodes: [{name: n, gpu: G, memoryGiB: 80, " + node + "}]}]")
                        .models("models: [{name: a, " + restriction + "}]")
                        .assemble()
                        .whyMalformed()
                        .stream()
                        .map(RestrictionsTest::inWords)
                        .toList();
    }

    private static String inWords(Problem problem) {
        return problem.path() + ": " + problem.message();
    }
}
