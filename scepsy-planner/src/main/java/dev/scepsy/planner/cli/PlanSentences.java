package dev.scepsy.planner.cli;

import dev.scepsy.planner.search.explain.Binding;
import dev.scepsy.planner.search.explain.LimitedBy;
import dev.scepsy.planner.topology.HostResource;
import java.util.Collection;
import java.util.stream.Collectors;

/** What the explanation of a plan says as data, in sentences. Numbers as {@link PlanReport#number} writes them. */
final class PlanSentences {

    private PlanSentences() {}

    /** What comes after "limited by". */
    static String of(LimitedBy limit) {
        if (limit instanceof LimitedBy.OfSpace space) {
            return "space: " + faster(space.choice()) + " but does not fit beside the other models";
        }
        if (limit instanceof LimitedBy.OfHosts hosts) {
            return "the nodes' " + words(hosts.scarce()) + ": " + faster(hosts.choice()) + " and fit on the GPUs";
        }
        if (limit instanceof LimitedBy.OfMaxReplicas most) {
            return "its maxReplicas (" + most.maxReplicas() + ")";
        }
        return limit instanceof LimitedBy.OfObjective
                ? "the objective: it got the least that keeps targets and latency limits"
                : limit instanceof LimitedBy.OfWeight
                        ? "its weight: its latency does not count, so it got the fewest GPUs that take its load"
                        : "nothing: no other choice would be noticeably faster";
    }

    /** One word for programs. */
    static String kind(LimitedBy limit) {
        if (limit instanceof LimitedBy.OfSpace) {
            return "space";
        }
        if (limit instanceof LimitedBy.OfHosts) {
            return "hosts";
        }
        if (limit instanceof LimitedBy.OfMaxReplicas) {
            return "maxReplicas";
        }
        return limit instanceof LimitedBy.OfObjective
                ? "objective"
                : limit instanceof LimitedBy.OfWeight ? "weight" : "nothing";
    }

    /** What comes after "binding:". */
    static String of(Binding binding) {
        if (binding instanceof Binding.Compute) {
            return "compute: every GPU is fully used";
        }
        if (binding instanceof Binding.Memory) {
            return "memory: every GPU's memory is fully used";
        }
        if (binding instanceof Binding.Hosts hosts) {
            return words(hosts.taken().stream().map(Binding.Taken::resource).toList()) + " of the nodes: "
                    + PlanReport.number(hosts.freeGpus()) + " GPUs of compute are left, but "
                    + hosts.taken().stream().map(PlanSentences::taken).collect(Collectors.joining(" and "))
                    + " that nodes give engines are taken";
        }
        if (binding instanceof Binding.Places places) {
            return "placement: " + PlanReport.number(places.freeGpus()) + " GPUs of compute and "
                    + PlanReport.number(places.freeMemoryGiB())
                    + " GiB are left, but in pieces or places where no better choice fits";
        }
        return "none: more GPUs would not make the workflows faster";
    }

    private static String faster(LimitedBy.Faster choice) {
        return choice.replicas() + " x t=" + choice.tensorParallel() + " f=" + PlanReport.number(choice.gpuFraction())
                + " would be " + PlanReport.number(choice.gainSeconds()) + " s faster";
    }

    /** Such as {@code 60 of 64 cores}. */
    private static String taken(Binding.Taken taken) {
        return PlanReport.number(taken.needed())
                + (taken.given().isPresent()
                        ? " of " + PlanReport.number(taken.given().getAsDouble())
                        : "")
                + " " + taken.resource().unit();
    }

    private static String words(Collection<HostResource> resources) {
        return resources.stream().sorted().map(HostResource::words).collect(Collectors.joining(" and "));
    }
}
