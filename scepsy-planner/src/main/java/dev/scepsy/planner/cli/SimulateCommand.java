package dev.scepsy.planner.cli;

import dev.scepsy.planner.RecordedTraces;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.ProfilesFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.file.WholeFile;
import dev.scepsy.planner.file.WorkflowsFile;
import dev.scepsy.planner.otlp.TraceReader;
import dev.scepsy.planner.otlp.TraceSource;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.problem.PipelineForm;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.share.ExecutionTally;
import dev.scepsy.planner.share.ShareEstimator;
import dev.scepsy.planner.share.WorkflowStatistics;
import dev.scepsy.planner.simulate.DrawnExecutions;
import dev.scepsy.planner.simulate.ExecutionScript;
import dev.scepsy.planner.simulate.Routing;
import dev.scepsy.planner.simulate.Simulation;
import dev.scepsy.planner.simulate.SimulationReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code scepsy simulate}: a plan under a load, event by event. */
@Command(
        name = "simulate",
        description = "Simulates a plan under open-loop load: latency distribution, throughput, utilisation.",
        footer = {
            "",
            "With --traces recorded executions are replayed (calls, tokens, tool times) in random order; with --workflows",
            "executions are drawn from the statistics. Engines schedule as vLLM does; models with measured profiles follow",
            "their curve. The same input and seed give the same output."
        })
final class SimulateCommand implements Callable<Integer> {

    @Option(names = "--cluster", required = true, paramLabel = "cluster.yaml", description = "The hardware.")
    private Path cluster = Path.of("cluster.yaml");

    @Option(names = "--models", required = true, paramLabel = "models.yaml", description = "The served models.")
    private Path models = Path.of("models.yaml");

    @Option(names = "--profiles", paramLabel = "profiles.yaml", description = "Measured latency curves, if any.")
    private @Nullable Path profiles;

    @Option(names = "--plan", required = true, paramLabel = "plan.json", description = "What is simulated.")
    private Path plan = Path.of("plan.json");

    @ArgGroup(multiplicity = "1")
    private Source source = new Source();

    /** Where executions come from: one of the two. */
    static final class Source {

        @Option(
                names = "--traces",
                required = true,
                arity = "1..*",
                paramLabel = "TRACES",
                description = "Recorded executions to replay: files, folders, patterns, or jaeger:URL?service=NAME.")
        private List<String> traces = List.of();

        @Option(
                names = "--workflows",
                required = true,
                paramLabel = "workflows.json",
                description = "Statistics to draw executions from.")
        private @Nullable Path workflows;
    }

    @Option(
            names = "--target",
            paramLabel = "WORKFLOW=RATE",
            description = "Executions per second; replaces the file's rate, or that of the recording. May be repeated.")
    private Map<String, Double> targets = new LinkedHashMap<>();

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description =
                    "Simulated time in which executions arrive; the first tenth is warm-up (default: ${DEFAULT-VALUE}).")
    private double durationSeconds;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Seed (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--routing",
            paramLabel = "RULE",
            defaultValue = "least-loaded",
            description = "least-loaded or round-robin (default: ${DEFAULT-VALUE}).")
    private String routing = "least-loaded";

    @Option(names = "--out", paramLabel = "FILE", description = "Where the result is written as JSON.")
    private @Nullable Path out;

    @Mixin
    private final Terminal terminal = new Terminal();

    private static final double WARM_UP_PART = 0.1;
    private static final int REQUIRED_EXECUTIONS = 30;

    private final List<Execution.Complete> recorded = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        Optional<Routing> rule = List.of(Routing.values()).stream()
                .filter(value ->
                        value.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(routing))
                .findFirst();
        if (rule.isEmpty()) {
            return terminal.badInput("The --routing (" + routing + ") must be least-loaded or round-robin.");
        }
        if (!(durationSeconds > 0) || durationSeconds > 1e7) {
            return terminal.badInput(
                    "The --duration (" + durationSeconds + ") must be above 0 and at most 1e7 seconds.");
        }
        Catalogue catalogue = Catalogue.builtIn();
        Reading<PlanningProblem> problem = new ProblemAssembly(
                        ClusterFile.read(cluster, catalogue),
                        ModelsFile.read(models, catalogue),
                        profiles == null ? ProblemAssembly.nothingMeasured() : ProfilesFile.read(profiles),
                        statistics(),
                        targets,
                        PipelineForm.CRITICAL_PATH)
                .assemble();
        Reading<Plan> given = PlanFile.read(plan);
        terminal.warn(problem, given);
        List<Problem> problems = new ArrayList<>(problem.whyMalformed());
        problems.addAll(given.whyMalformed());
        if (problem instanceof Reading.Legal<PlanningProblem> legal && given instanceof Reading.Legal<Plan> placed) {
            problems.addAll(legal.value().brokenRules(placed.value(), placed.source()));
            Map<String, List<Simulation.Replica>> replicas = replicas(legal.value(), placed, problems);
            if (problems.isEmpty()) {
                simulate(legal.value(), replicas, rule.get());
                return ExitCode.DONE;
            }
        }
        return terminal.badInput(problems);
    }

    private void simulate(PlanningProblem problem, Map<String, List<Simulation.Replica>> replicas, Routing rule)
            throws IOException {
        Simulation.Options options =
                new Simulation.Options(durationSeconds, WARM_UP_PART * durationSeconds, seed, rule);
        SimulationReport report;
        try (Progress progress = terminal.progress("simulating")) {
            report = Simulation.run(replicas, loads(problem, replicas.keySet()), options);
        }
        if (out != null) {
            WholeFile.write(out, SimulationOutput.json(report));
        }
        if (terminal.json()) {
            terminal.out().print(SimulationOutput.json(report));
        } else {
            SimulationOutput.print(report, terminal.out());
        }
        terminal.out().flush();
    }

    private Reading<List<WorkflowStatistics>> statistics() throws IOException {
        if (source.workflows != null) {
            return WorkflowsFile.read(source.workflows);
        }
        String name = String.join(" ", source.traces);
        List<Problem> problems = new ArrayList<>();
        ExecutionTally tally = new ExecutionTally();
        RecordedTraces spans = new RecordedTraces();
        TraceReader reader = new TraceReader(spans::add, line -> terminal.err().println(line), InstantSource.system());
        try (Progress progress = terminal.progress("reading traces")) {
            for (String argument : source.traces) {
                try {
                    for (TraceSource found : TraceSource.named(argument)) {
                        reader.read(found);
                    }
                } catch (IOException | IllegalArgumentException e) {
                    problems.add(new Problem(argument, "", 0, 0, "The traces cannot be read: " + e.getMessage()));
                }
            }
            spans.drainExecutions(execution -> {
                tally.add(execution);
                if (execution instanceof Execution.Complete complete) {
                    recorded.add(complete);
                }
            });
        }
        if (problems.isEmpty() && recorded.isEmpty()) {
            problems.add(new Problem(name, "", 0, 0, "There is no complete execution to replay."));
        }
        // traces come in no order, and the report must not depend on it
        recorded.sort(
                Comparator.comparingLong(Execution.Complete::startEpochNanos).thenComparing(Execution.Complete::id));
        return problems.isEmpty()
                ? ProblemAssembly.unwritten(
                        name,
                        tally.estimate(new ShareEstimator(REQUIRED_EXECUTIONS, seed)).workflows().stream()
                                .map(this::atRecordedRate)
                                .toList())
                : new Reading.Malformed<>(problems, List.of());
    }

    /** Recordings say how often a workflow ran, should it not say what it is to sustain. */
    private WorkflowStatistics atRecordedRate(WorkflowStatistics workflow) {
        long[] starts = recorded.stream()
                .filter(execution -> execution.workflow().equals(workflow.name()))
                .mapToLong(Execution.Complete::startEpochNanos)
                .toArray();
        double seconds = starts.length < 2 ? 0 : (starts[starts.length - 1] - starts[0]) * 1e-9;
        if (workflow.targetPerSecond().isPresent() || !(seconds > 0)) {
            return workflow;
        }
        return new WorkflowStatistics(
                workflow.name(),
                workflow.executions(),
                OptionalDouble.of((starts.length - 1) / seconds),
                workflow.weight(),
                workflow.otherSeconds(),
                workflow.endToEndSeconds(),
                workflow.models(),
                workflow.notEnoughData(),
                workflow.requiredExecutions());
    }

    private List<Simulation.Load> loads(PlanningProblem problem, Set<String> selfHosted) {
        List<Simulation.Load> loads = new ArrayList<>();
        for (int i = 0; i < problem.demands().size(); i++) {
            WorkflowDemand demand = problem.demands().get(i);
            List<ExecutionScript> scripts = recorded.stream()
                    .filter(execution -> execution.workflow().equals(demand.name()))
                    .map(execution -> ExecutionScript.recorded(execution, name -> own(problem, name, selfHosted)))
                    .toList();
            DrawnExecutions drawn = new DrawnExecutions(
                    demand.name(), demand.otherSeconds(), problem.statistics().get(i), selfHosted);
            loads.add(new Simulation.Load(
                    demand.name(),
                    demand.targetPerSecond(),
                    random -> scripts.isEmpty() ? drawn.draw(random) : scripts.get(random.nextInt(scripts.size()))));
        }
        return loads;
    }

    private static String own(PlanningProblem problem, String name, Set<String> selfHosted) {
        return problem.modelServing(name)
                .map(ServedModel::name)
                .filter(selfHosted::contains)
                .orElse("");
    }

    /** The engines of a plan; those without profile become problems. */
    static Map<String, List<Simulation.Replica>> replicas(
            PlanningProblem problem, Reading.Legal<Plan> given, List<Problem> problems) {
        Map<String, List<ReplicaPlacement>> placements =
                given.value().placements().stream().collect(Collectors.groupingBy(ReplicaPlacement::model));
        Map<String, List<Simulation.Replica>> replicas = new TreeMap<>();
        List<LlmAllocation> allocations = given.value().allocations();
        for (int i = 0; i < allocations.size(); i++) {
            LlmAllocation allocation = allocations.get(i);
            Optional<ServedModel> model = problem.model(allocation.model());
            if (model.isEmpty() || !problem.usedModels().contains(model.get())) {
                continue;
            }
            Optional<LatencyProfile> profile = problem.profile(
                    model.get(), allocation.gpu(), allocation.tensorParallel(), allocation.gpuFraction());
            if (profile.isEmpty()) {
                problems.add(given.source()
                        .problem(
                                "allocations[" + i + "]",
                                "Model (" + allocation.model() + ") has no profile there: "
                                        + problem.whyNoProfile(
                                                model.get(),
                                                allocation.gpu(),
                                                allocation.tensorParallel(),
                                                allocation.gpuFraction())
                                        + ". Measure one, or change the plan."));
                continue;
            }
            Optional<EngineModel> engine = problem.engineSetup(
                            model.get(), allocation.gpu(), allocation.tensorParallel(), allocation.gpuFraction())
                    .map(SimulateCommand::engine);
            List<Simulation.Replica> own = new ArrayList<>();
            List<ReplicaPlacement> places = placements.getOrDefault(allocation.model(), List.of());
            for (int replica = 0; replica < allocation.replicas(); replica++) {
                List<String> gpus = replica < places.size() ? gpus(places.get(replica)) : List.of();
                own.add(
                        engine.isPresent()
                                ? new Simulation.Replica.Engine(engine.get(), gpus)
                                : new Simulation.Replica.Curve(profile.get()));
            }
            replicas.put(allocation.model(), own);
        }
        return replicas;
    }

    private static EngineModel engine(EngineSetup setup) {
        return new EngineModel(setup, EngineCoefficients.builtIn());
    }

    private static List<String> gpus(ReplicaPlacement placement) {
        return placement.gpus().stream()
                .map(gpu -> placement.node() + "/" + gpu)
                .toList();
    }
}
