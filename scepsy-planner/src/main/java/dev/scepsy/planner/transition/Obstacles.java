package dev.scepsy.planner.transition;

import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.transition.TransitionResult.Remedy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Says what stands in the way, and tries what would clear it. */
final class Obstacles {

    private static final int MOST_SPARE_GPUS = 8;

    private Obstacles() {}

    static List<String> reasons(TransitionProblem problem, ServingSpace space, List<Engine> never) {
        List<String> reasons = new ArrayList<>();
        if (!space.goalFits()) {
            reasons.add(
                    "The plan itself does not fit: on some GPU its fractions exceed 1 or its memory exceeds what the"
                            + " GPU has, or it names a node or GPU that the cluster lacks, or its engines need more"
                            + " processors or memory of a node than that gives.");
            return reasons;
        }
        for (Engine engine : never) {
            reasons.add("There is never room to start " + engine + ": with its GPUs kept free for it, the models that"
                    + " serve now and shall serve later do not fit on the"
                    + " rest in any shape they have now or shall have.");
        }
        for (int kind = 0; kind < space.kinds.size(); kind++) {
            Engine engine = space.kinds.get(kind);
            if (space.initial[kind] < space.goal[kind] && !space.fits(space.initial, kind)) {
                reasons.add("No room to start " + engine + " while the others run.");
            }
            if (space.initial[kind] > space.goal[kind] && !space.mayStop(space.initial, kind)) {
                reasons.add("Stopping " + engine + " would leave model (" + engine.model() + ") below its floor of "
                        + problem.floor(engine.model()) + " ready replica(s).");
            }
        }
        return reasons;
    }

    /** What was found to make a way: the fewest gaps, and the fewest spare GPUs. */
    static List<Remedy> remedies(TransitionProblem problem, Predicate<TransitionProblem> opens) {
        List<Remedy> remedies = new ArrayList<>();
        List<String> staying = List.copyOf(problem.stayingModels());
        gaps(staying).stream()
                .filter(gap -> opens.test(problem.allowingGaps(gap)))
                .findFirst()
                .ifPresent(gap -> remedies.add(new Remedy.AllowGap(gap)));
        for (Node node : nodesToStartOn(problem)) {
            for (int spare = 1; spare <= MOST_SPARE_GPUS; spare++) {
                if (opens.test(problem.on(with(problem.cluster(), node, spare)))) {
                    remedies.add(new Remedy.SpareGpus(spare, node.gpu().name(), node.name()));
                    break;
                }
            }
        }
        return remedies;
    }

    /** Single models, then pairs, then all of them. */
    private static List<Set<String>> gaps(List<String> models) {
        List<Set<String>> gaps = new ArrayList<>();
        models.forEach(model -> gaps.add(Set.of(model)));
        for (int first = 0; first < models.size(); first++) {
            for (int second = first + 1; second < models.size(); second++) {
                gaps.add(Set.of(models.get(first), models.get(second)));
            }
        }
        gaps.add(Set.copyOf(models));
        return gaps;
    }

    /** One node per GPU type on which something has to start. */
    private static List<Node> nodesToStartOn(TransitionProblem problem) {
        Map<String, Node> byType = new LinkedHashMap<>();
        Set<Engine> running =
                problem.running().stream().map(RunningEngine::engine).collect(java.util.stream.Collectors.toSet());
        problem.target().stream()
                .filter(engine -> !running.contains(engine))
                .forEach(engine -> problem.cluster().nodes().stream()
                        .filter(node -> node.name().equals(engine.node()))
                        .findFirst()
                        .ifPresent(node -> byType.putIfAbsent(node.gpu().name(), node)));
        return List.copyOf(byType.values());
    }

    private static Cluster with(Cluster cluster, Node like, int spareGpus) {
        List<Rack> racks = new ArrayList<>(cluster.racks());
        racks.add(new Rack("spare", List.of(new Node("spare node", like.gpu(), spareGpus, spareGpus, like.sharing()))));
        return new Cluster(racks);
    }
}
