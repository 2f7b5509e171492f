package dev.scepsy.planner.search.choice;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.search.choice.AllocationProblem.Candidate;
import dev.scepsy.planner.search.choice.AllocationProblem.ModelOptions;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.HostNeed;
import dev.scepsy.planner.topology.HostResource;
import dev.scepsy.planner.topology.HostUnits;
import dev.scepsy.planner.topology.Kinds;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.ReplicaShape;
import dev.scepsy.planner.topology.ResourceUnits;
import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The problem in the search's own terms: used models in name order, the shapes the cluster can host in the order ties
 * ask for, domains of one kind counted, everything in whole units. Immutable.
 */
public final class ChoiceSpace {

    /** Domains that do not differ in anything a shape could mind. */
    public record DomainKind(String gpu, Sharing sharing, int gpus, int count) {

        DomainKind times(int more) {
            return new DomainKind(gpu, sharing, gpus, count * more);
        }

        boolean allows(int tensorParallel, GpuFraction fraction) {
            return tensorParallel <= gpus
                    && sharing.allows(fraction)
                    && (tensorParallel == 1 || fraction.isWhole() || sharing.tensorParallel());
        }
    }

    private final AllocationProblem problem;
    private final List<ModelOptions> models;
    private final List<Load> loads;
    private final List<DomainKind> kinds;
    private final ResourceUnits units;
    private final HostUnits hostUnits;
    private final List<List<SpaceShape>> shapesByModel = new ArrayList<>();
    private final List<SpaceShape> shapes = new ArrayList<>();
    private final double fixedSeconds;

    private ChoiceSpace(
            AllocationProblem problem,
            List<ModelOptions> models,
            List<Load> loads,
            List<DomainKind> kinds,
            ResourceUnits units,
            HostUnits hostUnits) {
        this.problem = problem;
        this.models = models;
        this.loads = loads;
        this.kinds = kinds;
        this.units = units;
        this.hostUnits = hostUnits;
        this.fixedSeconds = Load.fixedSeconds(problem);
    }

    /** @param targetScale factor on all targets */
    public static ChoiceSpace of(AllocationProblem problem, double targetScale) {
        List<ModelOptions> models = problem.models().stream()
                .filter(model -> Load.of(problem, model.name(), 1).isUsed())
                .sorted(Comparator.comparing(ModelOptions::name))
                .toList();
        List<Load> loads = models.stream()
                .map(model -> Load.of(problem, model.name(), targetScale))
                .toList();
        List<DomainKind> kinds = kinds(problem.cluster());
        Map<String, Double> memoryGiB = problem.cluster().nodes().stream()
                .collect(Collectors.toMap(
                        node -> node.gpu().name(), node -> node.gpu().memoryGiB(), (a, b) -> a));
        List<List<Candidate>> usable = models.stream()
                .map(model -> model.candidates().stream()
                        .filter(candidate -> kinds.stream().anyMatch(kind -> hosts(kind, candidate, memoryGiB)))
                        .sorted(Comparator.comparing(Candidate::gpu)
                                .thenComparingInt(Candidate::tensorParallel)
                                .thenComparing(Candidate::gpuFraction))
                        .toList())
                .toList();
        List<ReplicaShape> planned =
                usable.stream().flatMap(List::stream).map(Candidate::shape).toList();
        ResourceUnits units = ResourceUnits.of(problem.cluster(), planned);
        HostUnits hostUnits = HostUnits.of(problem.cluster(), planned);
        ChoiceSpace space = new ChoiceSpace(problem, models, loads, kinds, units, hostUnits);
        for (int model = 0; model < models.size(); model++) {
            List<SpaceShape> ofModel = new ArrayList<>();
            for (Candidate candidate : usable.get(model)) {
                SpaceShape shape = space.shape(model, candidate, memoryGiB);
                space.shapes.add(shape);
                ofModel.add(shape);
            }
            space.shapesByModel.add(List.copyOf(ofModel));
        }
        return space;
    }

    private static List<DomainKind> kinds(Cluster cluster) {
        // a GPU that others hold in part counts as a whole one here: bounds stay bounds, placement knows better
        Kinds<DomainKind> kinds = Kinds.of(cluster.domains().stream()
                .filter(domain -> domain.usableGpus() > 0)
                .map(domain ->
                        new DomainKind(domain.node().gpu().name(), domain.node().sharing(), domain.usableGpus(), 1))
                .toList());
        return IntStream.range(0, kinds.size())
                .mapToObj(kind -> kinds.key(kind).times(kinds.count(kind)))
                .toList();
    }

    private static boolean hosts(DomainKind kind, Candidate candidate, Map<String, Double> memoryGiB) {
        double memory = memoryGiB.getOrDefault(candidate.gpu(), 0.0);
        return kind.gpu().equals(candidate.gpu())
                && kind.allows(candidate.tensorParallel(), candidate.gpuFraction())
                && (candidate.shape().memoryGiBPerGpu() <= memory
                        // the whole GPU's memory may come out of a product a last digit too large
                        || candidate.shape().memoryGiBPerGpu() <= memory * (1 + ChoiceConstants.SUM_ROUNDING));
    }

    private SpaceShape shape(int model, Candidate candidate, Map<String, Double> memoryGiB) {
        long compute = units.compute(candidate.gpuFraction());
        long memory = units.memory(candidate.shape());
        long perGpu = units.computePerGpu() / compute;
        if (memory > 0) {
            perGpu = Math.min(perGpu, units.memoryPerGpu(candidate.gpu()) / memory);
        }
        HostNeed need = hostUnits.counted(candidate.need());
        BitSet hosts = new BitSet();
        long alone = 0;
        for (int kind = 0; kind < kinds.size(); kind++) {
            if (hosts(kinds.get(kind), candidate, memoryGiB)) {
                hosts.set(kind);
                alone += kinds.get(kind).count() * (perGpu * kinds.get(kind).gpus() / candidate.tensorParallel());
            }
        }
        if (hostUnits.bind()) {
            alone = Math.min(alone, onNodes(candidate, perGpu));
        }
        ModelOptions options = models.get(model);
        long fewest = Math.max(
                options.minReplicas(), loads.get(model).fewestReplicas(candidate.profile(), problem.maxUtilisation()));
        long most = Math.min(alone, options.maxReplicas().orElse(Integer.MAX_VALUE));
        return new SpaceShape(
                shapes.size(),
                model,
                candidate.shape().withNeed(need),
                candidate.profile(),
                compute,
                memory,
                hostUnits.needed(need),
                hosts,
                fewest,
                most,
                alone);
    }

    /** Replicas that fit alone, counted node by node because nodes limit what engines take beside GPUs. */
    private long onNodes(Candidate candidate, long perGpu) {
        long[] needed = hostUnits.needed(candidate.need());
        long replicas = 0;
        for (Node node : problem.cluster().nodes()) {
            if (!node.gpu().name().equals(candidate.gpu())) {
                continue;
            }
            long here = 0;
            for (int domain = 0; domain < node.domains(); domain++) {
                if (new DomainKind(candidate.gpu(), node.sharing(), node.usableGpus(domain), 1)
                        .allows(candidate.tensorParallel(), candidate.gpuFraction())) {
                    here += perGpu * node.usableGpus(domain) / candidate.tensorParallel();
                }
            }
            long[] given = hostUnits.given(node.host());
            for (int resource = 0; resource < given.length; resource++) {
                if (needed[resource] > 0) {
                    here = Math.min(here, given[resource] / needed[resource]);
                }
            }
            replicas += here;
        }
        return replicas;
    }

    /** What it was made of. */
    public AllocationProblem problem() {
        return problem;
    }

    /** How many models are used. */
    public int models() {
        return models.size();
    }

    /** A used model, by its position in name order. */
    public ModelOptions model(int model) {
        return models.get(model);
    }

    /** What the workflows put on the model. */
    public Load load(int model) {
        return loads.get(model);
    }

    /** Domains with GPUs that are not wholly held by others; equal ones counted. */
    public List<DomainKind> kinds() {
        return kinds;
    }

    /** All shapes; a shape's index is its position. */
    public List<SpaceShape> shapes() {
        return shapes;
    }

    /** The model's shapes by (GPU, t, f). */
    public List<SpaceShape> shapes(int model) {
        return shapesByModel.get(model);
    }

    /** All shapes as placement sees them, by index. */
    public List<ReplicaShape> placementShapes() {
        return shapes.stream().map(SpaceShape::shape).toList();
    }

    /** In which compute and memory of GPUs are measured. */
    public ResourceUnits units() {
        return units;
    }

    /** In which what engines take of their nodes beside GPUs is measured. */
    public HostUnits hostUnits() {
        return hostUnits;
    }

    /** Units that all nodes with GPUs of the type give together; empty where one of them is not limited. */
    public OptionalDouble hostGiven(String gpu, HostResource resource) {
        double sum = 0;
        for (Node node : problem.cluster().nodes()) {
            if (node.gpu().name().equals(gpu)) {
                long given = hostUnits.given(node.host())[resource.ordinal()];
                if (given == HostUnits.UNLIMITED) {
                    return OptionalDouble.empty();
                }
                sum += given;
            }
        }
        return OptionalDouble.of(sum);
    }

    /** The objective's part no allocation changes, seconds. */
    public double fixedSeconds() {
        return fixedSeconds;
    }

    /** Compute units of the whole cluster that nobody else holds. */
    public long compute() {
        long held = problem.cluster().nodes().stream()
                .flatMap(node -> node.occupied().stream())
                .filter(part -> !part.isWhole())
                .mapToLong(part -> units.compute(part.gpuFraction()))
                .sum();
        return kinds.stream()
                        .mapToLong(kind -> kind.count() * kind.gpus() * units.computePerGpu())
                        .sum()
                - held;
    }

    /** Costs are seconds of weighted latency. */
    public Choice choice(SpaceShape shape, long replicas) {
        Load load = loads.get(shape.model());
        return choice(shape, replicas, load.latencySeconds(shape.profile(), replicas));
    }

    /** A choice whose latency is known already. */
    public Choice choice(SpaceShape shape, long replicas, double latencySeconds) {
        double secondsWeight = loads.get(shape.model()).secondsWeight();
        return new Choice(
                shape,
                Math.toIntExact(replicas),
                secondsWeight == 0 ? 0 : secondsWeight * latencySeconds,
                Math.multiplyExact(replicas, shape.replicaCompute()),
                latencySeconds);
    }

    /** What the latency limits of workflows ask of a plan. */
    public List<Limit> latencyLimits() {
        List<Limit> limits = new ArrayList<>();
        for (WorkflowDemand workflow : problem.workflows()) {
            if (workflow.latencyLimitSeconds().isPresent()) {
                double[] sequentialCalls = new double[models.size()];
                for (int model = 0; model < sequentialCalls.length; model++) {
                    sequentialCalls[model] = sequentialCalls(workflow, model);
                }
                limits.add(new Limit(
                        choice -> sequentialCalls[choice.shape().model()] * choice.latencySeconds(),
                        workflow.latencyLimitSeconds().getAsDouble() - workflow.fixedSeconds()));
            }
        }
        return limits;
    }

    private double sequentialCalls(WorkflowDemand workflow, int model) {
        double sum = 0;
        for (ModelCalls calls : workflow.calls()) {
            sum += calls.model().equals(models.get(model).name()) && Load.uses(calls) ? calls.sequentialCalls() : 0;
        }
        return sum;
    }
}
