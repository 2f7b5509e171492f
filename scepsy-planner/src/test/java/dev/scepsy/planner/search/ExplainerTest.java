package dev.scepsy.planner.search;

import static dev.scepsy.planner.search.Problems.found;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.search.GeneratedProblem.Flavour;
import dev.scepsy.planner.search.GeneratedProblem.Size;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.Load;
import dev.scepsy.planner.search.explain.Explainer;
import dev.scepsy.planner.search.explain.Explanation;
import dev.scepsy.planner.search.explain.Explanation.Alternative;
import dev.scepsy.planner.search.explain.Explanation.Contribution;
import dev.scepsy.planner.search.explain.Explanation.ModelStory;
import dev.scepsy.planner.search.explain.Explanation.OneMoreGpu;
import dev.scepsy.planner.search.explain.Explanation.WorkflowStory;
import dev.scepsy.planner.search.explain.WhatIf;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What an explanation says is checked against planning again. */
class ExplainerTest {

    private static final List<Flavour> FLAVOURS =
            List.of(Flavour.PLAIN, Flavour.FRAGMENTED, Flavour.MIXED_NODES, Flavour.OCCUPIED);
    private static final int SEEDS = Boolean.getBoolean("scepsy.full") ? 60 : 8;

    @Test
    void contributionsAddUpToLatenciesAndStoriesToTheObjective() {
        everyPlan((problem, plan, explanation) -> {
            for (WorkflowStory workflow : explanation.workflows()) {
                double sum = workflow.fixedSeconds()
                        + workflow.contributions().stream()
                                .mapToDouble(Contribution::seconds)
                                .sum();
                assertThat(sum).isCloseTo(workflow.latencySeconds(), within(1e-9 * Math.max(1, sum)));
            }
            double objective = Load.fixedSeconds(problem)
                    + explanation.models().stream()
                            .mapToDouble(ModelStory::objectiveSeconds)
                            .sum();
            assertThat(objective).isCloseTo(plan.objectiveSeconds(), within(1e-9 * Math.max(1, objective)));
        });
    }

    @Test
    void oneMoreGpuIsWorthAtLeastWhatOneModelGainsFromIt() {
        everyPlan((problem, plan, explanation) -> {
            OneMoreGpu planned = explanation.oneMoreGpu().orElseThrow();
            OneMoreGpu bounded = Explainer.explain(problem, plan, Placement::on, false)
                    .oneMoreGpu()
                    .orElseThrow();

            assertThat(planned.planned()).isTrue();
            assertThat(bounded.planned()).isFalse();
            assertThat(planned.objectiveSeconds()).isLessThanOrEqualTo(bounded.objectiveSeconds() * (1 + 1e-9));
            assertThat(bounded.objectiveSeconds()).isLessThanOrEqualTo(plan.objectiveSeconds() * (1 + 1e-9));
            SearchResult again = Problems.solve(new WhatIf.MoreGpus(1, Optional.of(planned.gpu())).apply(problem));
            assertThat(((SearchResult.Found) again).plan().objectiveSeconds()).isEqualTo(planned.objectiveSeconds());
        });
    }

    @Test
    void aNextBestChoiceCostsNoLessAndCouldReallyBePlaced() {
        everyPlan((problem, plan, explanation) -> {
            for (int model = 0; model < explanation.models().size(); model++) {
                for (Alternative other : explanation.models().get(model).alternatives()) {
                    assertThat(other.placeable()).isTrue();
                    assertThat(other.extraSeconds()).isGreaterThanOrEqualTo(-1e-9 * plan.objectiveSeconds());
                }
            }
        });
    }

    @Test
    void noSimplerDivisionBeatsAProvenOptimum() {
        everyPlan((problem, plan, explanation) -> {
            assertThat(explanation.rivals()).isNotEmpty();
            if (plan.optimalityGap() == 0) {
                explanation
                        .rivals()
                        .forEach(rival -> rival.objectiveSeconds()
                                .ifPresent(seconds -> assertThat(seconds)
                                        .isGreaterThanOrEqualTo(plan.objectiveSeconds() * (1 - 1e-9))));
            }
        });
    }

    private interface Check {
        void check(AllocationProblem problem, Plan plan, Explanation explanation);
    }

    private static void everyPlan(Check check) {
        int checked = 0;
        for (Flavour flavour : FLAVOURS) {
            for (int seed = 0; seed < SEEDS; seed++) {
                AllocationProblem problem = GeneratedProblem.of(seed, flavour, new Size(3, 4 + seed % 5, 2));
                if (Problems.solve(problem) instanceof SearchResult.Found) {
                    Plan plan = found(problem).plan();
                    check.check(problem, plan, Explainer.explain(problem, plan, Placement::on, true));
                    checked++;
                }
            }
        }
        assertThat(checked).isGreaterThan(SEEDS);
    }
}
