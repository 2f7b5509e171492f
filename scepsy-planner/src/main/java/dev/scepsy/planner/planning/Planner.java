package dev.scepsy.planner.planning;

import dev.scepsy.planner.allocation.Objective;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.problem.RobustDemands;
import dev.scepsy.planner.search.Search;
import dev.scepsy.planner.search.SearchResult;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.explain.Explainer;
import dev.scepsy.planner.search.explain.Explanation;
import dev.scepsy.planner.search.infeasible.InfeasibleReason;
import dev.scepsy.planner.topology.HeldShare;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Plans: chooses fractions, tensor parallelism, replicas and GPUs for every model, and explains the choice.
 *
 * <pre>{@code
 * Planner planner = Planner.of(new ProblemAssembly(cluster, models, profiles, workflows, targets, form));
 * if (planner.problem() instanceof Reading.Malformed<?> malformed) {
 *     malformed.whyMalformed().forEach(System.err::println);
 * } else {
 *     PlanningResult result = planner.plan(PlanningOptions.standard());
 *     Files.writeString(Path.of("plan.json"), result.toJson());
 * }
 * }</pre>
 *
 * <p>Same description, options and seed: same bytes, unless the options' limits look at a clock. Immutable; planning takes one
 * thread, and may run on several at once.
 */
public final class Planner {

    /** Up to this many GPUs one more of them is priced, and the failure of every node looked at, unasked. */
    public static final int GPUS_TO_LOOK_BEYOND = 256;

    private final ProblemAssembly described;
    private final Reading<PlanningProblem> problem;

    private Planner(ProblemAssembly described) {
        this.described = described;
        this.problem = described.assemble();
    }

    /** A planner of what is described; what is wrong with the description is in {@link #problem()}. */
    public static Planner of(ProblemAssembly described) {
        return new Planner(described);
    }

    /** The typed problem with warnings, or everything that is wrong with its description. */
    public Reading<PlanningProblem> problem() {
        return problem;
    }

    /** Plans without telling of its progress. */
    public PlanningResult plan(PlanningOptions options) {
        return plan(options, stage -> {});
    }

    /**
     * Plans.
     *
     * @param progress is told of every stage, on this thread
     * @throws IllegalStateException if the description is malformed
     */
    public PlanningResult plan(PlanningOptions options, Consumer<Stage> progress) {
        PlanningProblem planned = problem.legalValue()
                .orElseThrow(
                        () -> new IllegalStateException("The description is malformed: " + problem.whyMalformed()));
        progress.accept(Stage.TABULATING);
        Optional<RobustDemands> robust = options.quantile().isPresent()
                ? Optional.of(planned.robustDemands(options.quantile().getAsDouble()))
                : Optional.empty();
        AllocationProblem free = asked(planned, options, robust);
        AllocationProblem asked = PinnedShape.restrict(free, options.pins());
        Placeability.Factory placement =
                options.current().<Placeability.Factory>map(Placement::keeping).orElse(Placement::on);
        progress.accept(Stage.SEARCHING);
        SearchResult result = search(asked, placement, options);
        if (result instanceof SearchResult.Infeasible infeasible) {
            progress.accept(Stage.LOOKING_FOR_WAYS_OUT);
            List<String> unusable = new ArrayList<>(PinnedShape.impossible(free, options.pins()));
            unusable.addAll(unusable(planned, infeasible, options.pins()));
            return new PlanningResult.NoPlan(infeasible, WaysOut.of(described, planned, asked, infeasible), unusable);
        }
        SearchResult.Found found = (SearchResult.Found) result;
        Optional<Refinement> refined = Optional.empty();
        if (options.simulatedPlans() > 0) {
            progress.accept(Stage.SIMULATING);
            refined = Optional.of(
                    Refinement.of(planned, asked, found.plan(), placement, options.simulatedPlans(), options.seed()));
        }
        Plan plan = refined.map(refinement -> refinement.chosen().plan()).orElse(found.plan());
        AllocationProblem served = served(asked, plan);
        boolean small = asked.cluster().gpus() <= GPUS_TO_LOOK_BEYOND;
        Optional<Explanation> explanation = Optional.empty();
        Optional<PlacementEffects> effects = Optional.empty();
        if (options.explained()) {
            progress.accept(Stage.EXPLAINING);
            explanation = Optional.of(Explainer.explain(
                    served, plan, Placement::on, small && plan.goal().isEmpty()));
            effects =
                    Optional.of(PlacementEffects.of(served, plan, options.current(), small || options.nodeFailures()));
        }
        Map<String, SearchResult> whatIfs = new LinkedHashMap<>();
        options.whatIfs()
                .forEach((name, change) -> whatIfs.put(name, search(change.apply(asked), Placement::on, options)));
        return new PlanningResult.Planned(
                plan,
                found.effort(),
                served,
                options.quantile(),
                robust.map(RobustDemands::withoutInterval).orElse(List.of()),
                explanation,
                effects,
                HeldShare.of(asked.cluster(), plan),
                LinkEfficiency.of(planned, plan),
                refined,
                whatIfs);
    }

    private static SearchResult search(
            AllocationProblem problem, Placeability.Factory placement, PlanningOptions options) {
        return Search.plan(problem, placement, options.limits().get());
    }

    /** The problem under the options. */
    private static AllocationProblem asked(
            PlanningProblem planned, PlanningOptions options, Optional<RobustDemands> robust) {
        AllocationProblem plain =
                planned.allocationProblem(options.maxUtilisation()).withObjective(options.objective());
        AllocationProblem sure =
                robust.map(demands -> plain.withWorkflows(demands.demands())).orElse(plain);
        Map<String, Double> limits = options.latencyLimitSeconds();
        return sure.withWorkflows(sure.workflows().stream()
                .map(demand -> limits.containsKey(demand.name())
                        ? demand.withLatencyLimit(OptionalDouble.of(limits.get(demand.name())))
                        : demand)
                .toList());
    }

    /** The problem whose loads and latencies {@code plan} was made for. */
    private static AllocationProblem served(AllocationProblem problem, Plan plan) {
        return problem.objective() == Objective.THROUGHPUT && plan.goal().isPresent()
                ? problem.withTargetsTimes(plan.goal().get().value()).withObjective(Objective.LATENCY)
                : problem;
    }

    /** The search knows that no profile is usable; the assembly knows by how many GiB. */
    private static List<String> unusable(
            PlanningProblem problem, SearchResult.Infeasible infeasible, List<PinnedShape> pins) {
        List<String> sentences = new ArrayList<>();
        for (InfeasibleReason reason : infeasible.reasons()) {
            boolean pinned = pins.stream().anyMatch(pin -> reason.model().equals(Optional.of(pin.model())));
            if (reason instanceof InfeasibleReason.NoUsableProfile && !pinned) {
                reason.model()
                        .flatMap(problem::model)
                        .ifPresent(model -> sentences.addAll(problem.whyNoCandidate(model)));
            }
        }
        return sentences;
    }
}
