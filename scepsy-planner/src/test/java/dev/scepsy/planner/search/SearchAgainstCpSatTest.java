package dev.scepsy.planner.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.ortools.sat.CpSolverStatus;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.search.GeneratedProblem.Flavour;
import dev.scepsy.planner.search.GeneratedProblem.Size;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.Load;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Medium problems against an independent solver; those it cannot decide in time prove nothing and are left out. */
class SearchAgainstCpSatTest {

    private static final int PROBLEMS_PER_FLAVOUR = Boolean.getBoolean("scepsy.full") ? 50 : 2;
    private static final double SECONDS_EACH = Boolean.getBoolean("scepsy.full") ? 20 : 2;

    private static final AtomicInteger COMPARED = new AtomicInteger();
    private static final AtomicInteger UNDECIDED = new AtomicInteger();

    @AfterAll
    static void sayHowMany() {
        System.out.println("Search against CP-SAT: " + COMPARED + " problems compared, " + UNDECIDED
                + " which CP-SAT could not decide in " + SECONDS_EACH + " s each left out; the search proved all it was"
                + " compared on.");
    }

    @BeforeAll
    static void needsItsNativeLibrary() {
        assumeTrue(CpSat.available(), "OR-Tools has no native library for this platform");
    }

    @ParameterizedTest
    @EnumSource(Flavour.class)
    void provesTheSameOptimum(Flavour flavour) {
        for (int seed = 1_000; seed < 1_000 + PROBLEMS_PER_FLAVOUR; seed++) {
            Size size = new Size(3 + seed % 2, 6 + seed % 7, 1 + seed % 3);
            AllocationProblem problem = GeneratedProblem.of(seed, flavour, size);
            CpSat.Answer expected = CpSat.solve(problem, SECONDS_EACH);
            if (!expected.decided()) {
                UNDECIDED.incrementAndGet();
                continue;
            }
            COMPARED.incrementAndGet();
            SearchResult result = Search.plan(problem, Placement::on);
            String name = flavour + " " + seed + " " + size;
            if (expected.status() == CpSolverStatus.INFEASIBLE) {
                assertThat(result).as(name).isInstanceOf(SearchResult.Infeasible.class);
                continue;
            }
            assertThat(result).as(name).isInstanceOf(SearchResult.Found.class);
            SearchResult.Found found = (SearchResult.Found) result;
            double optimum = Load.fixedSeconds(problem) + expected.cost().orElseThrow();
            LegalPlan.check(problem, found.plan());
            assertThat(found.plan().optimalityGap()).as(name).isZero();
            assertThat(found.plan().objectiveSeconds()).as(name).isCloseTo(optimum, within(1e-7));
        }
    }
}
