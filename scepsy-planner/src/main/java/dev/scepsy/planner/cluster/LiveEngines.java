package dev.scepsy.planner.cluster;

import dev.scepsy.planner.transition.Engine;
import dev.scepsy.planner.transition.RunningEngine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All engines that Scepsy runs, as they were seen at one moment. Immutable.
 *
 * @param groups one per Deployment, in name order
 */
record LiveEngines(List<Group> groups) {

    LiveEngines {
        groups = List.copyOf(groups);
    }

    /**
     * One Deployment and its pods.
     *
     * @param deployment its name
     * @param replicas what it asks for
     * @param template digest of its pod template
     */
    record Group(Engine engine, String deployment, int replicas, String template, String enforced, List<LivePod> pods) {

        Group {
            pods = List.copyOf(pods);
        }

        int serving() {
            return (int) pods.stream()
                    .filter(pod -> pod.ready() && pod.serving() && !pod.terminating())
                    .count();
        }

        /** Engines that are asked for or still hold their GPUs. */
        int occupying() {
            return Math.max(replicas, (int)
                    pods.stream().filter(pod -> !pod.terminating()).count());
        }
    }

    Optional<Group> group(Engine engine) {
        return groups.stream().filter(group -> group.engine().equals(engine)).findFirst();
    }

    /** Ready replicas that are routed to, by model. */
    Map<String, Integer> servingByModel() {
        Map<String, Integer> serving = new HashMap<>();
        groups.forEach(group -> serving.merge(group.engine().model(), group.serving(), Integer::sum));
        return serving;
    }

    /** As the transition sees them. */
    List<RunningEngine> running() {
        List<RunningEngine> running = new ArrayList<>();
        for (Group group : groups) {
            int serving = group.serving();
            for (int replica = 0; replica < group.occupying(); replica++) {
                running.add(new RunningEngine(group.engine(), replica < serving));
            }
        }
        return List.copyOf(running);
    }

    List<VerifiedPlacement> placements() {
        List<VerifiedPlacement> placements = new ArrayList<>();
        for (Group group : groups) {
            group.pods().stream()
                    .filter(pod -> !pod.terminating())
                    .map(pod ->
                            new VerifiedPlacement(group.engine(), pod.name(), pod.node(), pod.gpus(), group.enforced()))
                    .forEach(placements::add);
        }
        return List.copyOf(placements);
    }
}
