package dev.scepsy.planner.simulate;

import dev.scepsy.planner.profile.AloneCurve;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.LatencyProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.DoubleConsumer;
import java.util.function.Function;

/**
 * A planned cluster under load, event by event: executions start as {@link Arrivals} say, walk through their calls, and
 * every call goes to a replica that schedules as vLLM does, or follows its measured curve. Replicas fail as {@link
 * Failures} say; an {@link Autoscaling} may add and remove some. Deterministic: same input and seed, same report; arrivals, scripts, routing and failures have random
 * streams of their own.
 */
public final class Simulation {

    /** How long the last executions may take to end, in durations. */
    private static final double PATIENCE = 1;

    private static final int PROGRESS_REPORTS = 100;

    /** One replica of a model. */
    public sealed interface Replica {

        /** Its GPUs, named uniquely in the cluster; empty where they are not known. */
        List<String> gpus();

        /**
         * Scheduled step by step.
         *
         * @param gpus its GPUs, named uniquely in the cluster; replicas that share one contend for its bandwidth
         * @param mostTokens prompt and answer of the longest request it takes; it refuses longer ones
         */
        record Engine(EngineModel model, List<String> gpus, OptionalInt mostTokens) implements Replica {
            public Engine {
                gpus = List.copyOf(gpus);
            }

            /** Takes whatever its cache holds. */
            public Engine(EngineModel model, List<String> gpus) {
                this(model, gpus, OptionalInt.empty());
            }
        }

        /**
         * Follows a curve that was measured alone, slowed down by whoever shares its GPUs.
         *
         * @param gpus its GPUs, named uniquely in the cluster
         */
        record Alone(AloneCurve measured, List<String> gpus) implements Replica {
            public Alone {
                gpus = List.copyOf(gpus);
            }
        }

        /** Known by its latency curve only. */
        record Curve(LatencyProfile profile) implements Replica {
            @Override
            public List<String> gpus() {
                return List.of();
            }
        }
    }

    /** Where a workflow's executions come from. */
    @FunctionalInterface
    public interface Scripts {

        /**
         * The next execution.
         *
         * @param number counts the workflow's executions from 0
         * @param random the stream for whatever is drawn
         */
        ExecutionScript next(int number, Random random);
    }

    /**
     * One workflow's stream of executions.
     *
     * @param arrivals when they start
     * @param scripts what they do
     */
    public record Load(String workflow, Arrivals arrivals, Scripts scripts) {

        /**
         * A Poisson stream.
         *
         * @param executionsPerSecond mean rate, 0 or more
         * @param scripts draws the next execution
         */
        public Load(String workflow, double executionsPerSecond, Function<Random, ExecutionScript> scripts) {
            this(workflow, new Arrivals.Poisson(executionsPerSecond), (number, random) -> scripts.apply(random));
        }
    }

    /**
     * How to simulate.
     *
     * @param durationSeconds time in which executions start, above 0
     * @param warmUpSeconds first part of it that is not counted
     * @param seed of all random streams
     * @param routing how calls are spread over replicas
     * @param failures which replicas fail
     * @param autoscaling how replicas follow the load; empty: they do not
     */
    public record Options(
            double durationSeconds,
            double warmUpSeconds,
            long seed,
            Routing routing,
            Failures failures,
            Optional<Autoscaling> autoscaling) {

        /** @throws IllegalArgumentException if no time is left to count, or replicas behind connections shall be scaled */
        public Options {
            if (!(durationSeconds > 0) || !(warmUpSeconds >= 0) || !(warmUpSeconds < durationSeconds)) {
                throw new IllegalArgumentException("The durationSeconds (" + durationSeconds
                        + ") must be above the warmUpSeconds (" + warmUpSeconds + "), which must be 0 or more.");
            }
            if (autoscaling.isPresent() && routing.connections() > 0) {
                throw new IllegalArgumentException("An autoscaler needs a router of requests, not connections.");
            }
        }

        /** Without an autoscaler. */
        public Options(double durationSeconds, double warmUpSeconds, long seed, Routing routing, Failures failures) {
            this(durationSeconds, warmUpSeconds, seed, routing, failures, Optional.empty());
        }

        /** Without failures. */
        public Options(double durationSeconds, double warmUpSeconds, long seed, Routing routing) {
            this(durationSeconds, warmUpSeconds, seed, routing, Failures.NONE);
        }

        /** The same with failures. */
        public Options withFailures(Failures others) {
            return new Options(durationSeconds, warmUpSeconds, seed, routing, others, autoscaling);
        }

        /** The same with an autoscaler. */
        public Options with(Autoscaling scaling) {
            return new Options(durationSeconds, warmUpSeconds, seed, routing, failures, Optional.of(scaling));
        }
    }

    private final EventQueue events = new EventQueue();
    private final Map<String, ModelService> services = new TreeMap<>();
    private final Options options;
    private final SimulationWatch watch;
    private final Map<String, List<Replica>> planned;
    private final Map<String, SimulatedGpu> gpus = new TreeMap<>();
    private boolean running;

    private Simulation(Map<String, List<Replica>> replicas, Options options, SimulationWatch watch) {
        this.options = options;
        this.watch = watch;
        this.planned = replicas;
        new TreeMap<>(replicas).forEach((model, own) -> {
            List<Station> stations = new ArrayList<>();
            for (Replica replica : own) {
                stations.add(station(replica));
            }
            Random random = stream("routing", services.size());
            services.put(
                    model,
                    new ModelService(
                            stations, options.routing(), options.failures().lostCalls(), random, events));
        });
        gpus.values().forEach(SimulatedGpu::introduce);
    }

    private Station station(Replica replica) {
        if (replica instanceof Replica.Curve curve) {
            return new CurveStation(curve.profile(), events);
        }
        if (replica instanceof Replica.Alone measured) {
            CurveStation station = new CurveStation(measured.measured(), events);
            measured.gpus().forEach(gpu -> stand(station, gpu));
            return station;
        }
        Replica.Engine engine = (Replica.Engine) replica;
        EngineStation station = new EngineStation(engine.model(), engine.mostTokens(), events);
        engine.gpus().forEach(gpu -> stand(station, gpu));
        return station;
    }

    private void stand(SimulatedGpu.Tenant station, String gpu) {
        SimulatedGpu card = gpus.computeIfAbsent(gpu, unseen -> new SimulatedGpu());
        if (running) {
            card.join(station);
        } else {
            card.add(station);
        }
    }

    private Random stream(String purpose, int number) {
        return new Random((options.seed() * 1_000_003 + number) * 31 + purpose.hashCode());
    }

    /**
     * Runs the cluster.
     *
     * @param replicas by model; every model that a script calls, at least one each
     */
    public static SimulationReport run(Map<String, List<Replica>> replicas, List<Load> loads, Options options) {
        return run(replicas, loads, options, part -> {});
    }

    /**
     * The same, telling how far it is.
     *
     * @param progress gets the part of the duration simulated so far, in [0, 1], about a hundred times
     */
    public static SimulationReport run(
            Map<String, List<Replica>> replicas, List<Load> loads, Options options, DoubleConsumer progress) {
        return run(replicas, loads, options, progress, SimulationWatch.NONE);
    }

    /** The same, watched. */
    public static SimulationReport run(
            Map<String, List<Replica>> replicas,
            List<Load> loads,
            Options options,
            DoubleConsumer progress,
            SimulationWatch watch) {
        return new Simulation(replicas, options, watch).run(loads, progress);
    }

    private SimulationReport run(List<Load> loads, DoubleConsumer progress) {
        new FailureEvents(services, events, options).schedule();
        running = true;
        options.autoscaling()
                .ifPresent(how -> new Autoscaler(how, planned, services, this::station, events, watch)
                        .begin(options.failures().nodes()));
        List<WorkflowRun> runs = new ArrayList<>();
        for (int i = 0; i < loads.size(); i++) {
            WorkflowRun run = new WorkflowRun(
                    loads.get(i), services, events, options, stream("arrivals", i), i, stream("scripts", i), watch);
            run.begin();
            runs.add(run);
        }
        double duration = options.durationSeconds();
        runTo(0, options.warmUpSeconds(), progress);
        Map<String, ModelService.Moment> warm = new TreeMap<>();
        services.forEach((model, service) -> warm.put(model, service.now()));
        runTo(options.warmUpSeconds(), duration, progress);
        List<SimulationReport.ModelOutcome> models = new ArrayList<>();
        long steps = 0;
        for (Map.Entry<String, ModelService> each : services.entrySet()) {
            ModelService.Moment since = warm.get(each.getKey());
            if (since != null) {
                models.add(each.getValue()
                        .now()
                        .outcome(each.getKey(), each.getValue().connections(), since));
            }
        }
        for (double to = 0; to <= PATIENCE && runs.stream().anyMatch(WorkflowRun::isUnfinished); to += 0.01) {
            events.run(duration * (1 + to));
        }
        for (ModelService service : services.values()) {
            steps += service.now().tally().steps();
        }
        return new SimulationReport(
                duration,
                options.warmUpSeconds(),
                options.seed(),
                runs.stream().map(WorkflowRun::outcome).toList(),
                models,
                steps);
    }

    private void runTo(double from, double to, DoubleConsumer progress) {
        int reports = (int) Math.ceil(PROGRESS_REPORTS * (to - from) / options.durationSeconds());
        for (int i = 1; i <= reports; i++) {
            double until = i == reports ? to : from + (to - from) * i / reports;
            events.run(until);
            progress.accept(until / options.durationSeconds());
        }
        events.run(to);
    }
}
