package dev.scepsy.planner.cli;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.simulate.Autoscaling;
import dev.scepsy.planner.simulate.Simulation;
import dev.scepsy.planner.topology.Domain;
import dev.scepsy.planner.topology.Occupied;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a plan is compared with in a simulation: replicas that an autoscaler adds and removes, as options say it. */
final class BaselineOptions {

    private static final Pattern HPA = Pattern.compile("hpa(?::(requests|utilisation)=([0-9.eE]+))?");
    private static final double DEFAULT_REQUESTS = 8;
    private static final double BYTES_PER_GIB = 1024.0 * 1024 * 1024;
    private static final int MOST_REPLICAS = 10_000;

    @Option(
            names = "--baseline",
            paramLabel = "RULE",
            description = "hpa: begin with the plan and let replicas follow each model's load as Kubernetes'"
                    + " HorizontalPodAutoscaler does (15 s, tolerance 0.1, down after 300 s), at 8 requests inside a"
                    + " replica; or hpa:requests=N, hpa:utilisation=X. New replicas have the plan's shape (default:"
                    + " the plan's replicas stay).")
    private @Nullable String baseline;

    @Option(
            names = "--baseline-max",
            paramLabel = "N",
            defaultValue = "10",
            description = "Replicas of a model that --baseline makes at most (default: ${DEFAULT-VALUE}).")
    private int most;

    @Option(
            names = "--start-time",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "Seconds until a replica of --baseline has started, without loading its weights (default:"
                    + " ${DEFAULT-VALUE}).")
    private double startSeconds;

    @Option(
            names = "--load-rate",
            paramLabel = "GIB",
            defaultValue = "2",
            description = "GiB of weights that it then loads per second and GPU (default: ${DEFAULT-VALUE}).")
    private double gibPerSecond;

    /** The autoscaler for {@code plan}, where one is wanted; what cannot be becomes {@code problems}. */
    Optional<Autoscaling> of(
            PlanningProblem problem,
            Plan plan,
            Map<String, List<Simulation.Replica>> replicas,
            RoutingRule routing,
            List<String> problems) {
        if (baseline == null) {
            return Optional.empty();
        }
        Matcher written = HPA.matcher(baseline);
        double target = !written.matches()
                ? Double.NaN
                : written.group(2) == null ? DEFAULT_REQUESTS : number(written.group(2));
        int before = problems.size();
        if (!(target > 0 && target < Double.POSITIVE_INFINITY)) {
            problems.add("The --baseline (" + baseline
                    + ") must be hpa, hpa:requests=N or hpa:utilisation=X with a number above 0.");
        }
        if (most < 1 || most > MOST_REPLICAS) {
            problems.add("The --baseline-max (" + most + ") must lie between 1 and " + MOST_REPLICAS + ".");
        }
        if (!(startSeconds >= 0 && startSeconds <= SimulatedLoads.LONGEST_SECONDS)) {
            problems.add("The --start-time (" + startSeconds + ") must lie between 0 and 1e7 seconds.");
        }
        if (!(gibPerSecond > 0)) {
            problems.add("The --load-rate (" + gibPerSecond + ") must be above 0 GiB per second.");
        }
        if (routing.simulated().connections() > 0) {
            problems.add("The --baseline hpa needs a router of requests: use another --routing than "
                    + routing.written() + ".");
        }
        if (problems.size() > before) {
            return Optional.empty();
        }
        boolean utilisation = "utilisation".equals(written.group(1));
        return Optional.of(new Autoscaling(
                models(problem, plan, replicas),
                domains(problem),
                utilisation ? Autoscaling.Metric.UTILISATION : Autoscaling.Metric.REQUESTS,
                target));
    }

    private Map<String, Autoscaling.Scaled> models(
            PlanningProblem problem, Plan plan, Map<String, List<Simulation.Replica>> replicas) {
        Map<String, Autoscaling.Scaled> scaled = new TreeMap<>();
        for (LlmAllocation allocation : plan.allocations()) {
            List<Simulation.Replica> own = replicas.getOrDefault(allocation.model(), List.of());
            if (own.isEmpty()) {
                continue;
            }
            scaled.put(
                    allocation.model(),
                    new Autoscaling.Scaled(
                            1,
                            Math.max(most, own.size()),
                            startSeconds + loadSeconds(problem, allocation),
                            allocation.gpu(),
                            allocation.tensorParallel(),
                            allocation.gpuFraction().toDouble(),
                            allocation.memoryGiBPerGpu(),
                            like(own.get(0))));
        }
        return scaled;
    }

    private double loadSeconds(PlanningProblem problem, LlmAllocation allocation) {
        Optional<ServedModel> model = problem.model(allocation.model());
        return model.flatMap(served -> problem.engineSetup(
                        served, allocation.gpu(), allocation.tensorParallel(), allocation.gpuFraction()))
                .map(setup -> setup.weightBytesPerGpu() / BYTES_PER_GIB / gibPerSecond)
                .orElse(0.0);
    }

    /** One more of the same on other cards. */
    private static Function<List<String>, Simulation.Replica> like(Simulation.Replica first) {
        if (first instanceof Simulation.Replica.Engine engine) {
            return cards -> new Simulation.Replica.Engine(engine.model(), cards, engine.mostTokens());
        }
        if (first instanceof Simulation.Replica.Alone alone) {
            return cards -> new Simulation.Replica.Alone(alone.measured(), cards);
        }
        return cards -> first;
    }

    private static List<Autoscaling.Domain> domains(PlanningProblem problem) {
        List<Autoscaling.Domain> domains = new ArrayList<>();
        for (Domain domain : problem.cluster().domains()) {
            List<Autoscaling.Card> cards = new ArrayList<>();
            for (int i = 0; i < domain.gpus(); i++) {
                int gpu = domain.firstGpu() + i;
                Optional<Occupied> others = domain.node().occupied(gpu);
                cards.add(new Autoscaling.Card(
                        domain.node().name() + "/" + gpu,
                        1 - others.map(part -> part.gpuFraction().toDouble()).orElse(0.0),
                        domain.node().gpu().memoryGiB()
                                - others.map(Occupied::memoryGiB).orElse(0.0)));
            }
            domains.add(new Autoscaling.Domain(
                    domain.node().name(), domain.node().gpu().name(), cards));
        }
        return domains;
    }

    private static double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    /** What it is, for output; empty without. */
    String written() {
        return baseline == null ? "" : baseline.toLowerCase(Locale.ROOT);
    }
}
