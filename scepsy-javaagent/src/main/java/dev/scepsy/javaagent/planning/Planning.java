package dev.scepsy.javaagent.planning;

import dev.scepsy.javaagent.host.AgentThreads;
import dev.scepsy.javaagent.host.Stderr;
import dev.scepsy.javaagent.setting.Settings;
import dev.scepsy.planner.StatisticsListener;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Objective;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.ProfilesFile;
import dev.scepsy.planner.file.WholeFile;
import dev.scepsy.planner.planning.Planner;
import dev.scepsy.planner.planning.PlanningOptions;
import dev.scepsy.planner.planning.PlanningResult;
import dev.scepsy.planner.problem.PipelineForm;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.share.Drift;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Plans once there is enough data, and again when the statistics have drifted. Reads {@code scepsy.cluster}, {@code
 * scepsy.models}, {@code scepsy.profiles} anew each time, takes targets from {@code scepsy.target.<workflow>} before those of
 * {@code @Workflow}, and writes {@code plan.json} into {@code scepsy.out}. What a plan is to be best at, {@code scepsy.plan.*} say, by
 * the words of the command line. A plan beside the one that serves moves the fewest replicas: beside the last that was pushed, or, where
 * nothing is pushed, the last that was shown. One plan at a time. Thread-safe.
 */
public final class Planning implements StatisticsListener {

    /** Applies a plan that has been found. */
    @FunctionalInterface
    public interface Push {
        /** Whether the cluster serves it now; why not has been said. */
        boolean apply(Plan plan, PlanningProblem problem) throws ReflectiveOperationException;
    }

    private final Settings settings;
    private final Optional<Push> push;
    private final Consumer<WorkflowShares> accepted;
    private final Consumer<String> log;
    private final AtomicBoolean busy = new AtomicBoolean();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(work -> {
        return AgentThreads.daemon(work, "scepsy-planning");
    });
    private volatile boolean planned;
    private volatile @Nullable String latest;
    private volatile Optional<Plan> serving = Optional.empty();

    /**
     * @param push empty: plans are only shown
     * @param accepted is told of the statistics a plan rests on
     */
    public Planning(Settings settings, Optional<Push> push, Consumer<WorkflowShares> accepted, Consumer<String> log) {
        this.settings = settings;
        this.push = push;
        this.accepted = accepted;
        this.log = log;
    }

    /** The last plan, or why there is none, as {@code plan.json} holds it; null before the first. */
    public @Nullable String latest() {
        return latest;
    }

    /** The plan that the next one should move away from as little as it can. */
    Optional<Plan> serving() {
        return serving;
    }

    @Override
    public void published(WorkflowShares shares, List<Drift> drift) {
        List<WorkflowStatistics> enough = shares.workflows().stream()
                .filter(workflow -> !workflow.notEnoughData())
                .toList();
        if (enough.isEmpty() || (planned && drift.isEmpty()) || !busy.compareAndSet(false, true)) {
            return;
        }
        thread.execute(() -> {
            try {
                plan(shares, enough);
            } catch (IOException | ReflectiveOperationException | RuntimeException | LinkageError failure) {
                Stderr.once("planning: " + failure, "planning: " + failure + " (the application is not affected)");
            } finally {
                busy.set(false);
            }
        });
    }

    private void plan(WorkflowShares shares, List<WorkflowStatistics> workflows)
            throws IOException, ReflectiveOperationException {
        Planner planner = Planner.of(described(workflows));
        if (planner.problem().legalValue().isEmpty()) {
            planner.problem()
                    .whyMalformed()
                    .forEach(problem -> Stderr.once("planning: " + problem, "planning: " + problem));
            planned = true; // Said once; asked again when the statistics drift.
            return;
        }
        PlanningResult result = planner.plan(options());
        planned = true;
        accepted.accept(shares);
        Path out = Path.of(settings.text("scepsy.out").orElse(".")).resolve("plan.json");
        latest = result.toJson();
        WholeFile.write(out, result.toJson());
        if (result instanceof PlanningResult.Planned found) {
            log.accept("plan: "
                    + found.plan().allocations().stream().map(Planning::inWords).collect(Collectors.joining(", "))
                    + " ("
                    + out + ")");
            if (push.isEmpty()
                    || push.get()
                            .apply(found.plan(), planner.problem().legalValue().orElseThrow())) {
                serving = Optional.of(found.plan());
            }
        } else {
            log.accept("plan: none fits, see " + out);
        }
    }

    private PlanningOptions options() {
        PlanningOptions.Builder options = PlanningOptions.builder()
                .objective(objective())
                .simulatedPlans((int) settings.number("scepsy.plan.refine", 0, 0), 0)
                .maxUtilisation(atMostOne("scepsy.plan.max-utilisation", AllocationProblem.DEFAULT_MAX_UTILISATION))
                .current(serving)
                .explained(false); // plan.json holds none.
        double quantile = atMostOne("scepsy.plan.quantile", Double.NaN);
        if (quantile < 1) {
            options.quantile(OptionalDouble.of(quantile));
        } else if (quantile == 1) {
            Stderr.once("scepsy.plan.quantile", "scepsy.plan.quantile (1) must be below 1; the means are used.");
        }
        return options.build();
    }

    private double atMostOne(String key, double otherwise) {
        double value = settings.number(key, Double.MIN_VALUE, otherwise);
        if (value > 1) {
            Stderr.once(key, key + " (" + value + ") must be at most 1; it is left out.");
            return otherwise;
        }
        return value;
    }

    private Objective objective() {
        String written = settings.text("scepsy.plan.objective").orElse(Objective.LATENCY.key());
        Optional<Objective> objective = Objective.of(written);
        if (objective.isEmpty()) {
            Stderr.once(
                    "scepsy.plan.objective",
                    "scepsy.plan.objective (" + written
                            + ") is not latency, throughput, gpus or cost; latency is used.");
        }
        return objective.orElse(Objective.LATENCY);
    }

    private ProblemAssembly described(List<WorkflowStatistics> workflows) {
        Catalogue catalogue = Catalogue.builtIn();
        Map<String, Double> targets = new HashMap<>();
        for (WorkflowStatistics workflow : workflows) {
            double target = settings.number("scepsy.target." + workflow.name(), 0, Double.NaN);
            if (!Double.isNaN(target)) {
                targets.put(workflow.name(), target);
            }
        }
        return new ProblemAssembly(
                ClusterFile.read(file("scepsy.cluster", "cluster.yaml"), catalogue),
                ModelsFile.read(file("scepsy.models", "models.yaml"), catalogue),
                settings.text("scepsy.profiles")
                        .map(profiles -> ProfilesFile.read(Path.of(profiles)))
                        .orElseGet(ProblemAssembly::nothingMeasured),
                ProblemAssembly.unwritten("statistics", workflows),
                targets,
                PipelineForm.CRITICAL_PATH);
    }

    private Path file(String setting, String otherwise) {
        return Path.of(settings.text(setting).orElse(otherwise));
    }

    private static String inWords(LlmAllocation allocation) {
        return allocation.replicas() + " x " + allocation.model() + " (" + allocation.gpuFraction() + " of "
                + allocation.tensorParallel() + " " + allocation.gpu() + ")";
    }
}
