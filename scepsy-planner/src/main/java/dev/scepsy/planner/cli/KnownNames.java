package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Nearest;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.share.WorkflowStatistics;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What arguments may name, as far as the files can be read: arguments are judged together with the files, so that all that
 * is wrong is said in one run. Immutable.
 *
 * @param workflows names; empty where their file cannot be read
 * @param models self-hosted ones that some workflow calls; empty likewise
 * @param gpus types of the cluster's nodes; empty likewise
 * @param targets whether some target is above 0; true where that is not known
 */
record KnownNames(
        Optional<List<String>> workflows,
        Optional<List<String>> models,
        Optional<List<GpuType>> gpus,
        boolean targets) {

    /** Of the problem where there is one, else of what the files say all the same. */
    static KnownNames of(ProblemAssembly files, Reading<PlanningProblem> problem) {
        return problem.legalValue().map(KnownNames::of).orElseGet(() -> ofUnusable(files));
    }

    private static KnownNames of(PlanningProblem problem) {
        return new KnownNames(
                Optional.of(problem.demands().stream().map(WorkflowDemand::name).toList()),
                Optional.of(problem.usedModels().stream().map(ServedModel::name).toList()),
                Optional.of(types(problem.cluster())),
                problem.demands().stream().anyMatch(demand -> demand.targetPerSecond() > 0));
    }

    private static KnownNames ofUnusable(ProblemAssembly files) {
        Optional<List<String>> workflows = files.workflows()
                .readAllTheSame()
                .map(read -> read.value().stream().map(WorkflowStatistics::name).toList());
        return new KnownNames(
                workflows,
                files.models()
                        .readAllTheSame()
                        .map(read -> read.value().models().stream()
                                .map(ServedModel::name)
                                .distinct()
                                .sorted()
                                .toList()),
                files.cluster()
                        .readAllTheSame()
                        .map(read -> types(read.value().cluster()))
                        .filter(types -> !types.isEmpty()),
                true);
    }

    private static List<GpuType> types(Cluster cluster) {
        return cluster.nodes().stream().map(Node::gpu).distinct().toList();
    }

    /** {@code " Maybe H100-SXM-80GB is meant."}, or nothing. */
    static String meant(String written, Collection<String> known) {
        return Nearest.to(written, known)
                .map(near -> " Maybe " + near + " is meant.")
                .orElse("");
    }

    /** Names of {@link #gpus}, in their order; none where they are not known. */
    List<String> gpuNames() {
        return gpus.stream()
                .flatMap(List::stream)
                .map(GpuType::name)
                .distinct()
                .sorted()
                .toList();
    }
}
