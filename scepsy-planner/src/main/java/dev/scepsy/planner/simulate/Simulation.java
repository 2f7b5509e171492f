package dev.scepsy.planner.simulate;

import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.LatencyProfile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A planned cluster under load, event by event: executions arrive as a Poisson stream per workflow (open loop), walk
 * through their calls, and every call goes to a replica that schedules as vLLM does, or follows its measured curve.
 * Deterministic: same input and seed, same report.
 */
public final class Simulation {

    /** How long the last executions may take to end, in durations. */
    private static final double PATIENCE = 1;

    /** One replica of a model. */
    public sealed interface Replica {

        /**
         * Scheduled step by step.
         *
         * @param gpus its GPUs, named uniquely in the cluster; replicas that share one contend for its bandwidth
         */
        record Engine(EngineModel model, List<String> gpus) implements Replica {
            public Engine {
                gpus = List.copyOf(gpus);
            }
        }

        /** Known by its latency curve only. */
        record Curve(LatencyProfile profile) implements Replica {}
    }

    /**
     * One workflow's stream of executions.
     *
     * @param executionsPerSecond mean rate, 0 or more
     * @param scripts draws the next execution
     */
    public record Load(String workflow, double executionsPerSecond, Function<Random, ExecutionScript> scripts) {}

    /**
     * How to simulate.
     *
     * @param durationSeconds time in which executions arrive, above 0
     * @param warmUpSeconds first part of it that is not counted
     * @param seed of all random streams
     */
    public record Options(double durationSeconds, double warmUpSeconds, long seed, Routing routing) {

        /** @throws IllegalArgumentException if no time is left to count */
        public Options {
            if (!(durationSeconds > 0) || !(warmUpSeconds >= 0) || !(warmUpSeconds < durationSeconds)) {
                throw new IllegalArgumentException("The durationSeconds (" + durationSeconds
                        + ") must be above the warmUpSeconds (" + warmUpSeconds + "), which must be 0 or more.");
            }
        }
    }

    private final EventQueue events = new EventQueue();
    private final Map<String, ModelService> services = new TreeMap<>();
    private final List<EngineStation> engines = new ArrayList<>();
    private final Options options;

    private Simulation(Map<String, List<Replica>> replicas, Options options) {
        this.options = options;
        Map<String, List<EngineStation>> byGpu = new HashMap<>();
        new TreeMap<>(replicas).forEach((model, own) -> {
            List<Station> stations = new ArrayList<>();
            for (Replica replica : own) {
                stations.add(station(replica, byGpu));
            }
            services.put(model, new ModelService(stations, options.routing(), events));
        });
        for (EngineStation engine : engines) {
            Set<EngineStation> neighbours = new HashSet<>();
            byGpu.values().stream().filter(sharing -> sharing.contains(engine)).forEach(neighbours::addAll);
            // in the order of the engines, so that sums come out the same every time
            engines.stream()
                    .filter(other -> other != engine && neighbours.contains(other))
                    .forEach(engine::addNeighbour);
        }
    }

    private Station station(Replica replica, Map<String, List<EngineStation>> byGpu) {
        if (replica instanceof Replica.Curve curve) {
            return new CurveStation(curve.profile(), events);
        }
        Replica.Engine engine = (Replica.Engine) replica;
        EngineStation station = new EngineStation(engine.model(), events);
        engines.add(station);
        engine.gpus()
                .forEach(gpu ->
                        byGpu.computeIfAbsent(gpu, name -> new ArrayList<>()).add(station));
        return station;
    }

    /**
     * Runs the cluster.
     *
     * @param replicas by model; every model that a script calls, at least one each
     */
    public static SimulationReport run(Map<String, List<Replica>> replicas, List<Load> loads, Options options) {
        return new Simulation(replicas, options).run(loads);
    }

    private SimulationReport run(List<Load> loads) {
        List<double[]> latencies = new ArrayList<>();
        for (int i = 0; i < loads.size(); i++) {
            latencies.add(arrive(loads.get(i), new Random(options.seed() * 1_000_003 + i)));
        }
        events.run(options.durationSeconds());
        List<SimulationReport.ModelOutcome> models = new ArrayList<>();
        services.forEach((model, service) -> models.add(service.outcome(model, options.durationSeconds())));
        events.run(options.durationSeconds() * (1 + PATIENCE));
        List<SimulationReport.WorkflowOutcome> workflows = new ArrayList<>();
        for (int i = 0; i < loads.size(); i++) {
            workflows.add(outcome(loads.get(i), latencies.get(i)));
        }
        return new SimulationReport(
                options.durationSeconds(),
                options.warmUpSeconds(),
                options.seed(),
                workflows,
                models,
                engines.stream().mapToLong(EngineStation::steps).sum());
    }

    /** Schedules all arrivals; the latencies of the counted ones, NaN until they end. */
    private double[] arrive(Load load, Random random) {
        List<Double> counted = new ArrayList<>();
        List<Double> times = new ArrayList<>();
        double at = 0;
        while (load.executionsPerSecond() > 0) {
            at += -Math.log(1 - random.nextDouble()) / load.executionsPerSecond();
            if (at >= options.durationSeconds()) {
                break;
            }
            times.add(at);
            if (at >= options.warmUpSeconds()) {
                counted.add(at);
            }
        }
        double[] latencies = new double[counted.size()];
        Arrays.fill(latencies, Double.NaN);
        int firstCounted = times.size() - counted.size();
        for (int i = 0; i < times.size(); i++) {
            ExecutionScript script = load.scripts().apply(random);
            int place = i - firstCounted;
            events.at(times.get(i), () -> start(script, latencies, place));
        }
        return latencies;
    }

    private void start(ExecutionScript script, double[] latencies, int place) {
        RunningExecution execution = new RunningExecution(script, services, events, seconds -> {
            if (place >= 0) {
                latencies[place] = seconds;
            }
        });
        execution.start();
    }

    private SimulationReport.WorkflowOutcome outcome(Load load, double[] latencies) {
        double[] completed = Arrays.stream(latencies)
                .filter(seconds -> !Double.isNaN(seconds))
                .toArray();
        return new SimulationReport.WorkflowOutcome(
                load.workflow(),
                load.executionsPerSecond(),
                completed.length,
                latencies.length - completed.length,
                completed.length / (options.durationSeconds() - options.warmUpSeconds()),
                LatencyEstimates.of(completed));
    }
}
