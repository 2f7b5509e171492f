package dev.scepsy.planner.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.Objective;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.search.GeneratedProblem.Flavour;
import dev.scepsy.planner.search.GeneratedProblem.Size;
import dev.scepsy.planner.search.choice.AllocationProblem;
import java.util.List;
import org.junit.jupiter.api.Test;

class FinalistsTest {

    @Test
    void theBestComesFirstAndAllAreLegalAndDifferent() {
        AllocationProblem problem = GeneratedProblem.of(3, Flavour.PLAIN, new Size(3, 8, 2));
        Plan best = Problems.found(problem).plan();

        List<Plan> finalists = Finalists.of(problem, best, Placement::on, 12);

        assertThat(finalists).hasSize(12).startsWith(best);
        assertThat(finalists.stream().map(Plan::allocations)).doesNotHaveDuplicates();
        for (Plan plan : finalists) {
            LegalPlan.check(problem, plan);
            assertThat(plan.objectiveSeconds()).isGreaterThanOrEqualTo(best.objectiveSeconds() * (1 - 1e-9));
            assertThat(plan.optimalityGap()).isGreaterThanOrEqualTo(0);
        }
    }

    @Test
    void aModelHiddenBehindLongerCallsIsTriedWithMore() {
        AllocationProblem problem = Problems.problem(
                Problems.cluster(Problems.node("n", 4, Problems.tenths())),
                List.of(
                        Problems.model("seen", Problems.candidate(1, 1, Curve.rising(2, 3, 1, 80))),
                        Problems.model(
                                "hidden",
                                Problems.candidate(1, 0.2, Curve.rising(1, 3, 1, 16)),
                                Problems.candidate(1, 0.5, Curve.rising(0.5, 3, 2, 40)))),
                Problems.workflow("w", 0.9, 1, 0, Problems.calls("seen", 1), new ModelCalls("hidden", 1, 0)));
        Plan best = Problems.found(problem).plan();
        assertThat(best.allocations().get(0).gpus()).isEqualTo(0.2);

        assertThat(Finalists.of(problem, best, Placement::on, 8))
                .anySatisfy(plan -> assertThat(plan.allocations().get(0).gpus()).isGreaterThan(0.2));
    }

    @Test
    void whatAPlanWasMadeForIsNotGivenUp() {
        AllocationProblem problem =
                GeneratedProblem.of(3, Flavour.PLAIN, new Size(3, 8, 2)).withObjective(Objective.GPUS);
        Plan best = Problems.found(problem).plan();

        assertThat(Finalists.of(problem, best, Placement::on, 12))
                .startsWith(best)
                .allSatisfy(plan -> {
                    assertThat(plan.goal()).isEqualTo(best.goal());
                    assertThat(plan.gpusUsed()).isEqualTo(best.gpusUsed());
                });
    }
}
