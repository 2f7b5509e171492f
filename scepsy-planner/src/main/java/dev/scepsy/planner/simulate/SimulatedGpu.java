package dev.scepsy.planner.simulate;

import java.util.ArrayList;
import java.util.List;

/**
 * One GPU and the engines on it. Shares of a card partition its SMs but not its bandwidth: what all of them demand beyond
 * one card stretches everybody's memory traffic. Mutable, confined to its simulation.
 */
final class SimulatedGpu {

    private final List<EngineStation> engines = new ArrayList<>();

    void add(EngineStation engine) {
        engines.add(engine);
    }

    boolean isShared() {
        return engines.size() > 1;
    }

    /** Tells the engines of each other, if there are several. */
    void introduce() {
        if (isShared()) {
            engines.forEach(engine -> engine.shares(this));
        }
    }

    /** Factor, at least 1, by which memory traffic takes longer now. */
    double contention() {
        double demand = 0;
        for (int i = 0; i < engines.size(); i++) {
            demand += engines.get(i).bandwidthDemand();
        }
        return Math.max(1, demand);
    }
}
