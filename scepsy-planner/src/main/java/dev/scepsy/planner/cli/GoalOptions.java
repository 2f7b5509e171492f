package dev.scepsy.planner.cli;

import dev.scepsy.planner.allocation.Goal;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.problem.RobustDemands;
import dev.scepsy.planner.search.AllocationProblem;
import dev.scepsy.planner.search.Objective;
import dev.scepsy.planner.search.SearchLimits;
import dev.scepsy.planner.topology.GpuType;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a plan is to be best at, how sure its demands are to be, and how hard to search; {@code @Mixin} of {@code plan}. */
final class GoalOptions {

    private static final double MILLION = 1e6;

    @Option(
            names = "--objective",
            defaultValue = "latency",
            paramLabel = "WHAT",
            description = "Objective: latency (least latency at the targets), throughput (the targets times the"
                    + " largest factor that fits), gpus (fewest GPUs for the targets) or cost (least"
                    + " costPerHour for the targets). Among equally good plans the least latency wins"
                    + " (default: ${DEFAULT-VALUE}).")
    private String objective = "latency";

    @Option(
            names = "--latency-limit",
            paramLabel = "WORKFLOW=SECONDS",
            description = "Highest mean latency of the workflow; replaces latencyLimitSeconds of the file. May be"
                    + " repeated.")
    private Map<String, Double> latencyLimits = new LinkedHashMap<>();

    @Option(
            names = "--quantile",
            paramLabel = "Q",
            description = "Quantile in (0, 1), such as 0.9: calls per execution are taken at this quantile of"
                    + " their estimate instead of the mean (default: the mean).")
    private @Nullable Double quantile;

    @Option(
            names = {"--work-limit", "--work"},
            paramLabel = "NODES",
            description = "Highest number of partial plans that the search visits; more never gives a worse plan"
                    + " (default: ${DEFAULT-VALUE}).")
    private long nodes = SearchLimits.standard().nodes();

    @Option(
            names = "--time-limit",
            paramLabel = "SECONDS",
            description = "Longest search, in seconds; the best plan found is written with its bound and gap."
                    + " Unlike --work-limit, makes the answer depend on the machine (default: no limit).")
    private @Nullable Double timeLimitSeconds;

    private List<String> withoutInterval = List.of();

    /** What is wrong with the options on a problem of these names, one sentence each. */
    List<String> wrong(KnownNames known) {
        List<String> wrong = new ArrayList<>();
        if (objective().isEmpty()) {
            wrong.add("The --objective (" + objective + ") must be latency, throughput, gpus or cost.");
        }
        if (quantile != null && !(quantile > 0 && quantile < 1)) {
            wrong.add("The --quantile (" + quantile + ") must lie in (0, 1).");
        }
        if (nodes < 1) {
            wrong.add("The --work-limit (" + nodes + ") must be at least 1.");
        }
        if (timeLimitSeconds != null && !(timeLimitSeconds > 0 && timeLimitSeconds <= MILLION)) {
            wrong.add("The --time-limit (" + timeLimitSeconds + ") must lie in (0, " + (long) MILLION + "].");
        }
        latencyLimits.forEach((workflow, seconds) -> {
            if (!(seconds > 0)) {
                wrong.add("The --latency-limit of workflow (" + workflow + ") is " + seconds
                        + " and must be above 0 seconds.");
            }
        });
        known.workflows().ifPresent(names -> {
            List<String> unknown = new ArrayList<>(latencyLimits.keySet());
            unknown.removeAll(names);
            if (!unknown.isEmpty()) {
                wrong.add("There is no workflow " + unknown + " to give a --latency-limit. The workflows are " + names
                        + ".");
            }
        });
        objective().ifPresent(chosen -> unreachable(chosen, known).ifPresent(wrong::add));
        return wrong;
    }

    private static Optional<String> unreachable(Objective chosen, KnownNames known) {
        if (chosen == Objective.COST) {
            List<String> unpriced = known.gpus().stream()
                    .flatMap(List::stream)
                    .filter(type -> type.costPerHour().isEmpty())
                    .map(GpuType::name)
                    .distinct()
                    .toList();
            if (!unpriced.isEmpty()) {
                return Optional.of("The --objective cost needs a costPerHour of GPU types " + unpriced
                        + ". Give it under gpuTypes in the cluster file.");
            }
        }
        if (chosen == Objective.THROUGHPUT && !known.targets()) {
            return Optional.of(
                    "The --objective throughput scales the targets, and all of them are 0. Give some workflow a"
                            + " targetPerSecond, or --target.");
        }
        return Optional.empty();
    }

    /** The problem under these options. */
    AllocationProblem applied(PlanningProblem problem, double maxUtilisation) {
        AllocationProblem plain = problem.allocationProblem(maxUtilisation)
                .withObjective(objective().orElseThrow());
        if (quantile != null) {
            RobustDemands robust = problem.robustDemands(quantile);
            withoutInterval = robust.withoutInterval();
            plain = plain.withWorkflows(robust.demands());
        }
        return plain.withWorkflows(plain.workflows().stream()
                .map(demand -> latencyLimits.containsKey(demand.name())
                        ? demand.withLatencyLimit(OptionalDouble.of(latencyLimits.get(demand.name())))
                        : demand)
                .toList());
    }

    /** Limits on work; a limit on time counts from this call on. */
    SearchLimits limits(long seed) {
        if (timeLimitSeconds == null) {
            return new SearchLimits(nodes, seed);
        }
        long start = System.nanoTime();
        long most = (long) (timeLimitSeconds * 1e9);
        return new SearchLimits(nodes, seed, () -> System.nanoTime() - start >= most);
    }

    /** The problem whose loads and latencies {@code plan} was made for. */
    AllocationProblem served(AllocationProblem problem, Plan plan) {
        return problem.objective() == Objective.THROUGHPUT && plan.goal().isPresent()
                ? problem.withTargetsTimes(plan.goal().get().value()).withObjective(Objective.LATENCY)
                : problem;
    }

    /** Quantile the plan was made for; empty: means. */
    OptionalDouble quantile() {
        return quantile == null ? OptionalDouble.empty() : OptionalDouble.of(quantile);
    }

    /** What the plan reaches of its goal, and which statistics it is sure of. */
    void print(Plan plan, PrintWriter out) {
        plan.goal().ifPresent(goal -> out.println(reached(goal)));
        if (quantile != null) {
            out.println("Planned for the " + PlanReport.number(quantile * 100)
                    + " % quantile of calls and sequential calls, taken together.");
            if (!withoutInterval.isEmpty()) {
                out.println(
                        "  Without interval95, so planned for the mean: " + String.join(", ", withoutInterval) + ".");
            }
        }
    }

    private static String reached(Goal goal) {
        String value = PlanReport.number(goal.value());
        String what = switch (goal.objective()) {
            case "gpus" -> "Fewest GPUs: " + value;
            case "cost" -> "Least cost: " + value + " per hour";
            default -> "Highest throughput: all targets times " + value;
        };
        String beyond = goal.objective().equals("throughput") ? "above" : "below";
        return what
                + (goal.gap() == 0
                        ? " (proven)."
                        : " (no plan goes " + beyond + " " + PlanReport.number(goal.bound()) + ", "
                                + PlanReport.gap(goal.gap()) + " from there).");
    }

    private Optional<Objective> objective() {
        for (Objective known : Objective.values()) {
            if (known.name().toLowerCase(Locale.ROOT).equals(objective)) {
                return Optional.of(known);
            }
        }
        return Optional.empty();
    }
}
