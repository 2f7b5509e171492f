package dev.scepsy.planner.search.explain;

import dev.scepsy.planner.search.infeasible.Shown;
import dev.scepsy.planner.topology.HostResource;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One change after which a plan exists that did not before; each was planned again to be sure. {@link #remedy()} is the
 * word files use, {@link #message()} the sentence people read. Immutable.
 */
public sealed interface Remedy {

    /** The remedy's word. */
    String remedy();

    /** What to do, for people. */
    String message();

    /**
     * More GPUs of one type, on nodes like the first of that type.
     *
     * @param fewest whether one less was proven not to do
     */
    record AddGpus(String gpu, int gpus, boolean fewest) implements Remedy {
        @Override
        public String remedy() {
            return "addGpus";
        }

        @Override
        public String message() {
            return "Add " + gpus + " " + gpu + (gpus == 1 ? " GPU" : " GPUs") + " (gpus+" + gpus + ":" + gpu
                    + "), on nodes like those there are"
                    + (fewest ? "; fewer are not enough." : "; whether fewer are enough is not known.");
        }
    }

    /** GPUs that are reserved or used by foreign workloads, given to the planner. */
    record FreeOccupied(double gpus) implements Remedy {
        @Override
        public String remedy() {
            return "freeOccupied";
        }

        @Override
        public String message() {
            return "Free the " + Shown.plain(gpus)
                    + " GPUs that the cluster file gives as reserved or foreign: leave those entries out.";
        }
    }

    /** More of the nodes' processors or memory for engines, or less of them for each engine. */
    record RaiseHostLimits(Set<HostResource> resources, double factor) implements Remedy {
        public RaiseHostLimits {
            resources = Set.copyOf(resources);
        }

        @Override
        public String remedy() {
            return "raiseHostLimits";
        }

        @Override
        public String message() {
            return "Raise "
                    + resources.stream().sorted().map(HostResource::nodeKey).collect(Collectors.joining(" and "))
                    + " of the nodes to " + Shown.plain(factor) + " times what they are, or lower "
                    + resources.stream().sorted().map(HostResource::modelKey).collect(Collectors.joining(" and "))
                    + " of the models by as much.";
        }
    }

    /** Fewer replicas asked for at least, or more allowed. */
    record LiftReplicaBounds(List<String> models, boolean minimum) implements Remedy {
        public LiftReplicaBounds {
            models = List.copyOf(models);
        }

        @Override
        public String remedy() {
            return minimum ? "liftMinReplicas" : "liftMaxReplicas";
        }

        @Override
        public String message() {
            return "Leave out the " + (minimum ? "minReplicas" : "maxReplicas") + " of " + models + ".";
        }
    }

    /** Less headroom. */
    record RaiseUtilisation(double maxUtilisation) implements Remedy {
        @Override
        public String remedy() {
            return "raiseUtilisation";
        }

        @Override
        public String message() {
            return "Plan with --max-utilisation " + Shown.plain(maxUtilisation) + ", at the price of headroom.";
        }
    }

    /** Restrictions in the models file that keep a model from shapes the cluster could host. */
    record LiftRestriction(String model, List<String> keys) implements Remedy {
        public LiftRestriction {
            keys = List.copyOf(keys);
        }

        @Override
        public String remedy() {
            return "liftRestriction";
        }

        @Override
        public String message() {
            return "Leave out the " + String.join(", ", keys) + " of model (" + model + ").";
        }
    }

    /** Restrictions of several models, none of which helps alone. */
    record LiftRestrictions(List<String> models) implements Remedy {
        public LiftRestrictions {
            models = List.copyOf(models);
        }

        @Override
        public String remedy() {
            return "liftRestrictions";
        }

        @Override
        public String message() {
            return "Leave out tensorParallel, gpuFractions and gpus of models " + models + ".";
        }
    }

    /** All targets lower by one factor. */
    record LowerTargets(double scale) implements Remedy {
        @Override
        public String remedy() {
            return "lowerTargets";
        }

        @Override
        public String message() {
            return "Lower all targets to " + Shown.plain(scale) + " of what they are.";
        }
    }
}
