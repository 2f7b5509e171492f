package dev.scepsy.planner.simulate;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionId;
import dev.scepsy.planner.execution.LeafCall;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.predict.AggregateLlmPipeline.Serving;
import dev.scepsy.planner.problem.PipelineForm;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.profile.ServedModels;
import dev.scepsy.planner.share.ExecutionTally;
import dev.scepsy.planner.share.ShareEstimator;
import dev.scepsy.planner.share.WorkflowStatistics;
import dev.scepsy.planner.simulate.Simulation.Load;
import dev.scepsy.planner.simulate.Simulation.Replica;
import dev.scepsy.planner.span.TraceId;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A random serving situation: workflows of stages and fan-outs that share models, recorded on some other hardware, and
 * engines for them, some behind one router and some on one card. What the statistics of the recording predict can be held
 * against what the simulator makes of the same executions.
 */
final class RandomServing {

    private static final List<String> MODELS =
            List.of("Llama-3.1-8B", "Qwen3-4B", "Qwen3-14B", "Qwen3-30B-A3B", "gpt-oss-20b", "bge-m3");
    private static final List<String> GPUS = List.of("H100-SXM-80GB", "A100-SXM-80GB", "B200-SXM-180GB", "L40S-48GB");
    private static final int RECORDED = 300;

    private final Random random;
    private final GpuFacts gpu;
    private final Map<String, ModelArchitecture> architectures = new HashMap<>();
    private final List<Deployment> deployments = new ArrayList<>();
    private final List<Workflow> workflows = new ArrayList<>();
    private final boolean onlyWholeCards;
    private int usedGpus;
    private int halves;
    private @Nullable List<WorkflowStatistics> recordedStatistics;

    /** One model's engines. */
    private record Deployment(String model, int degree, GpuFraction fraction, List<List<String>> replicas) {}

    /** Calls to one model at once, with probability {@code chance}. */
    private record Stage(String model, int fanOut, double chance, int input, int output, double toolSeconds) {}

    private record Workflow(String name, List<Stage> stages, double relativeRate) {}

    RandomServing(long seed, boolean onlyWholeCards) {
        this.random = new Random(seed);
        this.onlyWholeCards = onlyWholeCards;
        this.gpu =
                Catalogue.builtIn().gpu(GPUS.get(random.nextInt(GPUS.size()))).orElseThrow();
        int models = 2 + random.nextInt(3);
        for (int m = 0; m < models; m++) {
            architectures.put(
                    "m" + m,
                    Catalogue.builtIn()
                            .architecture(MODELS.get(random.nextInt(MODELS.size())))
                            .orElseThrow());
        }
        int count = 1 + random.nextInt(3);
        for (int w = 0; w < count; w++) {
            List<Stage> stages = new ArrayList<>();
            int length = 2 + random.nextInt(4);
            for (int s = 0; s < length; s++) {
                String model = "m" + (w == 0 && s < models ? s : random.nextInt(models));
                boolean encoder = architecture(model).isEncoder();
                stages.add(new Stage(
                        model,
                        random.nextInt(3) == 0 ? 2 + random.nextInt(5) : 1,
                        random.nextInt(4) == 0 ? 0.5 : 1,
                        100 + random.nextInt(2400),
                        encoder ? 0 : 20 + random.nextInt(400),
                        random.nextInt(2) * random.nextDouble()));
            }
            workflows.add(new Workflow("w" + w, stages, 0.2 + random.nextDouble()));
        }
        for (int m = 0; m < models; m++) {
            deployments.add(deployment("m" + m));
        }
    }

    private ModelArchitecture architecture(String model) {
        return Optional.ofNullable(architectures.get(model)).orElseThrow();
    }

    private Deployment deployment(String model) {
        boolean half = !onlyWholeCards && random.nextInt(3) == 0;
        int degree = half || random.nextBoolean() ? 1 : 2;
        int replicas = 1 + random.nextInt(3);
        List<List<String>> places = new ArrayList<>();
        for (int r = 0; r < replicas; r++) {
            if (half) {
                // halves pair up in the order they come, across models too
                places.add(List.of("half" + halves++ / 2));
            } else {
                places.add(IntStream.range(0, degree)
                        .mapToObj(g -> "gpu" + usedGpus++)
                        .toList());
            }
        }
        return new Deployment(model, degree, half ? GpuFraction.of(0.5) : GpuFraction.whole(), places);
    }

    /** Whether every model fits. */
    boolean isPossible() {
        return deployments.stream().allMatch(d -> profile(problemAt(1), d).isPresent());
    }

    private ServedModel served(String model) {
        return ServedModels.plain(model);
    }

    private Optional<LatencyProfile> profile(PlanningProblem at, Deployment deployment) {
        return at.profile(served(deployment.model()), gpu.name(), deployment.degree(), deployment.fraction());
    }

    /** The problem with every rate multiplied by {@code scale}. */
    PlanningProblem problemAt(double scale) {
        List<WorkflowStatistics> statistics = statistics().stream()
                .map(workflow -> atRate(workflow, scale * rate(workflow.name())))
                .toList();
        Sharing sharing = new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(0.1), false);
        Cluster cluster = new Cluster(List.of(new Rack("r", List.of(new Node("n", gpu.type(), 32, 32, sharing)))));
        return new ProblemAssembly(
                        ProblemAssembly.unwritten(
                                "cluster", new ClusterFile.Described(cluster, Map.of(gpu.name(), gpu))),
                        ProblemAssembly.unwritten(
                                "models",
                                new ModelsFile.Described(
                                        architectures.keySet().stream()
                                                .sorted()
                                                .map(this::served)
                                                .toList(),
                                        architectures,
                                        Map.of(),
                                        Map.of())),
                        ProblemAssembly.nothingMeasured(),
                        ProblemAssembly.unwritten("workflows", statistics),
                        Map.of(),
                        PipelineForm.CRITICAL_PATH)
                .assemble()
                .legalValue()
                .orElseThrow();
    }

    private double rate(String workflow) {
        return workflows.stream()
                .filter(candidate -> candidate.name().equals(workflow))
                .findFirst()
                .orElseThrow()
                .relativeRate();
    }

    private static WorkflowStatistics atRate(WorkflowStatistics workflow, double rate) {
        return new WorkflowStatistics(
                workflow.name(),
                workflow.executions(),
                OptionalDouble.of(rate),
                workflow.weight(),
                workflow.otherSeconds(),
                workflow.endToEndSeconds(),
                workflow.models(),
                workflow.notEnoughData(),
                workflow.requiredExecutions());
    }

    private List<WorkflowStatistics> statistics() {
        if (recordedStatistics == null) {
            ExecutionTally tally = new ExecutionTally();
            Random recording = new Random(7);
            for (Workflow workflow : workflows) {
                for (int j = 0; j < RECORDED; j++) {
                    tally.add(record(workflow, j, recording));
                }
            }
            recordedStatistics = tally.estimate(new ShareEstimator(30, 1)).workflows();
        }
        return recordedStatistics;
    }

    /** The same executions on hardware where a generated token takes 30 ms and a prompt token 0.1 ms. */
    private Execution.Complete record(Workflow workflow, int number, Random recording) {
        ExecutionScript script = draw(workflow, recording);
        long start = number * 1_000_000_000_000L;
        long[] ends = new long[script.calls().size()];
        List<LeafCall> calls = new ArrayList<>();
        long last = start;
        for (int i = 0; i < ends.length; i++) {
            CallScript call = script.calls().get(i);
            long ready = start;
            for (int before : call.after()) {
                ready = Math.max(ready, ends[before]);
            }
            long from = ready + Math.round(1e9 * call.gapSeconds());
            ends[i] = from + 30_000_000L * call.outputTokens() + 100_000L * call.inputTokens();
            last = Math.max(last, ends[i]);
            calls.add(new LeafCall(
                    i + 1,
                    call.model().orElseThrow(),
                    from,
                    ends[i],
                    0,
                    OptionalLong.of(call.inputTokens()),
                    OptionalLong.of(call.outputTokens()),
                    false));
        }
        return new Execution.Complete(
                new ExecutionId(new TraceId(workflow.name().hashCode(), number + 1), 1),
                workflow.name(),
                start,
                last,
                calls,
                OptionalDouble.empty(),
                OptionalDouble.empty());
    }

    private static ExecutionScript draw(Workflow workflow, Random draws) {
        List<CallScript> calls = new ArrayList<>();
        List<Integer> before = List.of();
        for (Stage stage : workflow.stages()) {
            if (draws.nextDouble() >= stage.chance()) {
                continue;
            }
            int from = calls.size();
            for (int i = 0; i < stage.fanOut(); i++) {
                double spread = Math.exp(0.3 * draws.nextGaussian() - 0.045);
                calls.add(new CallScript(
                        Optional.of(stage.model()),
                        stage.input(),
                        (int) Math.round(stage.output() * spread),
                        0,
                        before,
                        stage.toolSeconds()));
            }
            before = IntStream.range(from, calls.size()).boxed().toList();
        }
        return new ExecutionScript(workflow.name(), calls, 0);
    }

    /** Largest utilisation of any model at scale 1. */
    double utilisationPerScale() {
        PlanningProblem at = problemAt(1);
        double highest = 0;
        for (Deployment deployment : deployments) {
            int m = at.pipeline().models().indexOf(deployment.model());
            if (m >= 0) {
                double capacity = deployment.replicas().size()
                        * profile(at, deployment).orElseThrow().saturationRequestsPerSecond();
                highest = Math.max(highest, at.pipeline().requestsPerSecond(m) / capacity);
            }
        }
        return highest;
    }

    /** The model whose utilisation is the highest. */
    String bottleneck() {
        PlanningProblem at = problemAt(1);
        String name = "";
        double highest = 0;
        for (Deployment deployment : deployments) {
            int m = at.pipeline().models().indexOf(deployment.model());
            double utilisation = m < 0 ? 0 : at.pipeline().requestsPerSecond(m) / capacity(deployment.model());
            if (utilisation > highest) {
                highest = utilisation;
                name = deployment.model();
            }
        }
        return name;
    }

    /** Requests per second that all replicas of {@code model} sustain by the closed form. */
    double capacity(String model) {
        Deployment deployment = deploymentOf(model);
        return deployment.replicas().size()
                * profile(problemAt(1), deployment).orElseThrow().saturationRequestsPerSecond();
    }

    private Deployment deploymentOf(String model) {
        return deployments.stream()
                .filter(candidate -> candidate.model().equals(model))
                .findFirst()
                .orElseThrow();
    }

    /** Mean latency of every workflow by the closed form, by name. */
    Map<String, Double> predicted(double scale) {
        PlanningProblem at = problemAt(scale);
        Map<String, Serving> servings = new HashMap<>();
        for (Deployment deployment : deployments) {
            servings.put(
                    deployment.model(),
                    new Serving(
                            profile(at, deployment).orElseThrow(),
                            deployment.replicas().size()));
        }
        Map<String, Double> latencies = new HashMap<>();
        at.pipeline()
                .predict(servings, 1)
                .forEach(prediction -> latencies.put(
                        prediction.workflow(), prediction.latencySeconds().orElseThrow()));
        return latencies;
    }

    /** What the simulator says. */
    SimulationReport simulated(double scale, double warmUpSeconds, double durationSeconds, Routing routing) {
        PlanningProblem at = problemAt(scale);
        Map<String, List<Replica>> replicas = new HashMap<>();
        for (Deployment deployment : deployments) {
            EngineModel engine = new EngineModel(
                    at.engineSetup(served(deployment.model()), gpu.name(), deployment.degree(), deployment.fraction())
                            .orElseThrow(),
                    EngineCoefficients.builtIn());
            replicas.put(
                    deployment.model(),
                    deployment.replicas().stream()
                            .map(gpus -> (Replica) new Replica.Engine(engine, gpus))
                            .toList());
        }
        List<Load> loads = workflows.stream()
                .map(workflow ->
                        new Load(workflow.name(), scale * workflow.relativeRate(), draws -> draw(workflow, draws)))
                .toList();
        return Simulation.run(replicas, loads, new Simulation.Options(durationSeconds, warmUpSeconds, 1, routing));
    }

    /** Time in which the rarest workflow runs {@code executions} times. */
    double durationSeconds(double scale, int executions) {
        double rarest =
                workflows.stream().mapToDouble(Workflow::relativeRate).min().orElseThrow();
        return executions / (scale * rarest);
    }

    /** Time in which an overloaded {@code model} is as full as it gets, and then some. */
    double secondsToFill(double scale, String model) {
        PlanningProblem at = problemAt(scale);
        Deployment deployment = deploymentOf(model);
        int most = at.engineSetup(served(model), gpu.name(), deployment.degree(), deployment.fraction())
                .orElseThrow()
                .maxNumSeqs();
        double rate = at.pipeline().requestsPerSecond(at.pipeline().models().indexOf(model));
        return 12.0 * most * deployment.replicas().size() / rate;
    }
}
