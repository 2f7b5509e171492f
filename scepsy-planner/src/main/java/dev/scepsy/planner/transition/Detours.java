package dev.scepsy.planner.transition;

import dev.scepsy.planner.topology.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Every engine that may stand in for a while: a staying model, in a shape that it has now or shall have (so its weights
 * are known to fit), on any node with the GPU type that shape runs on and a sharing that allows its fraction.
 */
final class Detours {

    private Detours() {}

    static List<Engine> of(TransitionProblem problem) {
        Map<String, Node> nodes = new HashMap<>();
        problem.cluster().nodes().forEach(node -> nodes.put(node.name(), node));
        Set<String> staying = problem.stayingModels();
        Set<Engine> known = new LinkedHashSet<>(problem.target());
        problem.running().forEach(found -> known.add(found.engine()));
        Set<Engine> detours = new LinkedHashSet<>();
        for (Engine engine : known) {
            Node home = nodes.get(engine.node());
            if (home == null || !staying.contains(engine.model())) {
                continue;
            }
            for (Node node : nodes.values()) {
                if (node.gpu().name().equals(home.gpu().name()) && allows(node, engine.shape())) {
                    groups(node, engine.shape().tensorParallel())
                            .forEach(
                                    gpus -> detours.add(new Engine(engine.model(), engine.shape(), node.name(), gpus)));
                }
            }
        }
        detours.removeAll(known);
        return detours.stream().sorted(Engine.ORDER).toList();
    }

    private static boolean allows(Node node, EngineShape shape) {
        boolean shared = !shape.gpuFraction().isWhole();
        return node.sharing().allows(shape.gpuFraction())
                && shape.tensorParallel() <= node.domainSize()
                && (!shared || shape.tensorParallel() == 1 || node.sharing().tensorParallel());
    }

    /** GPU groups of size {@code size} inside one domain: neighbours only, which is every group for a single GPU. */
    private static List<List<Integer>> groups(Node node, int size) {
        if (Engine.gpusArePicked(node)) {
            return List.of(List.of());
        }
        List<List<Integer>> groups = new ArrayList<>();
        for (int domain = 0; domain < node.domains(); domain++) {
            int first = domain * node.domainSize();
            for (int offset = 0; offset + size <= node.domainGpus(domain); offset++) {
                groups.add(IntStream.range(first + offset, first + offset + size)
                        .boxed()
                        .toList());
            }
        }
        return groups;
    }
}
