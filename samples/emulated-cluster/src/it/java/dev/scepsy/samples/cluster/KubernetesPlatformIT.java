package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.cluster.ApplyOptions;
import dev.scepsy.planner.cluster.ClusterAccess;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.ServingOptions;
import dev.scepsy.planner.platform.KubernetesPlatform;
import dev.scepsy.planner.platform.PlacedPlan;
import dev.scepsy.planner.platform.Platform;
import dev.scepsy.planner.platform.PlatformOutcome;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import dev.scepsy.samples.cluster.control.Startup;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Kubernetes behind the interface of all platforms, against an emulated cluster. */
class KubernetesPlatformIT {

    private static final GpuType A100 = new GpuType("A100-SXM-80GB", 80);

    private static PlacedPlan plan(Cluster cluster, List<ServedModel> models, double fraction) {
        Plan plan = new Plan(
                1,
                1,
                0,
                List.of(new LlmAllocation("critic", A100.name(), GpuFraction.of(fraction), 1, 1, fraction * 80)),
                List.of(new ReplicaPlacement("critic", 0, "node-1", List.of(0))),
                List.of(),
                fraction,
                0);
        return PlacedPlan.of(plan, Intent.of(plan, models, cluster, ServingOptions.DEFAULT));
    }

    @Test
    void aPlanIsAppliedReadAndRefusedThroughTheInterface() throws Exception {
        Sharing mps = new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(0.1), false);
        Cluster cluster = new Cluster(List.of(new Rack("rack-1", List.of(new Node("node-1", A100, 1, 1, mps)))));
        List<ServedModel> models = List.of(ServedModel.named("critic").toBuilder()
                .architecture("Qwen3-8B")
                .maxModelLength(8192)
                .build());
        EmulatedClusterConfig.Builder builder =
                EmulatedClusterConfig.builder(cluster).timeScale(10).startup(new Startup(1, 1e11));
        models.forEach(builder::model);
        List<String> told = new ArrayList<>();
        try (EmulatedCluster emulated = EmulatedCluster.start(builder.build());
                ClusterClient client =
                        ClusterClient.of(ClusterAccess.server(URI.create(emulated.apiServerUrl())), "default")) {
            Platform platform = KubernetesPlatform.of(client, ApplyOptions.DEFAULT);
            assertThat(platform.apply(plan(cluster, models, 0.5), told::add))
                    .isInstanceOf(PlatformOutcome.Applied.class);
            assertThat(told).anyMatch(line -> line.startsWith("[1/1] start critic"));
            assertThat(platform.read().asPlanned()).isTrue();
            assertThat(platform.status()).contains("Everything is as planned.");
            // the whole card: no room beside the engine that may not stop
            assertThat(platform.apply(plan(cluster, models, 1), told::add)).isInstanceOf(PlatformOutcome.Refused.class);
        }
    }
}
