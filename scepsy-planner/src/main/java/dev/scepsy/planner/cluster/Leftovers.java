package dev.scepsy.planner.cluster;

import dev.scepsy.planner.transition.Engine;
import dev.scepsy.planner.transition.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Pods that go away and hold their GPUs until they are gone. Only those are waited for whose GPUs a step needs, and none
 * on a node that does not answer: there they stay until somebody removes them.
 */
final class Leftovers {

    /** Nodes are looked at again after so many looks at pods. */
    private static final int LOOKS_BETWEEN_NODES = 10;

    private final KubernetesCluster cluster;
    private final Patience patience;
    private final Duration longest;
    private final Consumer<PushEvent> listener;
    private final Set<String> told = new HashSet<>();
    private Optional<LiveNodes> nodes = Optional.empty();
    private int looks;

    Leftovers(KubernetesCluster cluster, Patience patience, Duration longest, Consumer<PushEvent> listener) {
        this.cluster = cluster;
        this.patience = patience;
        this.longest = longest;
        this.listener = listener;
    }

    /** Returns when every GPU that a start of {@code waves} needs is free of pods that go away. */
    void await(List<List<Step>> waves) throws PushInterruptedException, PushFailedException {
        List<Engine> starting = waves.stream()
                .flatMap(List::stream)
                .filter(Step.Start.class::isInstance)
                .map(Step::engine)
                .toList();
        Instant deadline = patience.in(longest);
        while (!starting.isEmpty()) {
            List<LivePod> inTheWay = patience.call(cluster::enginePods).stream()
                    .filter(pod -> pod.terminating()
                            && starting.stream().anyMatch(engine -> pod.holds(engine.node(), engine.gpus())))
                    .toList();
            if (inTheWay.isEmpty() || areLost(inTheWay)) {
                return;
            }
            LivePod first = inTheWay.get(0);
            if (patience.passed(deadline)) {
                throw new PushInterruptedException(stuck(first));
            }
            if (told.add(first.name())) {
                listener.accept(new PushEvent.Note("Waiting for pod " + first.name() + " on node " + first.node()
                        + " to go: a step needs its GPUs."));
            }
            patience.poll();
        }
    }

    /** Whether all of {@code pods} are on nodes that do not answer; says so once. */
    boolean areLost(List<LivePod> pods) throws PushInterruptedException, PushFailedException {
        if (nodes.isEmpty() || looks++ % LOOKS_BETWEEN_NODES == 0) {
            nodes = Optional.of(patience.call(cluster::liveNodes));
        }
        boolean all = true;
        for (LivePod pod : pods) {
            Optional<String> why =
                    pod.node().isEmpty() ? Optional.empty() : nodes.get().lost(pod.node());
            if (why.isEmpty()) {
                all = false;
            } else if (told.add(pod.name())) {
                listener.accept(new PushEvent.Note("Pod " + pod.name() + " stays terminating on node " + pod.node()
                        + " (" + why.get() + "); it is not waited for."));
            }
        }
        return all;
    }

    static String stuck(LivePod pod) {
        return "Pod " + pod.name() + " on node " + pod.node() + " has been terminating"
                + (pod.since().isEmpty() ? "" : " (to be gone by " + pod.since() + ")")
                + " for too long; its GPUs are not free. Once nothing of it runs:"
                + " kubectl delete pod " + pod.name() + " --force --grace-period=0";
    }
}
