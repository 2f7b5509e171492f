package dev.scepsy.samples.cluster.real;

import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClassBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.Device;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceClassBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What a GPU operator, a DRA driver and kubelets put into the API for the nodes of a cluster. Thread-safe. */
final class NodesOfATest {

    private static final String DRIVER = "gpu.nvidia.com";

    private final KubernetesClient client;
    private final Cluster cluster;

    NodesOfATest(KubernetesClient client, Cluster cluster) {
        this.client = client;
        this.cluster = cluster;
    }

    List<String> names() {
        return cluster.nodes().stream().map(Node::name).toList();
    }

    /** Once per control plane: the runtime class and the device class that pods name. */
    void createClasses() {
        client.resource(new RuntimeClassBuilder()
                        .withNewMetadata()
                        .withName("nvidia")
                        .endMetadata()
                        .withHandler("nvidia")
                        .build())
                .serverSideApply();
        client.resource(new DeviceClassBuilder()
                        .withNewMetadata()
                        .withName(DRIVER)
                        .endMetadata()
                        .withNewSpec()
                        .addNewSelector()
                        .withNewCel("device.driver == \"" + DRIVER + "\"")
                        .endSelector()
                        .endSpec()
                        .build())
                .serverSideApply();
    }

    void create() {
        for (Rack rack : cluster.racks()) {
            for (Node node : rack.nodes()) {
                create(rack.name(), node);
            }
        }
    }

    private void create(String rack, Node node) {
        Map<String, Quantity> amounts = Map.of(
                "cpu", new Quantity("64"),
                "memory", new Quantity("512Gi"),
                "pods", new Quantity("110"),
                "nvidia.com/gpu", new Quantity(Integer.toString(node.gpus())));
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(node.name())
                        .addToLabels("kubernetes.io/hostname", node.name())
                        .addToLabels("scepsy.dev/rack", rack)
                        .addToLabels("scepsy.dev/gpu-domain-size", Integer.toString(node.domainSize()))
                        .addToLabels("nvidia.com/gpu.product", "NVIDIA-A100-SXM4-80GB")
                        .addToLabels("nvidia.com/gpu.count", Integer.toString(node.gpus()))
                        .addToLabels("nvidia.com/gpu.memory", "81920")
                        .addToLabels("nvidia.com/gpu.sharing-strategy", "mps")
                        .endMetadata()
                        .build())
                .create();
        while (!reported(node.name(), amounts)) {
            // the controllers write to new nodes too
        }
        List<Device> devices = IntStream.range(0, node.gpus())
                .mapToObj(gpu -> new DeviceBuilder().withName("gpu-" + gpu).build())
                .toList();
        client.resource(new ResourceSliceBuilder()
                        .withNewMetadata()
                        .withName(node.name() + "-gpus")
                        .endMetadata()
                        .withNewSpec()
                        .withDriver(DRIVER)
                        .withNodeName(node.name())
                        .withNewPool()
                        .withName(node.name())
                        .withGeneration(1L)
                        .withResourceSliceCount(1L)
                        .endPool()
                        .withDevices(devices)
                        .endSpec()
                        .build())
                .create();
        heartbeat(node.name());
    }

    /** Writes the node's status; false where somebody else was quicker. */
    private boolean reported(String name, Map<String, Quantity> amounts) {
        try {
            client.nodes()
                    .withName(name)
                    .editStatus(created -> new NodeBuilder(created)
                            .editOrNewStatus()
                            .withCapacity(amounts)
                            .withAllocatable(amounts)
                            .withConditions(ready())
                            .endStatus()
                            .build());
            return true;
        } catch (KubernetesClientException conflict) {
            if (conflict.getCode() != 409) {
                throw conflict;
            }
            return false;
        }
    }

    private static NodeCondition ready() {
        String now =
                Instant.now().truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString();
        return new NodeConditionBuilder()
                .withType("Ready")
                .withStatus("True")
                .withReason("KubeletReady")
                .withMessage("kubelet is posting ready status")
                .withLastHeartbeatTime(now)
                .withLastTransitionTime(now)
                .build();
    }

    /** As a kubelet says every few seconds that it lives. */
    void heartbeat(String node) {
        client.resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withName(node)
                        .withNamespace("kube-node-lease")
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity(node)
                        .withLeaseDurationSeconds(40)
                        .withRenewTime(Instant.now().atZone(ZoneOffset.UTC))
                        .endSpec()
                        .build())
                .fieldManager("kubelet")
                .forceConflicts()
                .serverSideApply();
    }

    void delete() {
        client.resources(io.fabric8.kubernetes.api.model.resource.v1.ResourceSlice.class)
                .delete();
        client.nodes().delete();
        client.leases().inNamespace("kube-node-lease").delete();
    }

    /** Whether all are ready and the controllers have taken their taints away. */
    boolean areReady() {
        return client.nodes().list().getItems().stream()
                        .filter(node -> node.getSpec().getTaints() == null
                                || node.getSpec().getTaints().isEmpty())
                        .count()
                == cluster.nodes().size();
    }
}
