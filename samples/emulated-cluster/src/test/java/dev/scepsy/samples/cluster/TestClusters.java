package dev.scepsy.samples.cluster;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import dev.scepsy.samples.cluster.control.Startup;
import java.util.List;

/** Small clusters for tests: two nodes with two A100 each, shared by MPS in tenths, and three models. */
public final class TestClusters {
    private TestClusters() {}

    public static EmulatedCluster start() {
        return start(config());
    }

    public static EmulatedCluster start(EmulatedClusterConfig.Builder config) {
        return EmulatedCluster.start(config.build());
    }

    public static EmulatedClusterConfig.Builder config() {
        return EmulatedClusterConfig.builder(cluster())
                .model(model("generator", "Llama-3.1-8B"))
                .model(model("critic", "Qwen2.5-7B"))
                .model(model("embedder", "bge-m3"))
                .startup(new Startup(1, 20e9))
                .timeScale(10);
    }

    public static Cluster cluster() {
        Sharing mps = new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(0.1), false);
        GpuType gpu = new GpuType("A100-SXM-80GB", 80);
        return new Cluster(List.of(
                new Rack("rack-1", List.of(new Node("node-1", gpu, 2, 2, mps), new Node("node-2", gpu, 2, 2, mps)))));
    }

    public static ServedModel model(String name, String architecture) {
        return ServedModel.named(name).toBuilder().architecture(architecture).build();
    }
}
