package dev.scepsy.planner.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.allocation.Goal;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Objective;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.search.GeneratedProblem.Flavour;
import dev.scepsy.planner.search.GeneratedProblem.Size;
import dev.scepsy.planner.search.choice.AllocationProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every objective, with and without latency limits, against trying everything. */
class ObjectivesAgainstBruteForceTest {

    private static final int PROBLEMS_EACH = Boolean.getBoolean("scepsy.full") ? 12 : 2;
    private static final double[] LIMITS = {0.9, 1.02, 1.3, 3};
    private static final AtomicInteger COMPARED = new AtomicInteger();
    private static final AtomicInteger INFEASIBLE = new AtomicInteger();

    @AfterAll
    static void sayHowMany() {
        System.out.println(
                "Objectives against brute force: " + COMPARED + " problems, " + INFEASIBLE + " of them infeasible.");
    }

    @ParameterizedTest
    @EnumSource(Flavour.class)
    void findsTheSamePlanAsTryingEverything(Flavour flavour) {
        for (int seed = 0; seed < PROBLEMS_EACH; seed++) {
            AllocationProblem plain =
                    GeneratedProblem.of(7_000 + seed, flavour, new Size(2, 3 + seed % 2, 1 + seed % 2));
            AllocationProblem onHosts = HostLimits.on(plain, seed);
            for (AllocationProblem problem : List.of(plain, limited(plain, LIMITS[seed % LIMITS.length]), onHosts)) {
                for (Objective objective : List.of(Objective.LATENCY, Objective.GPUS, Objective.COST)) {
                    compare(problem.withObjective(objective), flavour + " " + seed + " " + objective);
                }
                compareThroughput(problem.withObjective(Objective.THROUGHPUT), flavour + " " + seed + " throughput");
            }
        }
    }

    private static void compare(AllocationProblem problem, String name) {
        COMPARED.incrementAndGet();
        Optional<BruteForce.Best> expected = BruteForce.solve(problem);
        SearchResult result = Search.plan(problem, Placement::on);
        if (expected.isEmpty()) {
            INFEASIBLE.incrementAndGet();
            assertThat(result).as(name).isInstanceOf(SearchResult.Infeasible.class);
            assertThat(((SearchResult.Infeasible) result).reasons()).as(name).isNotEmpty();
            return;
        }
        assertThat(result).as(name).isInstanceOf(SearchResult.Found.class);
        SearchResult.Found found = (SearchResult.Found) result;
        assertThat(found.plan().allocations()).as(name).isEqualTo(allocations(expected.get()));
        assertThat(found.plan().optimalityGap()).as(name).isZero();
        assertThat(found.plan().goal().map(Goal::gap).orElse(0.0)).as(name).isZero();
        LegalPlan.check(problem, found.plan());
    }

    private static void compareThroughput(AllocationProblem problem, String name) {
        if (problem.workflows().stream().allMatch(workflow -> workflow.targetPerSecond() == 0)) {
            return;
        }
        COMPARED.incrementAndGet();
        double expected = BruteForce.highestScale(problem);
        SearchResult result = Search.plan(problem, Placement::on);
        if (expected == 0) {
            INFEASIBLE.incrementAndGet();
            assertThat(result).as(name).isInstanceOf(SearchResult.Infeasible.class);
            return;
        }
        assertThat(result).as(name).isInstanceOf(SearchResult.Found.class);
        SearchResult.Found found = (SearchResult.Found) result;
        Goal goal = found.plan().goal().orElseThrow();
        assertThat(goal.value()).as(name).isCloseTo(expected, within(expected * 3e-7));
        assertThat(goal.gap()).as(name).isZero();
        LegalPlan.check(problem, found.plan());
        // and of the plans that reach it, the fastest
        Optional<BruteForce.Best> fastest =
                BruteForce.solve(problem.withTargetsTimes(goal.value()).withObjective(Objective.LATENCY));
        assertThat(found.plan().allocations()).as(name).isEqualTo(allocations(fastest.orElseThrow()));
    }

    private static List<LlmAllocation> allocations(BruteForce.Best best) {
        return best.picks().stream()
                .map(pick -> new LlmAllocation(
                        pick.model(),
                        pick.candidate().gpu(),
                        pick.candidate().gpuFraction(),
                        pick.candidate().tensorParallel(),
                        pick.replicas(),
                        pick.candidate().profile().memoryGiBPerGpu()))
                .toList();
    }

    /** The first workflow may take so much of what it takes in the fastest plan. */
    private static AllocationProblem limited(AllocationProblem problem, double part) {
        List<WorkflowDemand> workflows = new ArrayList<>(problem.workflows());
        double seconds = Search.plan(problem, Placement::on) instanceof SearchResult.Found found
                ? found.plan().predictions().get(0).latencySeconds().orElse(1)
                : 1;
        workflows.set(0, workflows.get(0).withLatencyLimit(OptionalDouble.of(Math.max(1e-3, seconds * part))));
        return problem.withWorkflows(workflows);
    }
}
