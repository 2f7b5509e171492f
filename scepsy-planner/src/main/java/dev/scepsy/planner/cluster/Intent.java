package dev.scepsy.planner.cluster;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.profile.Adapter;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.Precision;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.router.RoutedModel;
import dev.scepsy.planner.router.Routing;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.HostNeed;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.transition.Engine;
import dev.scepsy.planner.transition.EngineShape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What shall be served, fully specified: everything that writing its manifests and moving to it takes, so that it can be
 * kept and applied again without the files it came from. Immutable.
 *
 * @param planId names the plan's allocations and placements: equal plans, equal ids
 * @param cluster the hardware the plan was made for
 * @param specs how the engines are started, one per model and shape; shapes of one model differ where its nodes share GPUs differently
 * @param engines one per replica
 * @param minReplicas per model the replicas it keeps while things change
 * @param options how plans are put on Kubernetes
 * @param routing how requests find the engines
 */
public record Intent(
        String planId,
        Cluster cluster,
        List<EngineSpec> specs,
        List<Engine> engines,
        Map<String, Integer> minReplicas,
        ServingOptions options,
        Routing routing) {

    private static final double BYTES_PER_GIB = 1L << 30;

    public Intent {
        specs = List.copyOf(specs);
        engines = List.copyOf(engines);
        minReplicas = Map.copyOf(minReplicas);
        options = options.withRouter(routing.settings());
    }

    /**
     * The intent of a plan.
     *
     * @throws IllegalArgumentException if plan, models and cluster do not belong together, naming what is missing
     */
    public static Intent of(Plan plan, List<ServedModel> models, Cluster cluster, ServingOptions options) {
        Map<String, ServedModel> modelsByName =
                models.stream().collect(Collectors.toMap(ServedModel::name, Function.identity()));
        Map<String, Node> nodes = cluster.nodes().stream().collect(Collectors.toMap(Node::name, Function.identity()));
        Map<String, EngineSpec> unnamed = new HashMap<>();
        Map<String, String> gpus = new HashMap<>();
        Map<String, EngineSpec> specs = new TreeMap<>();
        Map<String, Integer> minReplicas = new HashMap<>();
        for (LlmAllocation allocation : plan.allocations()) {
            ServedModel model = modelsByName.get(allocation.model());
            if (model == null) {
                throw new IllegalArgumentException("The plan allocates model (" + allocation.model()
                        + "), which the models file lacks. Describe it there, or plan again.");
            }
            unnamed.put(model.name(), spec(model, allocation, gpuMemoryGiB(cluster, allocation), options));
            gpus.put(model.name(), allocation.gpu());
            minReplicas.put(model.name(), model.minReplicas());
        }
        List<Engine> engines = new ArrayList<>();
        for (ReplicaPlacement placement : plan.placements()) {
            EngineSpec start = unnamed.get(placement.model());
            String gpu = gpus.get(placement.model());
            Node node = nodes.get(placement.node());
            if (start == null || gpu == null || node == null) {
                throw new IllegalArgumentException("The plan places replica " + placement.replica() + " of model ("
                        + placement.model() + ") on node (" + placement.node() + "), but "
                        + (start == null ? "allocates nothing to the model." : "the cluster file lacks the node."));
            }
            EngineShape shape = named(start.shape(), EngineRevision.of(start, gpu, node.sharing(), options));
            specs.putIfAbsent(start.model() + "\n" + shape.revision(), start.withShape(shape));
            engines.add(new Engine(
                    placement.model(), shape, node.name(), Engine.gpusArePicked(node) ? List.of() : placement.gpus()));
        }
        requireEveryReplicaPlaced(plan);
        engines.sort(Engine.ORDER);
        List<RoutedModel> routed = plan.allocations().stream()
                .map(allocation ->
                        routed(Objects.requireNonNull(modelsByName.get(allocation.model())), allocation.replicas()))
                .sorted(Comparator.comparing(RoutedModel::name))
                .toList();
        return new Intent(
                idOf(plan),
                cluster,
                List.copyOf(specs.values()),
                engines,
                minReplicas,
                options,
                Routing.of(options.router(), routed));
    }

    private static RoutedModel routed(ServedModel model, int replicas) {
        return new RoutedModel(
                model.name(),
                Names.service(model.name()),
                Names.enginesService(model.name()),
                model.aliases(),
                model.adapters().stream().map(Adapter::name).toList(),
                Math.max(1, replicas));
    }

    /** A plan without its placements reads like one that serves nothing, and must not be carried out as such. */
    private static void requireEveryReplicaPlaced(Plan plan) {
        if (plan.allocations().isEmpty()) {
            throw new IllegalArgumentException("The plan serves nothing: it has no allocations.");
        }
        for (LlmAllocation allocation : plan.allocations()) {
            List<ReplicaPlacement> placed = plan.placements().stream()
                    .filter(placement -> placement.model().equals(allocation.model()))
                    .toList();
            boolean wholeGroups =
                    placed.stream().allMatch(placement -> placement.gpus().size() == allocation.tensorParallel());
            if (placed.size() != allocation.replicas() || !wholeGroups) {
                throw new IllegalArgumentException("The plan gives model (" + allocation.model() + ") "
                        + allocation.replicas() + " replica(s) on " + allocation.tensorParallel()
                        + " GPU(s) each, but its placements say otherwise. Let scepsy plan place them.");
            }
        }
    }

    /** The intent to serve nothing on {@code cluster}. */
    public static Intent empty(Cluster cluster, ServingOptions options) {
        return new Intent("none", cluster, List.of(), List.of(), Map.of(), options, Routing.NONE);
    }

    /** Models that are served, in name order. */
    public List<String> models() {
        return engines.stream().map(Engine::model).distinct().sorted().toList();
    }

    /** The same plan with its engines at other, equivalent places. */
    Intent withEngines(List<Engine> others) {
        return new Intent(planId, cluster, specs, others, minReplicas, options, routing);
    }

    Intent with(List<EngineSpec> otherSpecs, List<Engine> others) {
        return new Intent(planId, cluster, otherSpecs, others, minReplicas, options, routing);
    }

    Intent withOptions(ServingOptions others) {
        return new Intent(planId, cluster, specs, engines, minReplicas, others, routing);
    }

    Intent withRouting(Routing other) {
        return new Intent(planId, cluster, specs, engines, minReplicas, options, other);
    }

    /** How {@code engine} is started; empty where this intent does not say it. */
    Optional<EngineSpec> spec(Engine engine) {
        return specs.stream()
                .filter(spec ->
                        spec.model().equals(engine.model()) && spec.shape().equals(engine.shape()))
                .findFirst();
    }

    /** Whether this intent can write the Deployment of {@code engine}. */
    boolean knows(Engine engine) {
        return spec(engine).isPresent()
                && cluster.nodes().stream().anyMatch(node -> node.name().equals(engine.node()));
    }

    /** What the engine requests of its node beside GPUs; nothing where this intent does not know it. */
    HostNeed need(Engine engine) {
        return specs.stream()
                .filter(spec ->
                        spec.model().equals(engine.model()) && spec.shape().equals(engine.shape()))
                .findFirst()
                .map(spec -> new HostNeed(spec.cpuCores(), spec.hostMemoryGiB()))
                .orElse(HostNeed.NONE);
    }

    /** All but the revision, which the sharing of the engine's node has a part in. */
    private static EngineSpec spec(
            ServedModel model, LlmAllocation allocation, double gpuMemoryGiB, ServingOptions options) {
        EngineSettings settings = options.engine(model.name());
        String image = image(model, settings, options);
        StartCommand start = new EngineStartWriter(model, allocation, gpuMemoryGiB, settings, options.port()).write();
        int degree = allocation.tensorParallel();
        HostNeed need = HostNeed.of(settings.cpuCores(), settings.hostMemoryGiB(), degree);
        Optional<ModelArchitecture> architecture =
                settings.architecture().or(() -> model.architecture().flatMap(Catalogue.builtIn()::architecture));
        double weightBytes = architecture
                .flatMap(shape -> Precision.of(model.weightPrecision()).map(shape::weightBytes))
                .orElse(allocation.memoryGiBPerGpu() * degree * BYTES_PER_GIB);
        return new EngineSpec(
                model.name(),
                new EngineShape(allocation.gpuFraction(), degree, allocation.memoryGiBPerGpu(), ""),
                image,
                start.command(),
                start.arguments(),
                need.cpuCores(),
                need.memoryGiB(),
                settings.podPatches(),
                EngineStartWriter.source(model, settings),
                weightBytes / BYTES_PER_GIB,
                architecture.map(ModelArchitecture::layers).orElse(0));
    }

    private static EngineShape named(EngineShape shape, String revision) {
        return new EngineShape(shape.gpuFraction(), shape.tensorParallel(), shape.memoryGiBPerGpu(), revision);
    }

    /** Another engine than vLLM does not live in the image that is meant for vLLM. */
    private static String image(ServedModel model, EngineSettings settings, ServingOptions options) {
        EngineKind kind = EngineKind.of(model.engine());
        return settings.image()
                .or(() -> kind == EngineKind.VLLM ? Optional.of(options.image()) : kind.image())
                .orElseThrow(() -> new IllegalArgumentException("No image is known for the engine (" + kind.key()
                        + ") of model (" + model.name() + "). Give image, with a tag, in the models file."));
    }

    private static double gpuMemoryGiB(Cluster cluster, LlmAllocation allocation) {
        return cluster.nodes().stream()
                .filter(node -> node.gpu().name().equals(allocation.gpu()))
                .mapToDouble(node -> node.gpu().memoryGiB())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("The plan gives model (" + allocation.model()
                        + ") GPUs of type (" + allocation.gpu() + "), which the cluster file lacks."));
    }

    /** The {@code planId} that the intent of {@code plan} has: equal plans, equal ids. */
    public static String idOf(Plan plan) {
        StringBuilder text = new StringBuilder();
        for (LlmAllocation allocation : plan.allocations()) {
            GpuFraction fraction = allocation.gpuFraction();
            text.append(String.join(
                            " ",
                            allocation.model(),
                            allocation.gpu(),
                            fraction.numerator() + "/" + fraction.denominator(),
                            Integer.toString(allocation.tensorParallel()),
                            Integer.toString(allocation.replicas()),
                            Double.toString(allocation.memoryGiBPerGpu())))
                    .append('\n');
        }
        for (ReplicaPlacement placement : plan.placements()) {
            text.append(placement.model())
                    .append(' ')
                    .append(placement.node())
                    .append(' ')
                    .append(placement.gpus())
                    .append('\n');
        }
        return Names.digest(text.toString()).substring(0, 10);
    }
}
