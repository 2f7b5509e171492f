package dev.scepsy.planner.simulate;

import java.util.ArrayList;
import java.util.List;

/** All replicas of one model behind their router. Mutable, confined to its simulation. */
final class ModelService {

    private final List<? extends Station> replicas;
    private final Routing routing;
    private final EventQueue events;
    private final List<Double> callSeconds = new ArrayList<>();
    private int next;

    ModelService(List<? extends Station> replicas, Routing routing, EventQueue events) {
        this.replicas = List.copyOf(replicas);
        this.routing = routing;
        this.events = events;
    }

    void call(int inputTokens, int outputTokens, Runnable done) {
        double from = events.nowSeconds();
        chosen().submit(inputTokens, outputTokens, () -> {
            callSeconds.add(events.nowSeconds() - from);
            done.run();
        });
    }

    private Station chosen() {
        if (routing == Routing.ROUND_ROBIN) {
            next = (next + 1) % replicas.size();
            return replicas.get(next);
        }
        Station least = replicas.get(0);
        for (Station replica : replicas) {
            if (replica.inside() < least.inside()) {
                least = replica;
            }
        }
        return least;
    }

    SimulationReport.ModelOutcome outcome(String model, double seconds) {
        double busy = replicas.stream().mapToDouble(Station::busySeconds).sum();
        return new SimulationReport.ModelOutcome(
                model,
                replicas.size(),
                callSeconds.size(),
                callSeconds.stream().mapToDouble(Double::doubleValue).average().orElse(0),
                Math.min(1, busy / seconds / replicas.size()),
                replicas.stream().mapToLong(Station::preemptions).sum(),
                replicas.stream().mapToLong(Station::refused).sum());
    }
}
