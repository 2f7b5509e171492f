package dev.scepsy.planner.cluster;

import dev.scepsy.planner.topology.HostNeed;
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
 * @param leaving pods that go away, whether or not their Deployment is still there, in name order
 */
record LiveEngines(List<Group> groups, List<LivePod> leaving) {

    LiveEngines {
        groups = List.copyOf(groups);
        leaving = List.copyOf(leaving);
    }

    /**
     * One Deployment and its pods.
     *
     * @param deployment its name
     * @param replicas what it asks for
     * @param template digest of its pod template
     * @param need what each of its pods requests of its node beside GPUs
     * @param refusal why the API server takes no pod of it; empty unless it refused one
     * @param scaledBy who else set its replica count, a sentence; empty where nobody did
     */
    record Group(
            Engine engine,
            String deployment,
            int replicas,
            String template,
            String enforced,
            List<LivePod> pods,
            HostNeed need,
            Optional<String> refusal,
            Optional<String> scaledBy) {

        Group {
            pods = List.copyOf(pods);
        }

        int serving() {
            return (int) pods.stream()
                    .filter(pod -> pod.ready() && pod.serving() && !pod.terminating())
                    .count();
        }

        /** Whether waiting for its engines may help. */
        Outlook outlook() {
            Outlook worst = pods.stream()
                    .filter(pod -> !pod.terminating())
                    .map(LivePod::outlook)
                    .reduce(Outlook.OPEN, Outlook::worse);
            return refusal.map(Outlook::refusedPods).orElse(Outlook.OPEN).worse(worst);
        }

        /** What keeps its engines from being ready, a sentence each. */
        List<String> troubles() {
            List<String> troubles = new ArrayList<>();
            refusal.ifPresent(why -> troubles.add("The API server takes no pod of it: " + why));
            pods.stream()
                    .filter(pod -> !pod.terminating() && pod.trouble() != null)
                    .map(pod -> "Pod " + pod.name() + ": " + pod.trouble())
                    .forEach(troubles::add);
            pods.stream()
                    .filter(pod -> !pod.terminating() && pod.ready() && !pod.serving())
                    .map(pod ->
                            "Pod " + pod.name() + " is ready, but a push that did not end took it out of its service;"
                                    + " apply or rollback goes on from there")
                    .forEach(troubles::add);
            scaledBy.ifPresent(troubles::add);
            return troubles;
        }

        /** Where its engines are. */
        List<VerifiedPlacement> placements() {
            return pods.stream()
                    .filter(pod -> !pod.terminating())
                    .map(pod -> new VerifiedPlacement(engine, pod.name(), pod.node(), pod.gpus(), enforced))
                    .toList();
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
        return groups.stream().flatMap(group -> group.placements().stream()).toList();
    }
}
