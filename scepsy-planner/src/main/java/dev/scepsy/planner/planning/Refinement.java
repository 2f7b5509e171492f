package dev.scepsy.planner.planning;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.file.Source;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.search.Finalists;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.simulate.DrawnExecutions;
import dev.scepsy.planner.simulate.Routing;
import dev.scepsy.planner.simulate.Simulation;
import dev.scepsy.planner.simulate.SimulationReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The finalists of a search under the simulator: same executions for all, and the least simulated latency wins. The best
 * plan of the closed form is among them, so what is chosen is never worse in simulation.
 */
public final class Refinement {

    private static final double EXECUTIONS = 400;
    private static final double SHORTEST_SECONDS = 60;
    private static final double LONGEST_SECONDS = 20_000;
    private static final double WARM_UP_PART = 0.1;

    /**
     * One simulated plan.
     *
     * @param objectiveSeconds Σ weight·simulated mean / Σ weight; infinite where executions never ended
     * @param workflows by name
     */
    public record Judged(Plan plan, double objectiveSeconds, Map<String, PlanFile.Simulated> workflows) {}

    private final List<Judged> judged;

    private Refinement(List<Judged> judged) {
        this.judged = List.copyOf(judged);
    }

    static Refinement of(
            PlanningProblem described,
            AllocationProblem problem,
            Plan best,
            Placeability.Factory placement,
            int count,
            long seed) {
        List<Judged> judged = new ArrayList<>();
        for (Plan plan : Finalists.of(problem, best, placement, count)) {
            judged.add(judge(described, plan, seed));
        }
        return new Refinement(judged);
    }

    private static Judged judge(PlanningProblem problem, Plan plan, long seed) {
        List<Problem> problems = new ArrayList<>();
        Map<String, List<Simulation.Replica>> replicas =
                PlannedReplicas.of(problem, new Reading.Legal<>(plan, Source.unwritten("plan"), List.of()), problems);
        if (!problems.isEmpty()) {
            throw new IllegalStateException("A plan of this problem has replicas without profile: " + problems);
        }
        double rate = problem.demands().stream()
                .mapToDouble(WorkflowDemand::targetPerSecond)
                .sum();
        double seconds = Math.min(LONGEST_SECONDS, Math.max(SHORTEST_SECONDS, EXECUTIONS / Math.max(rate, 1e-9)));
        SimulationReport report = Simulation.run(
                replicas,
                loads(problem, replicas.keySet()),
                new Simulation.Options(seconds, WARM_UP_PART * seconds, seed, Routing.LEAST_LOADED));
        double weighted = 0;
        double weights = 0;
        Map<String, PlanFile.Simulated> workflows = new LinkedHashMap<>();
        for (int i = 0; i < report.workflows().size(); i++) {
            SimulationReport.WorkflowOutcome outcome = report.workflows().get(i);
            double weight = problem.demands().get(i).weight();
            if (outcome.unfinished() > 0 && weight > 0) {
                weighted = Double.POSITIVE_INFINITY;
            }
            if (outcome.latencySeconds().isEmpty()) {
                continue;
            }
            SimulationReport.Latency latency = outcome.latencySeconds().get();
            workflows.put(
                    outcome.workflow(),
                    new PlanFile.Simulated(latency.mean().value(), latency.p95().value(), outcome.completed()));
            weights += weight;
            weighted += weight * latency.mean().value();
        }
        double objective = Double.isInfinite(weighted) ? weighted : weights > 0 ? weighted / weights : 0;
        return new Judged(plan, objective, workflows);
    }

    private static List<Simulation.Load> loads(PlanningProblem problem, Set<String> selfHosted) {
        List<Simulation.Load> loads = new ArrayList<>();
        for (int i = 0; i < problem.demands().size(); i++) {
            WorkflowDemand demand = problem.demands().get(i);
            DrawnExecutions drawn = new DrawnExecutions(
                    demand.name(), demand.otherSeconds(), problem.statistics().get(i), selfHosted);
            loads.add(new Simulation.Load(demand.name(), demand.targetPerSecond(), drawn::draw));
        }
        return loads;
    }

    /** The least simulated latency; of equal ones the first, so the best of the closed form. */
    public Judged chosen() {
        Judged best = judged.get(0);
        for (Judged other : judged) {
            best = other.objectiveSeconds() < best.objectiveSeconds() ? other : best;
        }
        return best;
    }

    /** All that were simulated; the best of the closed form first. */
    public List<Judged> judged() {
        return judged;
    }
}
