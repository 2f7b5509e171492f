package dev.scepsy.planner.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.topology.Node;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a GPU costs is its user's to say, of a type of the catalogue too. */
class GpuPriceTest {

    @TempDir
    Path folder;

    @Test
    void pricesStandInGpuTypes() {
        Reading<ClusterFile.Described> cluster = read(
                "{name: H100-SXM-80GB, costPerHour: 2.5}, {name: mine, memoryGiB: 24, costPerHour: 0.4}",
                "H100-SXM-80GB",
                "mine",
                "L4-24GB");

        List<Node> nodes = cluster.legalValue().orElseThrow().cluster().nodes();
        assertThat(nodes.get(0).gpu().costPerHour()).hasValue(2.5);
        assertThat(nodes.get(0).gpu().memoryGiB()).isEqualTo(80);
        assertThat(nodes.get(1).gpu().costPerHour()).hasValue(0.4);
        assertThat(nodes.get(2).gpu().costPerHour()).isEmpty();
        assertThat(cluster.legalValue().orElseThrow().facts()).containsOnlyKeys("H100-SXM-80GB", "L4-24GB");
    }

    @Test
    void ofACatalogueTypeOnlyThePriceIsTaken() {
        assertThat(read("{name: H100-SXM-80GB, costPerHour: 2.5, memoryGiB: 94}", "H100-SXM-80GB")
                        .whyMalformed())
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.path()).isEqualTo("gpuTypes[0].memoryGiB");
                    assertThat(problem.message()).contains("costPerHour", "choose another name");
                });
    }

    @Test
    void aPriceIsAboveNothingAndSaidOnce() {
        assertThat(read("{name: H100-SXM-80GB, costPerHour: 0}", "H100-SXM-80GB")
                        .whyMalformed())
                .extracting(Problem::path)
                .containsExactly("gpuTypes[0].costPerHour");
        assertThat(read("{name: L4-24GB, costPerHour: 1}, {name: L4-24GB, costPerHour: 2}", "L4-24GB")
                        .whyMalformed())
                .extracting(Problem::path)
                .containsExactly("gpuTypes[1].name");
        assertThat(read("{name: unknown, costPerHour: 1}", "L4-24GB").whyMalformed())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("memoryGiB"));
    }

    private Reading<ClusterFile.Described> read(String gpuTypes, String... gpus) {
        StringBuilder text = new StringBuilder("gpuTypes: [" + gpuTypes + "]\nracks:\n  - name: r\n    nodes:\n");
        for (String gpu : gpus) {
            text.append("      - {name: n-")
                    .append(gpu)
                    .append(", gpu: ")
                    .append(gpu)
                    .append(", gpus: 1}\n");
        }
        return ClusterFile.read(ContractExamples.file(folder, "cluster.yaml", text.toString()), Catalogue.builtIn());
    }
}
