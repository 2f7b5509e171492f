package dev.scepsy.planner;

import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.search.Search;
import dev.scepsy.planner.search.SearchResult;
import dev.scepsy.planner.search.choice.AllocationProblem;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * How planning grows from 10 to 100 models and 100 to 10,000 GPUs: a table of CPU time of the planning thread (the second of
 * two runs in one JVM, so that other work on the machine counts little) and the gap. Not a JMH benchmark: one row of it
 * takes as long as all of this.
 */
public final class PlanningGrowth {

    private PlanningGrowth() {}

    public static void main(String[] arguments) {
        System.out.println("| Models | GPUs | Workflows | CPU, s | Gap | Proven |");
        System.out.println("|---|---|---|---|---|---|");
        for (int models : new int[] {10, 20, 50, 100}) {
            for (int gpus : new int[] {104, 320, 1_000, 3_200, 10_000}) {
                row(models, gpus, Math.max(2, models / 5));
            }
        }
    }

    private static void row(int models, int gpus, int workflows) {
        AllocationProblem problem = PlanningBenchmark.fleet(models, gpus, workflows);
        Search.plan(problem, Placement::on);
        long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        SearchResult result = Search.plan(problem, Placement::on);
        double seconds = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start) / 1e9;
        System.out.println(
                result instanceof SearchResult.Found found
                        ? String.format(
                                Locale.ROOT,
                                "| %d | %d | %d | %.2f | %.2f %% | %s |",
                                models,
                                gpus,
                                workflows,
                                seconds,
                                found.plan().optimalityGap() * 100,
                                found.effort().placementProven() ? "yes" : "no")
                        : String.format(
                                Locale.ROOT, "| %d | %d | %d | %.2f | no plan | |", models, gpus, workflows, seconds));
    }
}
