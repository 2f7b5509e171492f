package dev.scepsy.planner.simulate;

import java.util.Arrays;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;

/** One workflow's executions in a simulation, and what came of them. Mutable, confined to its simulation. */
final class WorkflowRun {

    /** A client whose execution took no time pauses, or it would ask for ever in one moment. */
    private static final double CLIENT_PAUSE_SECONDS = 1;

    private static final int MOST_WORKFLOWS = 1 << 12;

    private final Simulation.Load load;
    private final Map<String, ModelService> services;
    private final EventQueue events;
    private final Simulation.Options options;
    private final SimulationWatch watch;
    private final Random arrivals;
    private final Random scripts;

    private final int number;
    private int started;

    /** Of counted executions, in the order in which they started; NaN until they end. */
    private double[] latencies = new double[64];

    private int counted;
    private int open;
    private long failed;
    private long endedInTime;

    WorkflowRun(
            Simulation.Load load,
            Map<String, ModelService> services,
            EventQueue events,
            Simulation.Options options,
            Random arrivals,
            int number,
            Random scripts,
            SimulationWatch watch) {
        this.watch = watch;
        this.number = number;
        this.load = load;
        this.services = services;
        this.events = events;
        this.options = options;
        this.arrivals = arrivals;
        this.scripts = scripts;
    }

    void begin() {
        if (load.arrivals() instanceof Arrivals.Poisson poisson) {
            arriveNext(poisson);
        } else if (load.arrivals() instanceof Arrivals.Recorded recorded) {
            arriveNext(recorded, 0);
        } else if (load.arrivals() instanceof Arrivals.Clients clients) {
            for (int i = 0; i < clients.clients(); i++) {
                think(clients);
            }
        }
    }

    private double exponential() {
        return -Math.log(1 - arrivals.nextDouble());
    }

    private void arriveNext(Arrivals.Poisson poisson) {
        if (poisson.executionsPerSecond() <= 0) {
            return;
        }
        double at = events.nowSeconds() + exponential() / poisson.executionsPerSecond();
        if (at < options.durationSeconds()) {
            events.at(at, () -> {
                start(() -> {});
                arriveNext(poisson);
            });
        }
    }

    private void arriveNext(Arrivals.Recorded recorded, int number) {
        if (number < recorded.seconds().size() && recorded.seconds().get(number) < options.durationSeconds()) {
            events.at(recorded.seconds().get(number), () -> {
                start(() -> {});
                arriveNext(recorded, number + 1);
            });
        }
    }

    private void think(Arrivals.Clients clients) {
        double at = events.nowSeconds() + exponential() * clients.meanThinkSeconds();
        if (at < options.durationSeconds()) {
            events.at(at, () -> start(() -> think(clients)));
        }
    }

    private void start(Runnable then) {
        long executionNumber = started * (long) MOST_WORKFLOWS + number;
        ExecutionScript script = load.scripts().next(started++, scripts);
        double startedSeconds = events.nowSeconds();
        boolean counts = startedSeconds >= options.warmUpSeconds();
        int place = counts ? counted++ : -1;
        if (counts) {
            if (place == latencies.length) {
                latencies = Arrays.copyOf(latencies, 2 * place);
            }
            latencies[place] = Double.NaN;
            open++;
        }
        new RunningExecution(
                        script,
                        services,
                        events,
                        executionNumber,
                        seconds -> {
                            watch.executionEnded(load.workflow(), startedSeconds, seconds, false);
                            if (counts) {
                                latencies[place] = seconds;
                                open--;
                            }
                            if (isInTime()) {
                                endedInTime++;
                            }
                            if (seconds > 0) {
                                then.run();
                            } else {
                                events.at(events.nowSeconds() + CLIENT_PAUSE_SECONDS, then);
                            }
                        },
                        () -> {
                            watch.executionEnded(
                                    load.workflow(), startedSeconds, events.nowSeconds() - startedSeconds, true);
                            if (counts) {
                                failed++;
                                open--;
                            }
                            // nobody tries again in the moment of an error
                            events.at(events.nowSeconds() + CLIENT_PAUSE_SECONDS, then);
                        })
                .start();
    }

    private boolean isInTime() {
        return events.nowSeconds() >= options.warmUpSeconds() && events.nowSeconds() < options.durationSeconds();
    }

    /** Whether some counted execution has neither ended nor failed. */
    boolean isUnfinished() {
        return open > 0;
    }

    SimulationReport.WorkflowOutcome outcome() {
        double[] completed = Arrays.stream(latencies, 0, counted)
                .filter(seconds -> !Double.isNaN(seconds))
                .toArray();
        double window = options.durationSeconds() - options.warmUpSeconds();
        return new SimulationReport.WorkflowOutcome(
                load.workflow(),
                offeredPerSecond(window),
                completed.length,
                failed,
                open,
                endedInTime / window,
                LatencyEstimates.of(completed));
    }

    private OptionalDouble offeredPerSecond(double window) {
        if (load.arrivals() instanceof Arrivals.Poisson poisson) {
            return OptionalDouble.of(poisson.executionsPerSecond());
        }
        return load.arrivals() instanceof Arrivals.Recorded
                ? OptionalDouble.of(counted / window)
                : OptionalDouble.empty();
    }
}
