package dev.scepsy.planner.cli;

import dev.scepsy.planner.allocation.Objective;
import dev.scepsy.planner.planning.PlanningOptions;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.topology.GpuType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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

    /** The options of the planner that these stand for; those that {@link #wrong} complains of must not be there. */
    PlanningOptions.Builder options(long seed) {
        return PlanningOptions.builder()
                .objective(objective().orElseThrow())
                .latencyLimitSeconds(latencyLimits)
                .quantile(quantile == null ? OptionalDouble.empty() : OptionalDouble.of(quantile))
                .limits(() -> limits(seed));
    }

    /** Limits on work; a limit on time counts from this call on. */
    private SearchLimits limits(long seed) {
        if (timeLimitSeconds == null) {
            return new SearchLimits(nodes, seed);
        }
        long start = System.nanoTime();
        long most = (long) (timeLimitSeconds * 1e9);
        return new SearchLimits(nodes, seed, () -> System.nanoTime() - start >= most);
    }

    private Optional<Objective> objective() {
        return Objective.of(objective);
    }
}
