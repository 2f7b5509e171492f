package dev.scepsy.planner.search.explain;

import dev.scepsy.planner.topology.HostResource;
import java.util.List;
import java.util.OptionalDouble;

/** What a better plan lacks, as data. Immutable. */
public sealed interface Binding {

    /** Nothing: more GPUs would not make the workflows faster. */
    record Nothing() implements Binding {}

    /** Every GPU's compute is taken. */
    record Compute() implements Binding {}

    /** Every GPU's memory is taken. */
    record Memory() implements Binding {}

    /**
     * Processors or memory of the nodes, while compute of GPUs is left.
     *
     * @param freeGpus compute that is left, in GPUs
     * @param taken one for each resource that is scarce
     */
    record Hosts(double freeGpus, List<Taken> taken) implements Binding {
        public Hosts {
            taken = List.copyOf(taken);
        }
    }

    /**
     * What engines take of one resource of all nodes.
     *
     * @param needed by the plan, in the resource's unit
     * @param given by all nodes; empty where one of them gives without limit
     */
    record Taken(HostResource resource, double needed, OptionalDouble given) {}

    /** What is left is in pieces or places where no better choice fits. */
    record Places(double freeGpus, double freeMemoryGiB) implements Binding {}
}
