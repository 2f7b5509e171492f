package dev.scepsy.samples.cluster.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * One GPU and the engines on it, which share its memory bandwidth: MPS partitions the SMs but not the bandwidth. While the
 * engines ask for more than there is, everybody's memory traffic takes longer by the excess.
 */
public final class SharedGpu {
    private final String node;
    private final int index;
    private final List<Engine> engines = new ArrayList<>();
    private double busySeconds;
    private double busySinceSeconds;
    private double computeSeconds;
    private int active;

    public SharedGpu(String node, int index) {
        this.node = node;
        this.index = index;
    }

    public String node() {
        return node;
    }

    public int index() {
        return index;
    }

    public List<Engine> engines() {
        return List.copyOf(engines);
    }

    /** Time in which at least one engine computed, emulated seconds. */
    public double busySeconds(double nowSeconds) {
        return busySeconds + (active > 0 ? Math.max(0, nowSeconds - busySinceSeconds) : 0);
    }

    /** Time that engines computed, each weighted with its share of the GPU, emulated seconds. */
    public double computeSeconds() {
        return computeSeconds;
    }

    void computed(double seconds, double fraction) {
        computeSeconds += seconds * fraction;
    }

    void add(Engine engine) {
        engines.add(engine);
    }

    void remove(Engine engine) {
        engines.remove(engine);
    }

    void activated(double nowSeconds) {
        if (active++ == 0) {
            busySinceSeconds = nowSeconds;
        }
    }

    void idled(double nowSeconds) {
        if (--active == 0) {
            busySeconds += Math.max(0, nowSeconds - busySinceSeconds);
        }
    }

    /** Factor, at least 1, by which memory traffic takes longer now; the simulator's rule. */
    double contention() {
        double demanded = 0;
        for (Engine engine : engines) {
            demanded += engine.bandwidthDemand();
        }
        return Math.max(1, demanded);
    }
}
