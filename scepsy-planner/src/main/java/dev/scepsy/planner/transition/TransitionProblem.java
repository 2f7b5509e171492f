package dev.scepsy.planner.transition;

import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.HostNeed;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * From where to where. Immutable.
 *
 * @param running what runs now, ready or not
 * @param target what shall run, one entry per replica
 * @param cluster the nodes and what their GPUs hold; engines may only be started on these
 * @param minReplicas per model the replicas it must keep; 1 where absent
 * @param allowGap models that may be without any replica meanwhile
 * @param needs what an engine takes of its node's processors and memory, by the revision of its shape, which stands for
 *     all settings; nothing that is counted where absent
 */
public record TransitionProblem(
        List<RunningEngine> running,
        List<Engine> target,
        Cluster cluster,
        Map<String, Integer> minReplicas,
        Set<String> allowGap,
        Map<String, HostNeed> needs) {

    /** Engines whose needs beside GPUs are not counted. */
    public TransitionProblem(
            List<RunningEngine> running,
            List<Engine> target,
            Cluster cluster,
            Map<String, Integer> minReplicas,
            Set<String> allowGap) {
        this(running, target, cluster, minReplicas, allowGap, Map.of());
    }

    public TransitionProblem {
        running = List.copyOf(running);
        target = List.copyOf(target);
        minReplicas = Map.copyOf(minReplicas);
        allowGap = Set.copyOf(allowGap);
        needs = Map.copyOf(needs);
    }

    /**
     * Ready replicas that {@code model} keeps at every step: min(minReplicas, ready now, in the target). So a model that
     * serves now and shall serve later keeps at least one; 0 for a new or a leaving model, and where a gap is allowed.
     */
    public int floor(String model) {
        if (allowGap.contains(model)) {
            return 0;
        }
        int readyNow = Math.toIntExact(running.stream()
                .filter(found -> found.ready() && found.engine().model().equals(model))
                .count());
        int wanted = Math.toIntExact(
                target.stream().filter(engine -> engine.model().equals(model)).count());
        return Math.min(Math.max(1, minReplicas.getOrDefault(model, 1)), Math.min(readyNow, wanted));
    }

    TransitionProblem allowingGaps(Set<String> models) {
        return new TransitionProblem(running, target, cluster, minReplicas, models, needs);
    }

    TransitionProblem on(Cluster other) {
        return new TransitionProblem(running, target, other, minReplicas, allowGap, needs);
    }

    /** What the engine takes of its node beside GPUs. */
    HostNeed need(Engine engine) {
        return needs.getOrDefault(engine.shape().revision(), HostNeed.NONE);
    }

    /** Models that serve now and shall serve later. */
    Set<String> stayingModels() {
        Set<String> wanted = target.stream().map(Engine::model).collect(Collectors.toSet());
        return running.stream()
                .filter(RunningEngine::ready)
                .map(found -> found.engine().model())
                .filter(wanted::contains)
                .collect(Collectors.toCollection(java.util.TreeSet::new));
    }
}
