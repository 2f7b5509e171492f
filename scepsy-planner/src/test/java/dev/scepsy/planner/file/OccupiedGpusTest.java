package dev.scepsy.planner.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Occupied;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GPUs that are not the planner's: reserved ones, and what foreign workloads hold. */
class OccupiedGpusTest {

    @TempDir
    Path folder;

    @Test
    void reservedGpusAreHeldWhollyAndForeignOnesAsFarAsSaid() {
        Cluster cluster = read("reserved: [3, 0], foreign: [{gpu: 1, gpuFraction: 0.5, memoryGiB: 20},"
                        + " {gpu: 2, gpuFraction: 0.25}]")
                .legalValue()
                .orElseThrow()
                .cluster();

        assertThat(cluster.nodes().get(0).occupied())
                .containsExactly(
                        new Occupied(0, GpuFraction.whole(), 80),
                        new Occupied(1, GpuFraction.of(0.5), 20),
                        new Occupied(2, GpuFraction.of(0.25), 20),
                        new Occupied(3, GpuFraction.whole(), 80));
        assertThat(cluster.gpus()).isEqualTo(4);
        assertThat(cluster.freeGpus()).isEqualTo(1.25);
        assertThat(cluster.freeMemoryGiB()).isEqualTo(120);
        assertThat(cluster.nodes().get(0).usableGpus(0)).isEqualTo(2);
    }

    @Test
    void aForeignWorkloadWithoutFractionHoldsItsGpuWhole() {
        assertThat(read("foreign: [{gpu: 2}]")
                        .legalValue()
                        .orElseThrow()
                        .cluster()
                        .nodes()
                        .get(0)
                        .occupied())
                .containsExactly(new Occupied(2, GpuFraction.whole(), 80));
    }

    @Test
    void everythingWrongIsReportedTogetherWithItsLine() {
        assertThat(read("reserved: [4, 1], foreign: [{gpu: 1}, {gpu: 9, gpuFraction: 0.5}, {gpu: 0, gpuFraction: 1.5},"
                                + " {gpu: 2, memoryGiB: 81}, {gpuFraction: 0.5}]")
                        .whyMalformed())
                .allSatisfy(problem -> assertThat(problem.line()).isEqualTo(4))
                .extracting(Problem::path)
                .containsExactlyInAnyOrder(
                        "racks[0].nodes[0].reserved",
                        "racks[0].nodes[0].foreign",
                        "racks[0].nodes[0].foreign[1].gpu",
                        "racks[0].nodes[0].foreign[2].gpuFraction",
                        "racks[0].nodes[0].foreign[3].memoryGiB",
                        "racks[0].nodes[0].foreign[4]");
    }

    @Test
    void sharedGroupsAreRefusedWhereTheMechanismCannotDoThem() {
        for (String cannot : new String[] {
            "mode: hami", "mode: kai", "mode: time-slicing", "mode: mps, replicas: 2", "mode: time-slicing, replicas: 4"
        }) {
            assertThat(read("sharing: {" + cannot + ", tensorParallel: true}").whyMalformed())
                    .as(cannot)
                    .singleElement()
                    .satisfies(problem -> {
                        assertThat(problem.path()).isEqualTo("racks[0].nodes[0].sharing.tensorParallel");
                        assertThat(problem.line()).isEqualTo(4);
                        assertThat(problem.message()).contains("refused", "mode mps and a step, or dra");
                    });
            assertThat(read("sharing: {" + cannot + "}").whyMalformed()).isEmpty();
            assertThat(read("sharing: {" + cannot + ", tensorParallel: false}").whyMalformed())
                    .isEmpty();
        }
        for (String can : new String[] {"mode: mps", "mode: mps, step: 0.25", "mode: dra, step: 0.5"}) {
            assertThat(read("sharing: {" + can + ", tensorParallel: true}").whyMalformed())
                    .as(can)
                    .isEmpty();
        }
    }

    private Reading<ClusterFile.Described> read(String more) {
        return ClusterFile.read(
                ContractExamples.file(
                        folder,
                        "cluster.yaml",
                        "racks:\n  - name: r\n    nodes:\n      - {name: n, gpu: H100-SXM-80GB, gpus: 4, " + more
                                + "}\n"),
                Catalogue.builtIn());
    }
}
