package dev.scepsy.planner.planning;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.profile.AloneCurve;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.simulate.Simulation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A plan's replicas as the simulator takes them: engines where they can be modelled, curves where one was measured. */
public final class PlannedReplicas {

    private PlannedReplicas() {}

    /** The replicas of every model in use; those without profile become {@code problems}. */
    public static Map<String, List<Simulation.Replica>> of(
            PlanningProblem problem, Reading.Legal<Plan> given, List<Problem> problems) {
        Map<String, List<ReplicaPlacement>> placements =
                given.value().placements().stream().collect(Collectors.groupingBy(ReplicaPlacement::model));
        Map<String, List<Simulation.Replica>> replicas = new TreeMap<>();
        List<LlmAllocation> allocations = given.value().allocations();
        for (int i = 0; i < allocations.size(); i++) {
            LlmAllocation allocation = allocations.get(i);
            Optional<ServedModel> model = problem.model(allocation.model());
            if (model.isEmpty() || !problem.usedModels().contains(model.get())) {
                continue;
            }
            Optional<LatencyProfile> profile = problem.profile(
                    model.get(), allocation.gpu(), allocation.tensorParallel(), allocation.gpuFraction());
            if (profile.isEmpty()) {
                problems.add(given.source()
                        .problem(
                                "allocations[" + i + "]",
                                "Model (" + allocation.model() + ") has no profile there: "
                                        + problem.whyNoProfile(
                                                model.get(),
                                                allocation.gpu(),
                                                allocation.tensorParallel(),
                                                allocation.gpuFraction())
                                        + ". Measure one, or change the plan."));
                continue;
            }
            Optional<EngineModel> engine = problem.engineSetup(
                            model.get(), allocation.gpu(), allocation.tensorParallel(), allocation.gpuFraction())
                    .map(setup -> new EngineModel(setup, problem.engineCoefficients(model.get(), allocation.gpu())));
            Optional<AloneCurve> alone = problem.aloneCurve(
                    model.get(), allocation.gpu(), allocation.tensorParallel(), allocation.gpuFraction());
            List<Simulation.Replica> own = new ArrayList<>();
            List<ReplicaPlacement> places = placements.getOrDefault(allocation.model(), List.of());
            for (int replica = 0; replica < allocation.replicas(); replica++) {
                List<String> gpus = replica < places.size() ? gpus(places.get(replica)) : List.of();
                if (engine.isPresent()) {
                    own.add(new Simulation.Replica.Engine(engine.get(), gpus, problem.mostTokens(model.get())));
                } else if (alone.isPresent()) {
                    own.add(new Simulation.Replica.Alone(alone.get(), gpus));
                } else {
                    own.add(new Simulation.Replica.Curve(profile.get()));
                }
            }
            replicas.put(allocation.model(), own);
        }
        return replicas;
    }

    private static List<String> gpus(ReplicaPlacement placement) {
        return placement.gpus().stream()
                .map(gpu -> placement.node() + "/" + gpu)
                .toList();
    }
}
