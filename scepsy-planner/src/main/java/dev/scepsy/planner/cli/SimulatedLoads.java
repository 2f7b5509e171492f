package dev.scepsy.planner.cli;

import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.simulate.Arrivals;
import dev.scepsy.planner.simulate.DrawnExecutions;
import dev.scepsy.planner.simulate.ExecutionScript;
import dev.scepsy.planner.simulate.Simulation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which executions a simulation runs and when they start, as options say it. */
final class SimulatedLoads {

    /** Beyond this a simulated time is surely a mistake, seconds. */
    static final double LONGEST_SECONDS = 1e7;

    private static final double DEFAULT_SECONDS = 600;
    private static final double WARM_UP_PART = 0.1;
    private static final double MOST_PER_SECOND = 1e6;

    /** Some ten minutes of work for one core. */
    private static final double MOST_CALLS = 1e8;

    private static final int MOST_CLIENTS = 100_000;

    @Option(
            names = "--target",
            paramLabel = "WORKFLOW=RATE",
            description =
                    "Executions per second; replaces the rate of the file or of the recording. May be" + " repeated.")
    private Map<String, Double> targets = new LinkedHashMap<>();

    @Option(
            names = "--rate-scale",
            paramLabel = "FACTOR",
            defaultValue = "1",
            description =
                    "Factor for every rate, and for the speed of recorded arrivals (default:" + " ${DEFAULT-VALUE}).")
    private double rateScale;

    @Option(
            names = "--arrivals",
            paramLabel = "RULE",
            defaultValue = "poisson",
            description = "Arrivals: poisson (independent) or recorded (every execution of --traces once, when it"
                    + " started) (default: ${DEFAULT-VALUE}).")
    private String arrivals = "poisson";

    @Option(
            names = "--clients",
            paramLabel = "WORKFLOW=N",
            description = "Closed loop: number of clients that wait for the answer, think, and ask again; other"
                    + " workflows stay open loop. May be repeated.")
    private Map<String, Integer> clients = new LinkedHashMap<>();

    @Option(
            names = "--think-time",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description = "Mean think time of --clients, in seconds, exponentially distributed (default:"
                    + " ${DEFAULT-VALUE}).")
    private double thinkSeconds;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            description = "Simulated seconds in which executions start (default: 600; with --arrivals recorded the"
                    + " recording's).")
    private @Nullable Double durationSeconds;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            description = "Seconds at the start that are left out of the results (default: a tenth of --duration).")
    private @Nullable Double warmUpSeconds;

    @Option(
            names = "--prefix-cache",
            paramLabel = "RULE",
            defaultValue = "rate",
            description = "Prefix cache: rate (prefixCacheHitRate of models.yaml) or conversations (besides, a"
                    + " replayed prompt finds its agent's earlier prompt and answer cached) (default:"
                    + " ${DEFAULT-VALUE}).")
    private String prefixCache = "rate";

    /** Rates for the planning problem: a workflow with clients needs none. */
    Map<String, Double> targets() {
        Map<String, Double> all = new LinkedHashMap<>();
        clients.keySet().forEach(workflow -> all.put(workflow, 0.0));
        all.putAll(targets);
        return all;
    }

    double durationSeconds(RecordedExecutions recorded) {
        if (durationSeconds != null) {
            return durationSeconds;
        }
        return isRecorded() && recorded.spanSeconds() > 0 ? recorded.spanSeconds() / rateScale : DEFAULT_SECONDS;
    }

    double warmUpSeconds(RecordedExecutions recorded) {
        return warmUpSeconds != null ? warmUpSeconds : WARM_UP_PART * durationSeconds(recorded);
    }

    /** Whether executions would go on coming after the end. */
    boolean isOpenEnded() {
        return !isRecorded();
    }

    private boolean isRecorded() {
        return arrivals.equals("recorded");
    }

    /** What is wrong with the options by themselves. */
    List<String> problems(boolean hasTraces) {
        List<String> problems = new ArrayList<>();
        if (!isRecorded() && !arrivals.equals("poisson")) {
            problems.add("The --arrivals (" + arrivals + ") must be poisson or recorded.");
        }
        if (!prefixCache.equals("conversations") && !prefixCache.equals("rate")) {
            problems.add("The --prefix-cache (" + prefixCache + ") must be conversations or rate.");
        }
        if (isRecorded() && !hasTraces) {
            problems.add("The --arrivals (recorded) need --traces: statistics hold no arrival times.");
        }
        if (isRecorded()) {
            targets.keySet()
                    .forEach(workflow -> problems.add("The --target (" + workflow
                            + ") has no meaning with recorded arrivals. Use --rate-scale, or --arrivals poisson."));
        }
        if (!(rateScale > 0 && rateScale <= MOST_PER_SECOND)) {
            problems.add("The --rate-scale (" + rateScale + ") must be above 0 and at most 1e6.");
        }
        if (durationSeconds != null && !(durationSeconds > 0 && durationSeconds <= LONGEST_SECONDS)) {
            problems.add("The --duration (" + durationSeconds + ") must be above 0 and at most 1e7 seconds.");
        }
        if (warmUpSeconds != null && !(warmUpSeconds >= 0 && warmUpSeconds <= LONGEST_SECONDS)) {
            problems.add("The --warm-up (" + warmUpSeconds + ") must be 0 or more, and below the --duration.");
        }
        if (!(thinkSeconds >= 0 && thinkSeconds <= LONGEST_SECONDS)) {
            problems.add("The --think-time (" + thinkSeconds + ") must be 0 or more and at most 1e7 seconds.");
        }
        clients.forEach((workflow, number) -> {
            if (number < 1 || number > MOST_CLIENTS) {
                problems.add("The --clients (" + workflow + "=" + number + ") must be at least 1 and at most "
                        + MOST_CLIENTS + ".");
            }
            if (targets.containsKey(workflow)) {
                problems.add("The workflow (" + workflow
                        + ") has a --target and --clients. A closed loop has no rate of its own: leave one out.");
            }
        });
        return problems;
    }

    /** One load per workflow; what cannot be simulated becomes {@code problems}. */
    List<Simulation.Load> of(
            PlanningProblem problem, RecordedExecutions recorded, Set<String> selfHosted, List<String> problems) {
        double duration = durationSeconds(recorded);
        if (warmUpSeconds != null && warmUpSeconds >= duration) {
            problems.add("The --warm-up (" + warmUpSeconds + ") must be below the --duration (" + duration + ").");
        }
        List<Simulation.Load> loads = new ArrayList<>();
        double calls = 0;
        for (int i = 0; i < problem.demands().size(); i++) {
            WorkflowDemand demand = problem.demands().get(i);
            List<ExecutionScript> scripts = recorded.of(demand.name()).stream()
                    .map(execution -> ExecutionScript.recorded(execution, name -> own(problem, name, selfHosted)))
                    .map(script -> prefixCache.equals("rate") ? script.withoutConversations() : script)
                    .toList();
            Arrivals when = arrivals(demand, recorded);
            loads.add(new Simulation.Load(
                    demand.name(), when, scripts(problem, i, scripts, when instanceof Arrivals.Recorded, selfHosted)));
            if (when instanceof Arrivals.Poisson poisson) {
                double perExecution = demand.calls().stream()
                        .mapToDouble(ModelCalls::callsPerExecution)
                        .sum();
                calls += poisson.executionsPerSecond() * duration * Math.max(1, perExecution);
                if (poisson.executionsPerSecond() > MOST_PER_SECOND) {
                    problems.add("The rate of workflow (" + demand.name() + "), " + poisson.executionsPerSecond()
                            + " executions per second, must be at most 1e6.");
                }
            }
        }
        if (calls > MOST_CALLS) {
            problems.add(String.format(
                    Locale.ROOT,
                    "These rates for %.0f s make about %.0f calls; at most %.0f can be simulated. Use a shorter"
                            + " --duration or lower rates.",
                    duration,
                    calls,
                    MOST_CALLS));
        }
        return loads;
    }

    private Arrivals arrivals(WorkflowDemand demand, RecordedExecutions recorded) {
        Integer own = clients.get(demand.name());
        if (own != null) {
            return new Arrivals.Clients(Math.max(1, own), thinkSeconds);
        }
        if (isRecorded()) {
            return new Arrivals.Recorded(recorded.startSeconds(demand.name()).stream()
                    .map(seconds -> seconds / rateScale)
                    .toList());
        }
        return new Arrivals.Poisson(demand.targetPerSecond() * rateScale);
    }

    /** Recorded ones in their order or by chance; drawn ones where nothing was recorded. */
    static Simulation.Scripts scripts(
            PlanningProblem problem,
            int workflow,
            List<ExecutionScript> recorded,
            boolean inOrder,
            Set<String> selfHosted) {
        if (recorded.isEmpty()) {
            WorkflowDemand demand = problem.demands().get(workflow);
            DrawnExecutions drawn = new DrawnExecutions(
                    demand.name(), demand.otherSeconds(), problem.statistics().get(workflow), selfHosted);
            return (number, random) -> drawn.draw(random);
        }
        return inOrder
                ? (number, random) -> recorded.get(number)
                : (number, random) -> recorded.get(random.nextInt(recorded.size()));
    }

    private static String own(PlanningProblem problem, String name, Set<String> selfHosted) {
        return problem.modelServing(name)
                .map(ServedModel::name)
                .filter(selfHosted::contains)
                .orElse("");
    }
}
