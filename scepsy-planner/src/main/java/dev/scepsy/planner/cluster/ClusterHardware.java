package dev.scepsy.planner.cluster;

import java.util.List;

/**
 * The nodes with GPUs as a Kubernetes cluster has them now. Immutable.
 *
 * @param nodes those with NVIDIA GPUs, usable or not
 * @param notes nodes with other accelerators, and what could not be looked at; sentences
 */
public record ClusterHardware(List<GpuNode> nodes, List<String> notes) {

    public ClusterHardware {
        nodes = List.copyOf(nodes);
        notes = List.copyOf(notes);
    }
}
