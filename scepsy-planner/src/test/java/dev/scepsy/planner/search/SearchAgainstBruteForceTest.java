package dev.scepsy.planner.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.search.GeneratedProblem.Flavour;
import dev.scepsy.planner.search.GeneratedProblem.Size;
import dev.scepsy.planner.search.choice.AllocationProblem;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SearchAgainstBruteForceTest {

    private static final int PROBLEMS_PER_FLAVOUR = Boolean.getBoolean("scepsy.full") ? 130 : 15;

    private static final AtomicInteger COMPARED = new AtomicInteger();
    private static final AtomicInteger INFEASIBLE = new AtomicInteger();
    private static final List<Double> GAPS = new ArrayList<>();

    @AfterAll
    static void sayHowMany() {
        Collections.sort(GAPS);
        System.out.println("Search against brute force: " + COMPARED + " problems compared, " + INFEASIBLE
                + " of them infeasible; median gap " + GAPS.get(GAPS.size() / 2) + ", largest "
                + GAPS.get(GAPS.size() - 1) + ".");
    }

    @ParameterizedTest
    @EnumSource(Flavour.class)
    void findsTheSamePlanAsTryingEverything(Flavour flavour) {
        int found = compare(flavour, (problem, seed) -> problem);
        assertThat(found).isGreaterThan(flavour == Flavour.ONE_GPU_SHORT ? -1 : PROBLEMS_PER_FLAVOUR / 3);
    }

    @ParameterizedTest
    @EnumSource(Flavour.class)
    void findsTheSamePlanWhereNodesLimitProcessorsAndMemory(Flavour flavour) {
        int found = compare(flavour, HostLimits::on);
        boolean filled = flavour == Flavour.ONE_GPU_SHORT || flavour == Flavour.SINGLE_SOLUTION;
        assertThat(found).isGreaterThan(filled ? -1 : PROBLEMS_PER_FLAVOUR / 4);
        long changed = LongStream.range(0, PROBLEMS_PER_FLAVOUR)
                .filter(seed -> {
                    AllocationProblem problem =
                            GeneratedProblem.of(seed, flavour, new Size(2 + (int) seed % 2, 3 + (int) seed % 3, 1));
                    return !plan(HostLimits.on(problem, seed)).equals(plan(problem));
                })
                .count();
        assertThat(changed).as("limits that change the plan").isGreaterThan(filled ? -1 : 0);
    }

    private static List<LlmAllocation> plan(AllocationProblem problem) {
        return Search.plan(problem, Placement::on) instanceof SearchResult.Found found
                ? found.plan().allocations()
                : List.of();
    }

    private static int compare(Flavour flavour, BiFunction<AllocationProblem, Long, AllocationProblem> change) {
        int found = 0;
        for (int seed = 0; seed < PROBLEMS_PER_FLAVOUR; seed++) {
            Size size = new Size(2 + seed % 2, 3 + seed % 3, 1 + seed % 2);
            AllocationProblem problem = change.apply(GeneratedProblem.of(seed, flavour, size), (long) seed);
            Optional<BruteForce.Best> expected = BruteForce.solve(problem);
            SearchResult result = Search.plan(problem, Placement::on);
            String name = flavour + " " + seed + " " + size;
            COMPARED.incrementAndGet();
            if (expected.isEmpty()) {
                INFEASIBLE.incrementAndGet();
                assertThat(result).as(name).isInstanceOf(SearchResult.Infeasible.class);
                continue;
            }
            found++;
            assertThat(result).as(name).isInstanceOf(SearchResult.Found.class);
            SearchResult.Found plan = (SearchResult.Found) result;
            GAPS.add(plan.plan().optimalityGap());
            assertThat(plan.plan().objectiveSeconds())
                    .as(name)
                    .isCloseTo(expected.get().objective(), within(expected.get().objective() * 2e-10));
            assertThat(plan.plan().optimalityGap()).as(name).isZero();
            assertThat(plan.plan().allocations())
                    .as(name)
                    .isEqualTo(expected.get().picks().stream()
                            .map(pick -> new LlmAllocation(
                                    pick.model(),
                                    pick.candidate().gpu(),
                                    pick.candidate().gpuFraction(),
                                    pick.candidate().tensorParallel(),
                                    pick.replicas(),
                                    pick.candidate().profile().memoryGiBPerGpu()))
                            .toList());
            LegalPlan.check(problem, plan.plan());
        }
        return found;
    }
}
