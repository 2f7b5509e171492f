package dev.scepsy.planner.placement;

import dev.scepsy.planner.placement.ExactPacking.GpuStep;
import dev.scepsy.planner.placement.ExactPacking.GroupStep;
import dev.scepsy.planner.placement.ExactPacking.Packing;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Carries a packing, which speaks of kinds of domains and GPUs, over to the real ones. */
final class Replay {

    private final Board board;
    private final Shapes shapes;
    private final DomainKinds kinds;
    private final Map<Integer, Deque<Integer>> modelsOfShape = new HashMap<>();

    /** @param wants the models of one GPU type */
    Replay(Board board, Shapes shapes, DomainKinds kinds, List<PolicyPlacing.Want> wants) {
        this.board = board;
        this.shapes = shapes;
        this.kinds = kinds;
        for (PolicyPlacing.Want want : wants) {
            Deque<Integer> models = modelsOfShape.computeIfAbsent(want.shape(), shape -> new ArrayDeque<>());
            for (int replica = 0; replica < want.replicas(); replica++) {
                models.add(want.model());
            }
        }
    }

    void replay(Packing packing) {
        for (GroupStep step : packing.groups()) {
            group(step);
        }
        for (GpuStep step : packing.gpus()) {
            gpu(step);
        }
    }

    void replay(GreedyPacking.Steps steps) {
        for (GreedyPacking.Stack stack : steps.stacks()) {
            stack(stack);
        }
        for (int i = 0; i < steps.gpus().size(); i++) {
            for (int repeat = 0; repeat < steps.repeats().get(i); repeat++) {
                gpu(steps.gpus().get(i));
            }
        }
    }

    /** One domain of its kind for each. */
    void replay(List<DomainPacking.Filled> packing) {
        Set<Integer> taken = new HashSet<>();
        for (DomainPacking.Filled filled : packing) {
            int domain = 0;
            while (!sameKind(domain, filled.kind()) || !taken.add(domain)) {
                domain++;
            }
            fill(filled, domain);
        }
    }

    /** One node of its kind for each, and on it one domain of its kind for each. */
    void replayNodes(List<NodePacking.FilledNode> packing) {
        NodeKinds nodes = kinds.nodes().orElseThrow();
        Set<Integer> takenNodes = new HashSet<>();
        Set<Integer> taken = new HashSet<>();
        for (NodePacking.FilledNode filled : packing) {
            int node = 0;
            while (nodes.kindOf(node) != filled.kind() || !takenNodes.add(node)) {
                node++;
            }
            for (DomainPacking.Filled part : filled.domains()) {
                int domain = 0;
                while (board.node(domain) != node || !sameKind(domain, part.kind()) || !taken.add(domain)) {
                    domain++;
                }
                fill(part, domain);
            }
        }
    }

    private void fill(DomainPacking.Filled filled, int domain) {
        List<Integer> sorted = sortedGpus(domain);
        for (DomainPacking.Group group : filled.groups()) {
            put(
                    group.shape(),
                    domain,
                    Arrays.stream(group.gpus()).map(sorted::get).sorted().toArray());
        }
    }

    /** By what is left, as {@link DomainState} has them. */
    private List<Integer> sortedGpus(int domain) {
        List<Integer> sorted = new ArrayList<>();
        for (int gpu = 0; gpu < board.domain(domain).gpus(); gpu++) {
            sorted.add(gpu);
        }
        sorted.sort(Comparator.<Integer>comparingLong(gpu -> board.computeLeft(domain, gpu))
                .thenComparingLong(gpu -> board.memoryLeft(domain, gpu))
                .thenComparingInt(gpu -> gpu));
        return sorted;
    }

    private void stack(GreedyPacking.Stack stack) {
        for (int domain = 0; domain < board.domains(); domain++) {
            if (sameKind(domain, stack.kind()) && board.untouched(domain) == stack.untouched()) {
                int[] gpus = new int[shapes.tensorParallel(stack.shape())];
                int chosen = 0;
                for (int gpu = 0; chosen < gpus.length; gpu++) {
                    if (board.isUntouched(domain, gpu)) {
                        gpus[chosen++] = gpu;
                    }
                }
                for (int replica = 0; replica < stack.replicas(); replica++) {
                    put(stack.shape(), domain, gpus.clone());
                }
                return;
            }
        }
        throw new IllegalStateException("The packing names a domain that does not exist: " + stack);
    }

    private void group(GroupStep step) {
        for (int domain = 0; domain < board.domains(); domain++) {
            if (!sameKind(domain, step.before().kind())) {
                continue;
            }
            List<Integer> sorted = sortedGpus(domain);
            boolean same = true;
            for (int i = 0; i < sorted.size() && same; i++) {
                same = board.computeLeft(domain, sorted.get(i)) == step.before().compute()[i]
                        && board.memoryLeft(domain, sorted.get(i))
                                == step.before().memory()[i];
            }
            if (same) {
                List<Integer> chosen = new ArrayList<>();
                for (int i = 0; i < sorted.size(); i++) {
                    if (step.chosen()[i]) {
                        chosen.add(sorted.get(i));
                    }
                }
                put(
                        step.shape(),
                        domain,
                        chosen.stream().mapToInt(Integer::intValue).sorted().toArray());
                return;
            }
        }
        throw new IllegalStateException("The packing names a domain state that does not exist: " + step.before());
    }

    private void gpu(GpuStep step) {
        for (int domain = 0; domain < board.domains(); domain++) {
            if (kinds.kindOf(domain) < 0
                    || !board.domain(domain).node().sharing().equals(kinds.sharing(step.sharingKind()))) {
                continue;
            }
            for (int gpu = 0; gpu < board.domain(domain).gpus(); gpu++) {
                if (board.computeLeft(domain, gpu) == step.computeLeft()
                        && board.memoryLeft(domain, gpu) == step.memoryLeft()) {
                    for (int i = 0; i < step.shapes().length; i++) {
                        for (int count = 0; count < step.counts()[i]; count++) {
                            put(step.shapes()[i], domain, new int[] {gpu});
                        }
                    }
                    return;
                }
            }
        }
        throw new IllegalStateException(
                "The packing names a GPU state that does not exist: " + Arrays.toString(step.counts()));
    }

    private void put(int shape, int domain, int[] gpus) {
        Deque<Integer> models = modelsOfShape.get(shape);
        if (models == null || models.isEmpty()) {
            throw new IllegalStateException("The packing has more replicas of " + shapes.get(shape) + " than wanted.");
        }
        board.put(models.remove(), shape, domain, gpus);
    }

    private boolean sameKind(int domain, int kind) {
        return kinds.kindOf(domain) == kind;
    }
}
