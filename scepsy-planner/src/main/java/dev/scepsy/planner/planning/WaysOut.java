package dev.scepsy.planner.planning;

import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.search.SearchResult;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.explain.Remedies;
import dev.scepsy.planner.search.explain.Remedy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What would make a plan of files that have none: changes to the problem, and restrictions of the models file. */
final class WaysOut {

    /** Up to this many GPUs restrictions are lifted to see whether that helps: files are assembled again for each. */
    private static final int GPUS_TO_LIFT_RESTRICTIONS = 1_024;

    private WaysOut() {}

    /** Each planned again; empty when nothing tried helps. */
    static List<Remedy> of(
            ProblemAssembly files,
            PlanningProblem described,
            AllocationProblem problem,
            SearchResult.Infeasible infeasible) {
        List<Remedy> ways = new ArrayList<>();
        if (problem.cluster().gpus() <= GPUS_TO_LIFT_RESTRICTIONS) {
            ways.addAll(restrictions(files, described, problem));
        }
        ways.addAll(Remedies.of(problem, infeasible, Placement::on));
        return List.copyOf(ways);
    }

    /** Single models whose restrictions stand in the way; else all of them, taken back one by one. */
    private static List<Remedy> restrictions(
            ProblemAssembly files, PlanningProblem described, AllocationProblem problem) {
        List<ServedModel> restricted = described.usedModels().stream()
                .filter(model -> !model.restrictions().isEmpty())
                .toList();
        List<Remedy> alone = new ArrayList<>();
        for (ServedModel model : restricted) {
            if (helps(files, problem, List.of(model))) {
                alone.add(new Remedy.LiftRestriction(model.name(), model.restrictions()));
            }
        }
        if (!alone.isEmpty() || restricted.size() < 2 || !helps(files, problem, restricted)) {
            return alone;
        }
        List<ServedModel> lifted = new ArrayList<>(restricted);
        for (int i = 0; i < lifted.size(); ) {
            ServedModel model = lifted.remove(i);
            if (!helps(files, problem, lifted)) {
                lifted.add(i, model);
                i++;
            }
        }
        return List.of(new Remedy.LiftRestrictions(
                lifted.stream().map(ServedModel::name).toList()));
    }

    private static boolean helps(ProblemAssembly files, AllocationProblem problem, List<ServedModel> lifted) {
        Set<String> names = lifted.stream().map(ServedModel::name).collect(Collectors.toSet());
        Reading<PlanningProblem> changed = files.withModels(
                        model -> names.contains(model.name()) ? model.unrestricted() : model)
                .assemble();
        Optional<PlanningProblem> legal = changed.legalValue();
        return legal.isPresent()
                && Remedies.plans(
                        legal.get().allocationProblem(problem.maxUtilisation()).withObjective(problem.objective()),
                        Placement::on);
    }
}
