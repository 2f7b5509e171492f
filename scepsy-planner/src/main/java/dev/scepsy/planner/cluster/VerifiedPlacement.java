package dev.scepsy.planner.cluster;

import dev.scepsy.planner.transition.Engine;
import java.util.List;

/**
 * Where one pod of an engine really is. Immutable.
 *
 * @param node the node it was bound to; empty while unbound
 * @param gpus the GPUs it says it got, empty where nothing in the cluster says so
 * @param enforced what holds it there
 */
public record VerifiedPlacement(Engine engine, String pod, String node, List<Integer> gpus, String enforced) {

    public VerifiedPlacement {
        gpus = List.copyOf(gpus);
    }

    /** Whether node, and GPUs where both are known, are those of the plan. */
    public boolean asPlanned() {
        return node.equals(engine.node()) && (gpus.isEmpty() || engine.gpus().isEmpty() || gpus.equals(engine.gpus()));
    }
}
