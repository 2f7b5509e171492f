package dev.scepsy.planner.share;

import dev.scepsy.planner.execution.IncompleteReason;
import dev.scepsy.planner.stat.Bootstrap;
import dev.scepsy.planner.stat.NearestRank;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToLongFunction;

/**
 * Estimates a workflow's statistics from its complete executions j = 1..J.
 *
 * <pre>
 * n_m = Σ_j N_mj / J                  calls per execution
 * p_m = Σ_j D_mj / Σ_j U_mj           parallelism: summed over covered call time
 * s_m = Σ_j D_mj / Σ_k Σ_j D_kj       execution share
 * κ_m = (Σ_j path_mj / J) / (Σ_j D_mj / Σ_j N_mj)    sequential calls
 * o   = Σ_j other_j / J               other time
 * c_m = Σ_j ∫ c_mj² dt / Σ_j D_mj     concurrent calls: how many run at once, as a running call sees it
 * </pre>
 *
 * so that o + Σ_m κ_m · meanCall_m is the mean end-to-end time. Executions that never called m count in its means.
 *
 * <p>Sums of nanoseconds are exact up to 2^53 (104 days) and correct to 1e-15 beyond. The 95 % intervals are bootstrapped over
 * executions ({@link Bootstrap}), a share's on the scale of its odds. Pure; the result depends on the set of executions and the seed, not on any order.
 *
 * @param requiredExecutions complete executions below which statistics are marked as not enough, without intervals
 * @param seed seed of the bootstrap
 */
public record ShareEstimator(int requiredExecutions, long seed) {

    private static final double NANOS_PER_SECOND = 1e9;

    /** Rows of the table that the bootstrap resamples: first the number of executions, and the summed call time. */
    private static final int EXECUTIONS = 0;

    private static final int ALL_CALL_NANOS = 1;
    private static final int FIRST_MODEL = 2;

    /** Then five per model. */
    private static final int CALLS = 0;

    private static final int CALL_NANOS = 1;
    private static final int BUSY_NANOS = 2;
    private static final int PATH_NANOS = 3;
    private static final int CROWD_NANOS = 4;
    private static final int COLUMNS_PER_MODEL = 5;

    /** @throws IllegalArgumentException if {@code requiredExecutions} is below 1 */
    public ShareEstimator {
        if (requiredExecutions < 1) {
            throw new IllegalArgumentException(
                    "The requiredExecutions (" + requiredExecutions + ") must be at least 1.");
        }
    }

    /**
     * Statistics of all workflows, in the order of their keys, each under the name by which it is told from the others.
     *
     * @param executions the complete executions of every workflow seen, in any order; none where none was complete
     * @param incomplete executions left out, by reason
     */
    public WorkflowShares estimate(
            Map<WorkflowKey, List<ExecutionShares>> executions, Map<IncompleteReason, Long> incomplete) {
        return estimate(executions, incomplete, Selection.ALL);
    }

    /** The same of the executions that {@code selection} leaves. */
    public WorkflowShares estimate(
            Map<WorkflowKey, List<ExecutionShares>> executions,
            Map<IncompleteReason, Long> incomplete,
            Selection selection) {
        Map<WorkflowKey, String> shown = WorkflowKey.shown(executions.keySet());
        List<WorkflowStatistics> workflows = new ArrayList<>(shown.size());
        shown.forEach((key, name) -> {
            Selection.Chosen chosen = selection.of(executions.getOrDefault(key, List.of()));
            workflows.add(estimate(name, chosen.executions())
                    .of(key.service())
                    .leavingOut(chosen.skipped(), chosen.trimmed()));
        });
        return new WorkflowShares(workflows, incomplete);
    }

    /** Statistics of one workflow; without executions, only its name says anything. */
    public WorkflowStatistics estimate(String workflow, Collection<ExecutionShares> executionsOfWorkflow) {
        ExecutionShares[] sorted = executionsOfWorkflow.toArray(ExecutionShares[]::new);
        Arrays.sort(sorted);
        List<ExecutionShares> executions = Arrays.asList(sorted);
        boolean enough = executions.size() >= requiredExecutions;
        if (executions.isEmpty()) {
            return new WorkflowStatistics(
                    workflow,
                    OptionalLong.of(0),
                    OptionalDouble.empty(),
                    1.0,
                    0,
                    Optional.empty(),
                    List.of(),
                    true,
                    OptionalInt.of(requiredExecutions));
        }
        // the newest declaration counts
        ExecutionShares newest = executions.get(executions.size() - 1);
        return new WorkflowStatistics(
                workflow,
                OptionalLong.of(executions.size()),
                newest.targetPerSecond(),
                newest.weight().orElse(1.0),
                meanSeconds(executions, ExecutionShares::otherNanos),
                Optional.of(endToEnd(executions)),
                models(workflow, executions, enough),
                !enough,
                enough ? OptionalInt.empty() : OptionalInt.of(requiredExecutions));
    }

    private static WorkflowStatistics.EndToEnd endToEnd(List<ExecutionShares> executions) {
        long[] durations = executions.stream()
                .mapToLong(ExecutionShares::durationNanos)
                .sorted()
                .toArray();
        return new WorkflowStatistics.EndToEnd(
                meanSeconds(executions, ExecutionShares::durationNanos),
                NearestRank.percentile(durations, 50) / NANOS_PER_SECOND,
                NearestRank.percentile(durations, 95) / NANOS_PER_SECOND,
                NearestRank.percentile(durations, 99) / NANOS_PER_SECOND);
    }

    private List<ModelStatistics> models(String workflow, List<ExecutionShares> executions, boolean enough) {
        List<String> names = names(executions);
        double[][] columns = columns(names, executions);
        double[] sums = new double[columns.length];
        for (int c = 0; c < columns.length; c++) {
            for (double value : columns[c]) {
                sums[c] += value;
            }
        }
        TokenCounts[] tokens = tokens(names, executions);
        List<ModelStatistics> models = new ArrayList<>(names.size());
        for (int m = 0; m < names.size(); m++) {
            int column = FIRST_MODEL + m * COLUMNS_PER_MODEL;
            models.add(model(
                    names.get(m),
                    column,
                    sums,
                    tokens[m],
                    enough ? Optional.of(halfWidths(columns, column, workflow)) : Optional.empty()));
        }
        return models;
    }

    private static List<String> names(List<ExecutionShares> executions) {
        Set<String> names = new HashSet<>();
        for (ExecutionShares execution : executions) {
            for (ModelUse use : execution.models()) {
                names.add(use.model());
            }
        }
        return List.copyOf(new TreeSet<>(names));
    }

    /** How far the logarithms of one model's n, p, κ and odds of s may be off. */
    private OptionalDouble[] halfWidths(double[][] columns, int column, String workflow) {
        int executions = columns[EXECUTIONS].length;
        if (executions < 2) {
            return new OptionalDouble[] {
                OptionalDouble.empty(), OptionalDouble.empty(), OptionalDouble.empty(), OptionalDouble.empty()
            };
        }
        double[] others = new double[executions];
        Arrays.setAll(others, j -> columns[ALL_CALL_NANOS][j] - columns[column + CALL_NANOS][j]);
        return Bootstrap.halfWidths95(
                new double[][] {
                    columns[EXECUTIONS],
                    columns[column + CALLS],
                    columns[column + CALL_NANOS],
                    columns[column + BUSY_NANOS],
                    columns[column + PATH_NANOS],
                    others
                },
                Estimate.RATIOS,
                seed ^ workflow.hashCode());
    }

    private static ModelStatistics model(
            String name, int column, double[] sums, TokenCounts tokens, Optional<OptionalDouble[]> halfWidths) {
        double callsPerExecution = callsPerExecution(sums, column);
        double parallelism = definedOr(parallelism(sums, column), 1);
        // calls that took no time at all leave the ratio open: as if none were parallel
        double sequentialCalls = definedOr(sequentialCalls(sums, column), callsPerExecution);
        double share = executionShare(sums, column);
        return new ModelStatistics(
                name,
                callsPerExecution,
                parallelism,
                sequentialCalls,
                Double.isNaN(share) ? OptionalDouble.empty() : OptionalDouble.of(share),
                OptionalDouble.of(sums[column + CALL_NANOS] / sums[column + CALLS] / NANOS_PER_SECOND),
                OptionalDouble.of(definedOr(sums[column + CROWD_NANOS] / sums[column + CALL_NANOS], 1)),
                tokens.input().statistics(),
                tokens.output().statistics(),
                tokens.engine().seconds(),
                halfWidths.map(widths -> new ModelStatistics.Intervals(
                        Estimate.CALLS_PER_EXECUTION.interval(callsPerExecution, widths),
                        Estimate.PARALLELISM.interval(parallelism, widths),
                        Estimate.SEQUENTIAL_CALLS.interval(sequentialCalls, widths),
                        Estimate.EXECUTION_SHARE.interval(share, widths))));
    }

    private static double callsPerExecution(double[] sums, int column) {
        return sums[column + CALLS] / sums[EXECUTIONS];
    }

    private static double parallelism(double[] sums, int column) {
        return sums[column + CALL_NANOS] / sums[column + BUSY_NANOS];
    }

    private static double executionShare(double[] sums, int column) {
        return sums[column + CALL_NANOS] / sums[ALL_CALL_NANOS];
    }

    private static double sequentialCalls(double[] sums, int column) {
        double meanCallNanos = sums[column + CALL_NANOS] / sums[column + CALLS];
        return sums[column + PATH_NANOS] / sums[EXECUTIONS] / meanCallNanos;
    }

    private static double definedOr(double value, double otherwise) {
        return Double.isFinite(value) ? value : otherwise;
    }

    private static double[][] columns(List<String> names, List<ExecutionShares> executions) {
        double[][] columns = new double[FIRST_MODEL + names.size() * COLUMNS_PER_MODEL][executions.size()];
        for (int j = 0; j < executions.size(); j++) {
            columns[EXECUTIONS][j] = 1;
            int m = 0;
            for (ModelUse use : executions.get(j).models()) {
                while (!names.get(m).equals(use.model())) {
                    m++;
                }
                int column = FIRST_MODEL + m * COLUMNS_PER_MODEL;
                columns[ALL_CALL_NANOS][j] += use.callNanos();
                columns[column + CALLS][j] = use.calls();
                columns[column + CALL_NANOS][j] = use.callNanos();
                columns[column + BUSY_NANOS][j] = use.busyNanos();
                columns[column + PATH_NANOS][j] = use.pathNanos();
                columns[column + CROWD_NANOS][j] = use.crowdNanos();
            }
        }
        return columns;
    }

    private static TokenCounts[] tokens(List<String> names, List<ExecutionShares> executions) {
        TokenCounts[] tokens = new TokenCounts[names.size()];
        Arrays.setAll(tokens, m -> new TokenCounts(new TokenDistribution(), new TokenDistribution(), EngineUse.NONE));
        for (ExecutionShares execution : executions) {
            int m = 0;
            for (ModelUse use : execution.models()) {
                while (!names.get(m).equals(use.model())) {
                    m++;
                }
                tokens[m].input().add(use.inputTokens());
                tokens[m].output().add(use.outputTokens());
                if (use.engine().calls() > 0) {
                    tokens[m] = tokens[m].withEngine(use.engine());
                }
            }
        }
        return tokens;
    }

    private record TokenCounts(TokenDistribution input, TokenDistribution output, EngineUse engine) {
        TokenCounts withEngine(EngineUse more) {
            return new TokenCounts(input, output, engine.plus(more));
        }
    }

    private static double meanSeconds(List<ExecutionShares> executions, ToLongFunction<ExecutionShares> nanos) {
        double sum = 0;
        for (ExecutionShares execution : executions) {
            sum += nanos.applyAsLong(execution);
        }
        return sum / executions.size() / NANOS_PER_SECOND;
    }
}
