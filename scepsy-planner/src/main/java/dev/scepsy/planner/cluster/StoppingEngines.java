package dev.scepsy.planner.cluster;

import dev.scepsy.planner.transition.Engine;
import dev.scepsy.planner.transition.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/** Engines of one Deployment on their way out: first their requests end, then they are removed, then their pods go. */
final class StoppingEngines {

    private static final int IDLE_LOOKS = 2;

    /** A step and its number in the push. */
    record Numbered(int number, Step step) {}

    private final List<Numbered> steps = new ArrayList<>();
    private final List<LivePod> pods = new ArrayList<>();
    private final Set<String> busy = new HashSet<>();
    private final Map<String, Integer> idleLooks = new HashMap<>();
    private Optional<Instant> removedUntil = Optional.empty();

    /** @param draining pods that may hold requests */
    void add(int number, Step step, Optional<LivePod> pod, Set<String> draining) {
        steps.add(new Numbered(number, step));
        pod.ifPresent(found -> {
            pods.add(found);
            if (draining.contains(found.name())) {
                busy.add(found.name());
            }
        });
    }

    Engine engine() {
        return steps.get(0).step().engine();
    }

    List<Numbered> steps() {
        return steps;
    }

    List<LivePod> pods() {
        return pods;
    }

    /** Whether none of them holds a request, or nothing more can be done about it. */
    boolean idle(Function<String, KubernetesCluster.Load> load, boolean late, Consumer<String> teller) {
        for (String pod : List.copyOf(busy)) {
            KubernetesCluster.Load found = load.apply(pod);
            if (found instanceof KubernetesCluster.Load.Unknown unknown) {
                teller.accept("Whether pod " + pod + " still holds requests is unknown: " + unknown.why()
                        + ". Its preStop hook waits for them, at most for its grace period");
                busy.remove(pod);
            } else if (found instanceof KubernetesCluster.Load.Known known) {
                if (known.requests() > 0) {
                    idleLooks.put(pod, 0);
                } else if (idleLooks.merge(pod, 1, Integer::sum) >= IDLE_LOOKS) {
                    busy.remove(pod);
                }
            }
        }
        if (late) {
            busy.forEach(pod -> teller.accept(
                    "Pod " + pod + " still holds requests at the end of --drain-seconds; its grace period goes on"));
            busy.clear();
        }
        return busy.isEmpty();
    }

    /** @param until how long its pods may take to go */
    void remove(Instant until) {
        removedUntil = Optional.of(until);
    }

    boolean removed() {
        return removedUntil.isPresent();
    }

    Instant deadline() {
        return removedUntil.orElseThrow();
    }
}
