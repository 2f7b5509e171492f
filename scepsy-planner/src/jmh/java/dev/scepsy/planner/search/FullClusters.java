package dev.scepsy.planner.search;

import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.infeasible.InfeasibleReason;
import dev.scepsy.planner.search.solver.HighestScale;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;

/**
 * How long the hardest problems take that are promised to be proven: six models on 32 GPUs, groups of up to eight sharing
 * them, at their own targets, at the highest that fit and just above. A table of CPU time of the planning thread. Not a
 * JMH benchmark: one row of it takes as long as all of this.
 */
public final class FullClusters {

    private static final double JUST_BELOW = 0.99999;
    private static final double JUST_ABOVE = 1.0001;

    private FullClusters() {}

    /** @param arguments how many problems of each kind; 24 without */
    public static void main(String[] arguments) {
        int problems = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 24;
        System.out.println("| Cluster | Targets | Problems | With a plan | Proven | CPU, s: median | 90 % | most |");
        System.out.println("|---|---|---|---|---|---|---|---|");
        rows("4 nodes of 8", problems, WideGroups::of);
        rows("uneven, partly held", problems, WideGroups::uneven);
    }

    private static void rows(String cluster, int problems, LongFunction<AllocationProblem> source) {
        List<AllocationProblem> own = new ArrayList<>();
        List<AllocationProblem> below = new ArrayList<>();
        List<AllocationProblem> above = new ArrayList<>();
        for (int seed = 0; seed < problems; seed++) {
            AllocationProblem problem = source.apply(seed);
            own.add(problem);
            HighestScale.of(problem, Placement::on, SearchLimits.standard().nodes(), SearchLimits.Stop.NEVER)
                    .scale()
                    .ifPresent(scale -> {
                        below.add(problem.withTargetsTimes(scale * JUST_BELOW));
                        above.add(problem.withTargetsTimes(scale * JUST_ABOVE));
                    });
        }
        row(cluster, "their own", own);
        row(cluster, "just below the highest", below);
        row(cluster, "just above", above);
    }

    private static void row(String cluster, String targets, List<AllocationProblem> problems) {
        List<Double> seconds = new ArrayList<>();
        int found = 0;
        int proven = 0;
        for (AllocationProblem problem : problems) {
            long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            SearchResult result = Search.plan(problem, Placement::on);
            seconds.add((ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start) / 1e9);
            if (result instanceof SearchResult.Found plan) {
                found++;
                proven += plan.plan().optimalityGap() == 0 ? 1 : 0;
            } else {
                proven += ((SearchResult.Infeasible) result)
                                .reasons().stream()
                                        .allMatch(
                                                reason -> !(reason instanceof InfeasibleReason.Unplaceable unplaceable)
                                                        || unplaceable.proven())
                        ? 1
                        : 0;
            }
        }
        Collections.sort(seconds);
        System.out.println(String.format(
                Locale.ROOT,
                "| %s | %s | %d | %d | %d | %.2f | %.2f | %.2f |",
                cluster,
                targets,
                problems.size(),
                found,
                proven,
                seconds.get(seconds.size() / 2),
                seconds.get(seconds.size() * 9 / 10),
                seconds.get(seconds.size() - 1)));
    }
}
