package dev.scepsy.planner.simulate;

import java.util.ArrayList;
import java.util.List;

/**
 * One GPU and the engines on it. Shares of a card partition its SMs but not its bandwidth: what all of them demand beyond
 * one card stretches everybody's memory traffic. Mutable, confined to its simulation.
 */
final class SimulatedGpu {

    /** An engine on it. */
    interface Tenant {

        /** Told of a GPU that it shares with others. */
        void shares(SimulatedGpu gpu);

        /** Part of a card's bandwidth that it would take alone now, in [0, 1]. */
        double bandwidthDemand();
    }

    private final List<Tenant> engines = new ArrayList<>();

    void add(Tenant engine) {
        engines.add(engine);
    }

    /** One more than was introduced. */
    void join(Tenant engine) {
        engines.add(engine);
        if (engines.size() == 2) {
            introduce();
        } else if (isShared()) {
            engine.shares(this);
        }
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
