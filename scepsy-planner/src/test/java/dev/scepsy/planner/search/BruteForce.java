package dev.scepsy.planner.search;

import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.AllocationProblem.Candidate;
import dev.scepsy.planner.search.choice.AllocationProblem.ModelOptions;
import dev.scepsy.planner.topology.Node;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The contract's rules executed literally: every combination of choices in order of objective, every placement of it
 * replica by replica. Shares no code with the search.
 */
public final class BruteForce {

    public record Pick(String model, Candidate candidate, int replicas) {}

    public record Best(double objective, double gpus, List<Pick> picks) {}

    /** What is left of a node's processors and memory; as good as unlimited where it limits nothing. */
    private static final class Host {
        BigDecimal cores;
        BigDecimal memory;

        Host(Node node) {
            this.cores = BigDecimal.valueOf(node.host().cpuCores().orElse(1e9));
            this.memory = BigDecimal.valueOf(node.host().memoryGiB().orElse(1e9));
        }

        boolean holds(Candidate candidate) {
            return cores.compareTo(BigDecimal.valueOf(candidate.need().cpuCores())) >= 0
                    && memory.compareTo(BigDecimal.valueOf(candidate.need().memoryGiB())) >= 0;
        }

        void add(Candidate candidate, int sign) {
            BigDecimal times = BigDecimal.valueOf(sign);
            cores = cores.add(times.multiply(BigDecimal.valueOf(candidate.need().cpuCores())));
            memory = memory.add(
                    times.multiply(BigDecimal.valueOf(candidate.need().memoryGiB())));
        }
    }

    private static final class Gpu {
        final Node node;
        final Host host;
        final int domain;
        BigDecimal compute = BigDecimal.ONE;
        BigDecimal memory;

        Gpu(Node node, Host host, int domain) {
            this.node = node;
            this.host = host;
            this.domain = domain;
            this.memory = BigDecimal.valueOf(node.gpu().memoryGiB());
        }
    }

    private final AllocationProblem problem;
    private final List<ModelOptions> models;
    private final int totalGpus;

    BruteForce(AllocationProblem problem) {
        this.problem = problem;
        this.totalGpus = problem.cluster().gpus();
        this.models = problem.models().stream()
                .filter(model -> problem.workflows().stream()
                        .anyMatch(
                                w -> w.calls().stream().anyMatch(c -> c.model().equals(model.name()))))
                .sorted(Comparator.comparing(ModelOptions::name))
                .toList();
    }

    public static Optional<Best> solve(AllocationProblem problem) {
        return new BruteForce(problem).run();
    }

    private Optional<Best> run() {
        List<List<Pick>> picks = models.stream().map(this::picks).toList();
        List<double[]> costs = picks.stream()
                .map(of -> of.stream().mapToDouble(this::cost).toArray())
                .toList();
        double fixed = 0;
        double weights =
                problem.workflows().stream().mapToDouble(WorkflowDemand::weight).sum();
        for (WorkflowDemand w : problem.workflows()) {
            fixed += weights == 0 ? 0 : w.weight() * (w.otherSeconds() + w.externalSeconds()) / weights;
        }
        double fixedSeconds = fixed;
        List<int[]> combinations = new ArrayList<>();
        combine(picks, new int[picks.size()], 0, 0, combinations);
        double[] latency = new double[combinations.size()];
        double[] primary = new double[combinations.size()];
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < latency.length; i++) {
            latency[i] = fixedSeconds;
            for (int m = 0; m < picks.size(); m++) {
                latency[i] += costs.get(m)[combinations.get(i)[m]];
            }
            List<Pick> plan = plan(picks, combinations.get(i));
            primary[i] = switch (problem.objective()) {
                case LATENCY -> latency[i];
                case GPUS -> gpus(plan).doubleValue();
                case COST -> price(plan);
                case THROUGHPUT -> throw new IllegalArgumentException("Ask for highestScale.");
            };
            if (keepsLimits(plan, 1)) {
                order.add(i);
            }
        }
        order.sort(Comparator.comparingDouble(i -> primary[i]));
        double limit = Double.POSITIVE_INFINITY;
        List<Best> ties = new ArrayList<>();
        for (int i : order) {
            if (primary[i] > limit) {
                break;
            }
            List<Pick> plan = plan(picks, combinations.get(i));
            if (placeable(problem, plan)) {
                if (ties.isEmpty()) {
                    limit = primary[i] * (1 + 1e-10);
                }
                ties.add(new Best(latency[i], gpus(plan).doubleValue(), plan));
            }
        }
        double fastest = ties.stream().mapToDouble(Best::objective).min().orElse(0) * (1 + 1e-10);
        return ties.stream()
                .filter(best -> best.objective() <= fastest)
                .min(Comparator.<Best, BigDecimal>comparing(best -> gpus(best.picks()))
                        .thenComparing(Best::picks, BruteForce::compareLists));
    }

    /** The largest factor on all targets at which some plan keeps everything; 0 when there is none at any. */
    static double highestScale(AllocationProblem problem) {
        return new BruteForce(problem.withTargetsTimes(0)).scale(problem);
    }

    private double scale(AllocationProblem loaded) {
        BruteForce rules = new BruteForce(loaded);
        List<List<Pick>> picks = models.stream().map(this::picks).toList();
        List<int[]> combinations = new ArrayList<>();
        combine(picks, new int[picks.size()], 0, 0, combinations);
        double[] scales = new double[combinations.size()];
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < scales.length; i++) {
            List<Pick> plan = plan(picks, combinations.get(i));
            scales[i] = plan.stream().mapToDouble(rules::sustained).min().orElse(0);
            if (!rules.keepsLimits(plan, scales[i])) {
                double low = 0;
                double high = scales[i];
                for (int step = 0; step < 60; step++) {
                    double middle = (low + high) / 2;
                    low = rules.keepsLimits(plan, middle) ? middle : low;
                    high = low == middle ? high : middle;
                }
                scales[i] = low;
            }
            order.add(i);
        }
        order.sort(Comparator.comparingDouble(i -> -scales[i]));
        for (int i : order) {
            if (placeable(problem, plan(picks, combinations.get(i)))) {
                return scales[i];
            }
        }
        return 0;
    }

    private double sustained(Pick pick) {
        double load = load(pick.model()).doubleValue();
        return load == 0
                ? Double.POSITIVE_INFINITY
                : pick.replicas()
                        * pick.candidate().profile().saturationRequestsPerSecond()
                        * problem.maxUtilisation()
                        / load;
    }

    private boolean keepsLimits(List<Pick> plan, double scale) {
        for (WorkflowDemand w : problem.workflows()) {
            double seconds = w.otherSeconds() + w.externalSeconds();
            for (ModelCalls c : w.calls()) {
                for (Pick pick : plan) {
                    if (pick.model().equals(c.model())) {
                        double rate = scale * load(pick.model()).doubleValue() / pick.replicas();
                        seconds +=
                                c.sequentialCalls() * pick.candidate().profile().meanLatencySeconds(rate);
                    }
                }
            }
            if (seconds > w.latencyLimitSeconds().orElse(Double.POSITIVE_INFINITY) * (1 + 1e-12)) {
                return false;
            }
        }
        return true;
    }

    private double price(List<Pick> plan) {
        double price = 0;
        for (Pick pick : plan) {
            for (Node node : problem.cluster().nodes()) {
                if (node.gpu().name().equals(pick.candidate().gpu())) {
                    price += gpus(List.of(pick)).doubleValue()
                            * node.gpu().costPerHour().orElseThrow();
                    break;
                }
            }
        }
        return price;
    }

    private static List<Pick> plan(List<List<Pick>> picks, int[] at) {
        List<Pick> plan = new ArrayList<>();
        for (int m = 0; m < at.length; m++) {
            plan.add(picks.get(m).get(at[m]));
        }
        return plan;
    }

    private static int compareLists(List<Pick> a, List<Pick> b) {
        for (int i = 0; i < a.size(); i++) {
            int by = Comparator.<Pick, String>comparing(p -> p.candidate().gpu())
                    .thenComparing(p -> p.candidate().tensorParallel())
                    .thenComparing(p -> p.candidate().gpuFraction())
                    .thenComparing(Pick::replicas)
                    .compare(a.get(i), b.get(i));
            if (by != 0) {
                return by;
            }
        }
        return 0;
    }

    private static BigDecimal gpus(List<Pick> plan) {
        BigDecimal sum = BigDecimal.ZERO;
        for (Pick pick : plan) {
            sum = sum.add(pick.candidate()
                    .gpuFraction()
                    .toDecimal()
                    .multiply(BigDecimal.valueOf(
                            (long) pick.replicas() * pick.candidate().tensorParallel())));
        }
        return sum;
    }

    private void combine(List<List<Pick>> picks, int[] at, int model, double gpus, List<int[]> out) {
        if (gpus > totalGpus + 1e-9) {
            return;
        }
        if (model == picks.size()) {
            out.add(at.clone());
            return;
        }
        for (int i = 0; i < picks.get(model).size(); i++) {
            at[model] = i;
            Pick pick = picks.get(model).get(i);
            combine(
                    picks,
                    at,
                    model + 1,
                    gpus
                            + pick.replicas()
                                    * pick.candidate().tensorParallel()
                                    * pick.candidate().gpuFraction().toDouble(),
                    out);
        }
    }

    private BigDecimal load(String model) {
        BigDecimal load = BigDecimal.ZERO;
        for (WorkflowDemand w : problem.workflows()) {
            for (ModelCalls c : w.calls()) {
                if (c.model().equals(model)) {
                    load = load.add(BigDecimal.valueOf(w.targetPerSecond())
                            .multiply(BigDecimal.valueOf(c.callsPerExecution())));
                }
            }
        }
        return load;
    }

    /** The used models, in name order. */
    List<ModelOptions> models() {
        return models;
    }

    /** Choices of one model that take its load. */
    List<Pick> picks(ModelOptions model) {
        List<Pick> picks = new ArrayList<>();
        for (Candidate candidate : model.candidates()) {
            int most = (int) Math.floor(totalGpus
                            / (candidate.tensorParallel()
                                    * candidate.gpuFraction().toDouble())
                    + 1e-9);
            for (int replicas = model.minReplicas();
                    replicas <= Math.min(most, model.maxReplicas().orElse(most));
                    replicas++) {
                BigDecimal reach = BigDecimal.valueOf(candidate.profile().saturationRequestsPerSecond())
                        .multiply(BigDecimal.valueOf(problem.maxUtilisation()))
                        .multiply(BigDecimal.valueOf(replicas));
                if (load(model.name()).compareTo(reach) <= 0) {
                    picks.add(new Pick(model.name(), candidate, replicas));
                }
            }
        }
        return picks;
    }

    /** Objective seconds one choice adds. */
    double cost(Pick pick) {
        double weights =
                problem.workflows().stream().mapToDouble(WorkflowDemand::weight).sum();
        double seconds = 0;
        for (WorkflowDemand w : problem.workflows()) {
            for (ModelCalls c : w.calls()) {
                if (c.model().equals(pick.model()) && weights > 0) {
                    seconds += w.weight()
                            * c.sequentialCalls()
                            * pick.candidate()
                                    .profile()
                                    .meanLatencySeconds(load(pick.model()).doubleValue() / pick.replicas())
                            / weights;
                }
            }
        }
        return seconds;
    }

    /** Whether the plan can stand, by trying. */
    static boolean placeable(AllocationProblem problem, List<Pick> plan) {
        List<Gpu> gpus = new ArrayList<>();
        int domain = 0;
        for (Node node : problem.cluster().nodes()) {
            Host host = new Host(node);
            for (int gpu = 0; gpu < node.gpus(); gpu++) {
                if (gpu % node.domainSize() == 0) {
                    domain++;
                }
                Gpu added = new Gpu(node, host, domain);
                node.occupied(gpu).ifPresent(part -> {
                    added.compute = added.compute.subtract(part.gpuFraction().toDecimal());
                    added.memory = added.memory.subtract(BigDecimal.valueOf(part.memoryGiB()));
                });
                gpus.add(added);
            }
        }
        List<Pick> replicas = new ArrayList<>();
        plan.stream()
                .sorted(Comparator.<Pick>comparingInt(p -> -p.candidate().tensorParallel())
                        .thenComparing(p -> p.candidate().gpuFraction(), Comparator.reverseOrder()))
                .forEach(pick -> {
                    for (int i = 0; i < pick.replicas(); i++) {
                        replicas.add(pick);
                    }
                });
        return put(replicas, 0, gpus, new HashSet<>());
    }

    private static boolean put(List<Pick> replicas, int at, List<Gpu> gpus, Set<String> failed) {
        if (at == replicas.size()) {
            return true;
        }
        StringBuilder state = new StringBuilder().append(at);
        List<String> parts = new ArrayList<>();
        for (Gpu gpu : gpus) {
            parts.add(gpu.domain + ":" + gpu.compute.stripTrailingZeros() + "/" + gpu.memory.stripTrailingZeros() + "/"
                    + gpu.host.cores.stripTrailingZeros() + "/" + gpu.host.memory.stripTrailingZeros());
        }
        parts.stream().sorted().forEach(part -> state.append('|').append(part));
        if (!failed.add(state.toString())) {
            return false;
        }
        return choose(replicas, at, gpus, 0, new ArrayList<>(), failed);
    }

    private static boolean choose(
            List<Pick> replicas, int at, List<Gpu> gpus, int from, List<Gpu> chosen, Set<String> failed) {
        Candidate candidate = replicas.get(at).candidate();
        if (chosen.size() == candidate.tensorParallel()) {
            Host host = chosen.get(0).host;
            if (!host.holds(candidate)) {
                return false;
            }
            host.add(candidate, -1);
            BigDecimal f = candidate.gpuFraction().toDecimal();
            BigDecimal memory = BigDecimal.valueOf(candidate.profile().memoryGiBPerGpu());
            for (Gpu gpu : chosen) {
                gpu.compute = gpu.compute.subtract(f);
                gpu.memory = gpu.memory.subtract(memory);
            }
            boolean done = put(replicas, at + 1, gpus, failed);
            for (Gpu gpu : chosen) {
                gpu.compute = gpu.compute.add(f);
                gpu.memory = gpu.memory.add(memory);
            }
            host.add(candidate, 1);
            return done;
        }
        for (int i = from; i < gpus.size(); i++) {
            Gpu gpu = gpus.get(i);
            boolean fits = gpu.node.gpu().name().equals(candidate.gpu())
                    && gpu.node.sharing().allows(candidate.gpuFraction())
                    && (candidate.tensorParallel() == 1
                            || candidate.gpuFraction().isWhole()
                            || gpu.node.sharing().tensorParallel())
                    && (chosen.isEmpty() || chosen.get(0).domain == gpu.domain)
                    && gpu.compute.compareTo(candidate.gpuFraction().toDecimal()) >= 0
                    && gpu.memory.compareTo(
                                    BigDecimal.valueOf(candidate.profile().memoryGiBPerGpu()))
                            >= 0;
            if (fits) {
                chosen.add(gpu);
                if (choose(replicas, at, gpus, i + 1, chosen, failed)) {
                    return true;
                }
                chosen.remove(chosen.size() - 1);
            }
        }
        return false;
    }
}
