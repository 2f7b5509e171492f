package dev.scepsy.planner.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.placement.Placement;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WideSharedGroupsTest {

    private static final int[] SEEDS =
            Boolean.getBoolean("scepsy.full") ? IntStream.range(0, 18).toArray() : new int[] {0, 6, 13, 16, 17, 19};

    @Test
    void planIsProvenOptimalWherePackingIsHardest() {
        int found = 0;
        int proven = 0;
        for (int seed : SEEDS) {
            AllocationProblem problem = WideGroups.of(seed);
            SearchResult result = Search.plan(problem, Placement::on, new SearchLimits(20_000, 0));
            if (result instanceof SearchResult.Found plan) {
                found++;
                proven += plan.plan().optimalityGap() == 0 ? 1 : 0;
                LegalPlan.check(problem, plan.plan());
            }
        }
        System.out.println(String.format(
                Locale.ROOT,
                "Wide shared groups on 32 GPUs: %d problems, %d planned, %d proven.",
                SEEDS.length,
                found,
                proven));
        assertThat(found).isGreaterThan(SEEDS.length / 2);
        assertThat(proven).isGreaterThanOrEqualTo(found * 9 / 10);
    }
}
