package dev.scepsy.planner.cli;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.ProfilesFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.file.WholeFile;
import dev.scepsy.planner.file.WorkflowsFile;
import dev.scepsy.planner.planning.PlannedReplicas;
import dev.scepsy.planner.problem.PipelineForm;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.simulate.Autoscaling;
import dev.scepsy.planner.simulate.Failures;
import dev.scepsy.planner.simulate.Simulation;
import dev.scepsy.planner.simulate.SimulationReport;
import dev.scepsy.planner.simulate.SimulationWatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code scepsy simulate}: a plan under a load, event by event. */
@Command(
        name = "simulate",
        description = "Simulates a plan under load: latency distribution, throughput, utilisation, queues.",
        footer = {
            "",
            "With --traces recorded executions are replayed (call graph, tokens, tool times); with --workflows"
                    + " executions are drawn from the statistics. Engines schedule as vLLM does; models with measured"
                    + " profiles follow their curve. The same input and seed give the same output."
        })
final class SimulateCommand implements Callable<Integer> {

    @Option(
            names = "--cluster",
            converter = ClusterSource.Written.class,
            required = true,
            paramLabel = "cluster.yaml",
            description = "Hardware (racks, nodes, GPUs, sharing): a file, or kubernetes:[NAMESPACE] to read it"
                    + " from the cluster.")
    private String cluster = "cluster.yaml";

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Option(names = "--models", required = true, paramLabel = "models.yaml", description = "Models that are served.")
    private Path models = Path.of("models.yaml");

    @Option(
            names = "--profiles",
            paramLabel = "profiles.yaml",
            description = "Measured latency curves of replicas (default: none).")
    private @Nullable Path profiles;

    @Option(names = "--plan", required = true, paramLabel = "plan.json", description = "Plan to simulate.")
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
                description = "Statistics to draw executions from, as 'scepsy shares' writes them.")
        private @Nullable Path workflows;
    }

    @Mixin
    private final SimulatedLoads loads = new SimulatedLoads();

    @Mixin
    private final FailureOptions failures = new FailureOptions();

    @Mixin
    private final BaselineOptions baseline = new BaselineOptions();

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of arrivals, executions and failures (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--routing",
            paramLabel = "RULE",
            defaultValue = RoutingRule.DEFAULT,
            description = "How calls reach a model's replicas: least-requests, round-robin, power-of-two, or"
                    + " connections=N: no router of requests, N long-lived connections to each model lie where chance"
                    + " (--seed) put them, a call takes any idle one; connections=N,last-used: the one that was used"
                    + " last (default: ${DEFAULT-VALUE}).")
    private String routing = RoutingRule.DEFAULT;

    @Option(names = "--out", paramLabel = "FILE", description = "File for the result as JSON (default: none).")
    private @Nullable Path out;

    @Option(
            names = "--executions",
            paramLabel = "FILE",
            description = "File for every execution's start and latency, and every change of --baseline's replicas, as"
                    + " JSON (default: none).")
    private @Nullable Path executions;

    @Mixin
    private final TraceOptions reading = new TraceOptions();

    @Mixin
    private final Terminal terminal = new Terminal();

    @Override
    public Integer call() throws IOException {
        List<String> wrong = new ArrayList<>(loads.problems(source.workflows == null));
        RoutingRule rule = RoutingRule.LEAST_REQUESTS;
        try {
            rule = RoutingRule.of("The --routing", routing, true);
        } catch (IllegalArgumentException unknown) {
            wrong.add(String.valueOf(unknown.getMessage()));
        }
        if (!wrong.isEmpty()) {
            return badOptions(wrong);
        }
        RecordedExecutions.Read read = source.workflows != null
                ? new RecordedExecutions.Read(RecordedExecutions.none(), WorkflowsFile.read(source.workflows))
                : RecordedExecutions.read(source.traces, reading, seed, terminal);
        Catalogue catalogue = Catalogue.builtIn();
        Reading<PlanningProblem> problem = new ProblemAssembly(
                        ClusterSource.read(cluster, server, catalogue),
                        ModelsFile.read(models, catalogue),
                        profiles == null ? ProblemAssembly.nothingMeasured() : ProfilesFile.read(profiles),
                        read.statistics(),
                        loads.targets(),
                        PipelineForm.CRITICAL_PATH)
                .assemble();
        Reading<Plan> given = PlanFile.read(plan);
        terminal.warn(problem, given);
        List<Problem> problems = new ArrayList<>(problem.whyMalformed());
        problems.addAll(given.whyMalformed());
        if (problem instanceof Reading.Legal<PlanningProblem> legal && given instanceof Reading.Legal<Plan> placed) {
            problems.addAll(legal.value().brokenRules(placed.value(), placed.source()));
            Map<String, List<Simulation.Replica>> replicas = PlannedReplicas.of(legal.value(), placed, problems);
            if (problems.isEmpty()) {
                terminal.warn(read.executions().tooLong(legal.value()).stream()
                        .map(sentence -> new Problem(String.join(" ", source.traces), "", 0, 0, sentence))
                        .toList());
                List<Simulation.Load> started = loads.of(legal.value(), read.executions(), replicas.keySet(), wrong);
                Failures failing = failures.of(placed.value(), replicas, wrong);
                Optional<Autoscaling> scaling = baseline.of(legal.value(), placed.value(), replicas, rule, wrong);
                if (!wrong.isEmpty()) {
                    return badOptions(wrong);
                }
                simulate(replicas, started, rule, failing, scaling, read.executions());
                return ExitCode.DONE;
            }
        }
        return terminal.badInput(problems);
    }

    private int badOptions(List<String> wrong) {
        return terminal.badInput(wrong.stream()
                .map(message -> new Problem("scepsy simulate", "", 0, 0, message))
                .toList());
    }

    private void simulate(
            Map<String, List<Simulation.Replica>> replicas,
            List<Simulation.Load> started,
            RoutingRule rule,
            Failures failing,
            Optional<Autoscaling> scaling,
            RecordedExecutions recorded)
            throws IOException {
        Simulation.Options options = new Simulation.Options(
                loads.durationSeconds(recorded),
                loads.warmUpSeconds(recorded),
                seed,
                rule.simulated(),
                failing,
                scaling);
        ExecutionsFile each = new ExecutionsFile();
        SimulationReport report;
        try (Progress progress = terminal.progress("simulating")) {
            report = Simulation.run(
                    replicas,
                    started,
                    options,
                    part -> progress.now(String.format(Locale.ROOT, "simulating, %.0f %%", 100 * part)),
                    executions == null ? SimulationWatch.NONE : each);
        }
        if (executions != null) {
            WholeFile.write(executions, each.toJson());
        }
        if (out != null) {
            WholeFile.write(out, SimulationOutput.json(report, rule));
        }
        if (terminal.json()) {
            terminal.out().print(SimulationOutput.json(report, rule));
        } else {
            SimulationOutput.print(
                    report, loads.isOpenEnded() && failing.equals(Failures.NONE) && scaling.isEmpty(), terminal.out());
        }
        terminal.out().flush();
    }
}
