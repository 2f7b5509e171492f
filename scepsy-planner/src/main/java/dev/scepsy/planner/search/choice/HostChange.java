package dev.scepsy.planner.search.choice;

import dev.scepsy.planner.topology.HostResource;
import dev.scepsy.planner.topology.HostRoom;
import dev.scepsy.planner.topology.Node;
import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.BiFunction;

/** The same problem on nodes that give engines more processors or memory. */
public final class HostChange {

    private HostChange() {}

    /** On nodes that do not limit {@code resources}. */
    public static AllocationProblem lifted(AllocationProblem problem, Set<HostResource> resources) {
        return limiting(
                problem,
                (node, resource) -> resources.contains(resource)
                        ? OptionalDouble.empty()
                        : node.host().of(resource));
    }

    /** On nodes that limit nothing of what they may limit. */
    public static AllocationProblem lifted(AllocationProblem problem) {
        return lifted(problem, EnumSet.allOf(HostResource.class));
    }

    /** On nodes that give {@code factor} times as much of {@code resources}, on the decimals as written. */
    public static AllocationProblem times(AllocationProblem problem, Set<HostResource> resources, double factor) {
        return limiting(problem, (node, resource) -> {
            OptionalDouble limit = node.host().of(resource);
            return limit.isPresent() && resources.contains(resource)
                    ? OptionalDouble.of(BigDecimal.valueOf(limit.getAsDouble())
                            .multiply(BigDecimal.valueOf(factor))
                            .doubleValue())
                    : limit;
        });
    }

    private static AllocationProblem limiting(
            AllocationProblem problem, BiFunction<Node, HostResource, OptionalDouble> limit) {
        return problem.withCluster(problem.cluster()
                .withNodes(node -> node.withHost(new HostRoom(
                        limit.apply(node, HostResource.PROCESSORS), limit.apply(node, HostResource.MEMORY)))));
    }
}
