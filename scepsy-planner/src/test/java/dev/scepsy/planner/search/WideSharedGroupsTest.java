package dev.scepsy.planner.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.ortools.sat.CpSolverStatus;
import dev.scepsy.planner.allocation.Objective;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.Load;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.infeasible.InfeasibleReason;
import dev.scepsy.planner.search.solver.HighestScale;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The hardest packings: what fills the cluster, what just does not fit, and whether an independent solver agrees. */
class WideSharedGroupsTest {

    private static final boolean FULL = Boolean.getBoolean("scepsy.full");
    private static final int PROBLEMS = FULL ? 60 : 6;
    private static final int UNEVEN_PROBLEMS = FULL ? 16 : 2;
    private static final int SMALL_PROBLEMS = FULL ? 20 : 4;
    private static final double SECONDS_EACH = FULL ? 15 : 5;
    private static final double JUST_BELOW = 0.99999;
    private static final double JUST_ABOVE = 1.0001;

    @Test
    void everyPlanIsProvenOptimalAndEveryNoIsProven() {
        int found = 0;
        int full = 0;
        int infeasible = 0;
        List<AllocationProblem> problems = new ArrayList<>();
        IntStream.range(0, PROBLEMS).mapToObj(WideGroups::of).forEach(problems::add);
        IntStream.range(2, 2 + UNEVEN_PROBLEMS).mapToObj(WideGroups::uneven).forEach(problems::add);
        for (int seed = 0; seed < problems.size(); seed++) {
            AllocationProblem problem = problems.get(seed);
            SearchResult asItIs = Search.plan(problem, Placement::on);
            double scale = HighestScale.of(problem, Placement::on, 2_000_000, SearchLimits.Stop.NEVER)
                    .scale()
                    .orElseThrow();
            if (scale >= 1) {
                found += proven(seed, problem, asItIs);
            } else {
                infeasible += provenInfeasible(seed, asItIs, scale);
            }
            AllocationProblem filled = problem.withTargetsTimes(scale * JUST_BELOW);
            full += proven(seed, filled, Search.plan(filled, Placement::on));
            AllocationProblem tooMuch = problem.withTargetsTimes(scale * JUST_ABOVE);
            infeasible += provenInfeasible(seed, Search.plan(tooMuch, Placement::on), 1 / JUST_ABOVE);
        }
        System.out.println("Wide shared groups on 32 GPUs: " + (found + full) + " plans, " + full
                + " of them on clusters just filled, all proven optimal; " + infeasible
                + " problems without a plan, all proven.");
        assertThat(full).isEqualTo(problems.size());
        assertThat(infeasible).isGreaterThanOrEqualTo(problems.size());
    }

    private static int proven(int seed, AllocationProblem problem, SearchResult result) {
        assertThat(result).as("seed " + seed).isInstanceOf(SearchResult.Found.class);
        SearchResult.Found found = (SearchResult.Found) result;
        assertThat(found.plan().optimalityGap()).as("seed " + seed).isZero();
        assertThat(found.effort().placementProven()).as("seed " + seed).isTrue();
        LegalPlan.check(problem, found.plan());
        return 1;
    }

    private static int provenInfeasible(int seed, SearchResult result, double scale) {
        assertThat(result).as("seed " + seed).isInstanceOf(SearchResult.Infeasible.class);
        SearchResult.Infeasible none = (SearchResult.Infeasible) result;
        assertThat(none.reasons()).as("seed " + seed).isNotEmpty().allSatisfy(reason -> {
            if (reason instanceof InfeasibleReason.Unplaceable unplaceable) {
                assertThat(unplaceable.proven()).isTrue();
            }
        });
        assertThat(none.highestCommonScale().orElseThrow()).as("seed " + seed).isCloseTo(scale, within(scale * 1e-6));
        return 1;
    }

    @Test
    void theFewestGpusAreProvenAndTheLeastLatencyWithThem() {
        for (int seed = 0; seed < PROBLEMS; seed++) {
            AllocationProblem loaded = WideGroups.of(seed);
            double scale = HighestScale.of(loaded, Placement::on, 2_000_000, SearchLimits.Stop.NEVER)
                    .scale()
                    .orElseThrow();
            AllocationProblem problem = loaded.withTargetsTimes(scale * 0.9);
            SearchResult.Found fastest = (SearchResult.Found) Search.plan(problem, Placement::on);
            SearchResult.Found fewest =
                    (SearchResult.Found) Search.plan(problem.withObjective(Objective.GPUS), Placement::on);
            proven(seed, problem, fewest);
            assertThat(fewest.plan().goal().orElseThrow().gap())
                    .as("seed " + seed)
                    .isZero();
            assertThat(fewest.plan().gpusUsed())
                    .isLessThanOrEqualTo(fastest.plan().gpusUsed());
            assertThat(fewest.plan().objectiveSeconds())
                    .isGreaterThanOrEqualTo(fastest.plan().objectiveSeconds() * (1 - 1e-10));
        }
    }

    @Test
    void moreWorkIsNeverWorse() {
        for (int seed : FULL ? new int[] {3, 12} : new int[] {12}) {
            AllocationProblem loaded = WideGroups.of(seed);
            double scale = HighestScale.of(loaded, Placement::on, 2_000_000, SearchLimits.Stop.NEVER)
                    .scale()
                    .orElseThrow();
            AllocationProblem problem = loaded.withTargetsTimes(scale * JUST_BELOW);
            double before = Double.POSITIVE_INFINITY;
            double optimum = ((SearchResult.Found) Search.plan(problem, Placement::on))
                    .plan()
                    .objectiveSeconds();
            for (long nodes : new long[] {1_000, 5_000, 20_000, 200_000}) {
                SearchResult result = Search.plan(problem, Placement::on, new SearchLimits(nodes, 0));
                if (!(result instanceof SearchResult.Found found)) {
                    assertThat(before).as("seed " + seed + ", " + nodes).isInfinite();
                    continue;
                }
                assertThat(found.plan().objectiveSeconds()).isLessThanOrEqualTo(before * (1 + 1e-10));
                assertThat(found.plan().lowerBoundSeconds()).isLessThanOrEqualTo(optimum * (1 + 1e-10));
                before = found.plan().objectiveSeconds();
            }
            assertThat(before).isEqualTo(optimum);
        }
    }

    @Test
    void anIndependentSolverAgreesOnSmallerClusters() {
        assumeTrue(CpSat.available(), "OR-Tools has no native library for this platform");
        int compared = 0;
        int undecided = 0;
        for (int seed = 0; seed < SMALL_PROBLEMS; seed++) {
            AllocationProblem loaded =
                    FULL ? WideGroups.of(seed, 3 + seed % 2, 1 + seed % 2) : WideGroups.of(seed, 3, 1);
            OptionalDouble scale = HighestScale.of(loaded, Placement::on, 2_000_000, SearchLimits.Stop.NEVER)
                    .scale();
            if (scale.isEmpty()) {
                assertThat(CpSat.solve(loaded.withTargetsTimes(1e-9), SECONDS_EACH)
                                .status())
                        .isNotEqualTo(CpSolverStatus.OPTIMAL);
                continue;
            }
            for (double factor : new double[] {0.9, JUST_BELOW, JUST_ABOVE}) {
                AllocationProblem problem = loaded.withTargetsTimes(scale.getAsDouble() * factor);
                CpSat.Answer expected = CpSat.solve(problem, SECONDS_EACH);
                if (!expected.decided()) {
                    undecided++;
                    continue;
                }
                compared++;
                String name = "seed " + seed + ", " + factor;
                SearchResult result = Search.plan(problem, Placement::on);
                if (expected.status() == CpSolverStatus.INFEASIBLE) {
                    assertThat(result).as(name).isInstanceOf(SearchResult.Infeasible.class);
                    continue;
                }
                proven(seed, problem, result);
                double optimum = Load.fixedSeconds(problem) + expected.cost().orElseThrow();
                assertThat(((SearchResult.Found) result).plan().objectiveSeconds())
                        .as(name)
                        .isCloseTo(optimum, within(1e-7));
            }
        }
        System.out.println("Wide shared groups against CP-SAT: " + compared + " problems compared, " + undecided
                + " which it could not decide in " + SECONDS_EACH + " s each left out.");
        assertThat(compared).isGreaterThan(SMALL_PROBLEMS);
    }
}
