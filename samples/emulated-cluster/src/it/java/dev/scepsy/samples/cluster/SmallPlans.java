package dev.scepsy.samples.cluster;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.ServingOptions;
import dev.scepsy.planner.cluster.Timing;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.router.RouterKind;
import dev.scepsy.planner.router.RouterSettings;
import dev.scepsy.planner.topology.Cluster;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Plans for {@link TestClusters#cluster()} in a line a model: {@code model fraction place place ...}, {@code node:gpu}. */
final class SmallPlans {

    static final Timing QUICK =
            new Timing(Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofSeconds(10), Duration.ofSeconds(5));

    /** Services that lead to the engines themselves: for what is not about routing. */
    static final ServingOptions UNROUTED =
            ServingOptions.DEFAULT.withRouter(RouterSettings.DEFAULT.withKind(RouterKind.NONE));

    static final List<ServedModel> MODELS = List.of(
            TestClusters.model("generator", "Llama-3.1-8B"),
            TestClusters.model("critic", "Qwen2.5-7B"),
            TestClusters.model("embedder", "bge-m3"));

    private SmallPlans() {}

    static boolean isReady(Pod pod) {
        return pod.getStatus() != null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals("True"));
    }

    static Intent intent(int loadSeconds, String... lines) {
        return intent(TestClusters.cluster(), "default", loadSeconds, lines);
    }

    static Intent intent(Cluster cluster, String namespace, int loadSeconds, String... lines) {
        return intent(1, cluster, UNROUTED.withNamespace(namespace).withDeadlines(loadSeconds, 60), lines);
    }

    /** @param minGenerators floor of the generator */
    static Intent intent(int minGenerators, Cluster cluster, ServingOptions options, String... lines) {
        List<LlmAllocation> allocations = new ArrayList<>();
        List<ReplicaPlacement> placements = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.split(" ");
            double fraction = Double.parseDouble(words[1]);
            List<String> places = Arrays.asList(words).subList(2, words.length);
            allocations.add(new LlmAllocation(
                    words[0], "A100-SXM-80GB", GpuFraction.of(fraction), 1, places.size(), fraction * 80));
            for (int replica = 0; replica < places.size(); replica++) {
                String[] place = places.get(replica).split(":");
                placements.add(new ReplicaPlacement(
                        words[0], replica, "node-" + place[0], List.of(Integer.valueOf(place[1]))));
            }
        }
        return Intent.of(
                new Plan(1, 1, 0, allocations, placements, List.of(), 0, 0),
                List.of(MODELS.get(0).toBuilder().minReplicas(minGenerators).build(), MODELS.get(1), MODELS.get(2)),
                cluster,
                options);
    }
}
