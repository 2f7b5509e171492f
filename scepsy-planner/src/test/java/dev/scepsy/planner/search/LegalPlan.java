package dev.scepsy.planner.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.topology.HostResource;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Occupied;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The rules of a legal plan, as the contract states them. */
final class LegalPlan {

    private LegalPlan() {}

    static void check(AllocationProblem problem, Plan plan) {
        Map<String, Node> nodes =
                problem.cluster().nodes().stream().collect(Collectors.toMap(Node::name, Function.identity()));
        Map<String, LlmAllocation> allocations =
                plan.allocations().stream().collect(Collectors.toMap(LlmAllocation::model, Function.identity()));
        Map<String, BigDecimal> compute = new HashMap<>();
        Map<String, BigDecimal> memory = new HashMap<>();
        Map<String, BigDecimal> host = new HashMap<>();
        Map<String, Integer> replicas = new HashMap<>();
        for (Node node : problem.cluster().nodes()) {
            for (Occupied part : node.occupied()) {
                compute.put(node.name() + "/" + part.gpu(), part.gpuFraction().toDecimal());
                memory.put(node.name() + "/" + part.gpu(), BigDecimal.valueOf(part.memoryGiB()));
            }
        }
        for (ReplicaPlacement placement : plan.placements()) {
            LlmAllocation allocation = allocations.get(placement.model());
            Node node = nodes.get(placement.node());
            assertThat(placement.replica()).isEqualTo(replicas.merge(placement.model(), 1, Integer::sum) - 1);
            assertThat(node.gpu().name()).isEqualTo(allocation.gpu());
            assertThat(node.sharing().allows(allocation.gpuFraction())).isTrue();
            assertThat(new HashSet<>(placement.gpus())).hasSize(allocation.tensorParallel());
            assertThat(placement.gpus()).hasSize(allocation.tensorParallel()).isSorted();
            assertThat(placement.gpus().stream()
                            .map(gpu -> gpu / node.domainSize())
                            .distinct())
                    .hasSize(1);
            if (allocation.tensorParallel() > 1 && !allocation.gpuFraction().isWhole()) {
                assertThat(node.sharing().tensorParallel()).isTrue();
            }
            for (HostResource resource : HostResource.values()) {
                BigDecimal taken = host.merge(
                        node.name() + resource,
                        BigDecimal.valueOf(problem.need(allocation).of(resource)),
                        BigDecimal::add);
                node.host()
                        .of(resource)
                        .ifPresent(given -> assertThat(taken).isLessThanOrEqualTo(BigDecimal.valueOf(given)));
            }
            for (int gpu : placement.gpus()) {
                assertThat(gpu).isBetween(0, node.gpus() - 1);
                String key = node.name() + "/" + gpu;
                compute.merge(key, allocation.gpuFraction().toDecimal(), BigDecimal::add);
                memory.merge(key, BigDecimal.valueOf(allocation.memoryGiBPerGpu()), BigDecimal::add);
                assertThat(compute.get(key)).isLessThanOrEqualTo(BigDecimal.ONE);
                assertThat(memory.get(key))
                        .isLessThanOrEqualTo(BigDecimal.valueOf(node.gpu().memoryGiB()));
            }
        }
        plan.allocations()
                .forEach(allocation ->
                        assertThat(replicas.get(allocation.model())).isEqualTo(allocation.replicas()));
        int largestFree = 0;
        for (Node node : problem.cluster().nodes()) {
            for (int domain = 0; domain < node.domains(); domain++) {
                int free = 0;
                for (int gpu = 0; gpu < node.domainGpus(domain); gpu++) {
                    free += compute.containsKey(node.name() + "/" + (domain * node.domainSize() + gpu)) ? 0 : 1;
                }
                largestFree = Math.max(largestFree, free);
            }
        }
        assertThat(plan.largestFreeGroup()).isEqualTo(largestFree);
    }
}
