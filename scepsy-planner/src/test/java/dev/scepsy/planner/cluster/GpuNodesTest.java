package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nodes as real clusters have them: what an engine can get, not what the labels say. */
class GpuNodesTest {

    private static NodeBuilder node(String name, int allocatable) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("nvidia.com/gpu.count", "8")
                .addToLabels("nvidia.com/gpu.product", "NVIDIA-H100-80GB-HBM3")
                .addToLabels("nvidia.com/gpu.memory", "81559")
                .addToLabels("kubernetes.io/hostname", name)
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .withNewStatus()
                .addToCapacity("nvidia.com/gpu", new Quantity("8"))
                .addToAllocatable("nvidia.com/gpu", new Quantity(Integer.toString(allocatable)))
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .endCondition()
                .endStatus();
    }

    private static GpuNode read(Node node, Pod... foreign) {
        return GpuNodes.of(List.of(node), Arrays.asList(foreign)).nodes().get(0);
    }

    private static GpuNode h100(UnaryOperator<NodeBuilder> change) {
        return read(change.apply(node("n", 8)).build());
    }

    @ParameterizedTest
    @CsvSource({"0, 8", "6, 2", "7, 1", "8, 0"})
    void gpusThatAreNotAllocatableAreWithheld(int allocatable, int withheld) {
        GpuNode read = read(node("n", allocatable).build());

        assertThat(read.gpus()).isEqualTo(8);
        assertThat(read.withheld()).isEqualTo(withheld);
        if (allocatable == 0) {
            assertThat(read.obstacles()).singleElement().asString().contains("none of its 8 GPUs is allocatable");
        } else {
            assertThat(read.obstacles()).isEmpty();
        }
    }

    @Test
    void aCordonedNodeTakesNoEngine() {
        GpuNode read = h100(node -> node.editSpec().withUnschedulable(true).endSpec());

        assertThat(read.obstacles())
                .singleElement()
                .asString()
                .contains("cordoned")
                .contains("kubectl uncordon n");
    }

    @Test
    void aNodeThatIsNotReadyTakesNoEngineAndSaysWhy() {
        GpuNode read = h100(node -> node.editStatus()
                .withConditions(List.of())
                .addNewCondition()
                .withType("Ready")
                .withStatus("Unknown")
                .withMessage("Kubelet stopped posting node status.")
                .endCondition()
                .endStatus());

        assertThat(read.obstacles()).singleElement().asString().contains("Kubelet stopped posting node status.");
    }

    @Test
    void aTaintNamesTheTolerationThatPassesIt() {
        GpuNode read = h100(node -> node.editSpec()
                .addNewTaint("NoSchedule", "nvidia.com/gpu", null, "present")
                .addNewTaint("PreferNoSchedule", "busy", null, "")
                .endSpec());

        assertThat(read.obstacles()).isEmpty();
        assertThat(read.doubts())
                .singleElement()
                .asString()
                .contains("nvidia.com/gpu=present:NoSchedule")
                .contains("{key: nvidia.com/gpu, operator: Equal, value: \"present\", effect: NoSchedule}");
        NodeTaint taint = read.use().taints().get(0);
        assertThat(taint.toleratedBy(List.of(new TolerationBuilder()
                        .withKey("nvidia.com/gpu")
                        .withOperator("Exists")
                        .build())))
                .isTrue();
        assertThat(taint.toleratedBy(List.of(new TolerationBuilder()
                        .withKey("nvidia.com/gpu")
                        .withValue("absent")
                        .build())))
                .isFalse();
        assertThat(taint.toleratedBy(List.of(new TolerationBuilder()
                        .withKey("nvidia.com/gpu")
                        .withOperator("Exists")
                        .withEffect("NoExecute")
                        .build())))
                .isFalse();
        assertThat(taint.toleratedBy(
                        List.of(new TolerationBuilder().withOperator("Exists").build())))
                .isTrue();
    }

    @Test
    void foreignPodsHoldGpus() {
        Pod other = new PodBuilder()
                .withNewMetadata()
                .withNamespace("training")
                .withName("job-1")
                .endMetadata()
                .withNewSpec()
                .withNodeName("n")
                .addNewContainer()
                .withNewResources()
                .addToLimits("nvidia.com/gpu", new Quantity("3"))
                .endResources()
                .endContainer()
                .endSpec()
                .build();

        GpuNode read = read(node("n", 8).build(), other);

        assertThat(read.use().foreignShares()).isEqualTo(3);
        assertThat(read.use().foreignPods()).containsExactly("training/job-1");
    }

    @Test
    void gpusThatMixedMigCutsAreWithheldAndNamed() {
        GpuNode read = read(node("n", 6)
                .editMetadata()
                .addToLabels("nvidia.com/mig.strategy", "mixed")
                .endMetadata()
                .editStatus()
                .addToCapacity("nvidia.com/mig-1g.10gb", new Quantity("14"))
                .addToAllocatable("nvidia.com/mig-1g.10gb", new Quantity("14"))
                .endStatus()
                .build());

        assertThat(read.withheld()).isEqualTo(2);
        assertThat(read.use().notes()).anyMatch(note -> note.contains("nvidia.com/mig-1g.10gb=14"));
    }

    @Test
    void slicesOfSingleMigAreGpusThatNoTensorParallelismJoins() {
        GpuNode read = read(node("n", 7)
                .editMetadata()
                .addToLabels("nvidia.com/mig.strategy", "single")
                .addToLabels("nvidia.com/gpu.count", "1")
                .addToLabels("nvidia.com/gpu.product", "NVIDIA-A100-SXM4-40GB-MIG-1g.5gb")
                .addToLabels("nvidia.com/gpu.memory", "4864")
                .endMetadata()
                .editStatus()
                .addToCapacity("nvidia.com/gpu", new Quantity("7"))
                .endStatus()
                .build());

        assertThat(read.gpus()).isEqualTo(7);
        assertThat(read.domainSize()).hasValue(1);
        assertThat(read.memoryGiB()).hasValue(4.75);
        assertThat(read.use().notes()).anyMatch(note -> note.contains("MIG slices"));
    }

    @Test
    void nodesOfAnotherMakerAreNamedWithWhatIsMissing() {
        Node amd = new NodeBuilder()
                .withNewMetadata()
                .withName("mi")
                .addToLabels("amd.com/gpu.product-name", "AMD_Instinct_MI300X_OAM")
                .endMetadata()
                .withNewStatus()
                .addToCapacity("amd.com/gpu", new Quantity("8"))
                .endStatus()
                .build();

        ClusterHardware read = GpuNodes.of(List.of(amd), List.of());

        assertThat(read.nodes()).isEmpty();
        assertThat(read.notes())
                .singleElement()
                .asString()
                .contains("mi")
                .contains("8 AMD GPUs")
                .contains("AMD_Instinct_MI300X_OAM")
                .contains("nvidia.com/gpu");
    }

    @Test
    void aHostnameLabelUnlikeTheNodesNameIsKept() {
        GpuNode read = h100(node -> node.editMetadata()
                .addToLabels("kubernetes.io/hostname", "other-host")
                .endMetadata());

        assertThat(read.name()).isEqualTo("n");
        assertThat(read.use().hostname()).contains("other-host");
    }
}
