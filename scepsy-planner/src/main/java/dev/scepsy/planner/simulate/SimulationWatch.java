package dev.scepsy.planner.simulate;

/** Is told what happens in a simulation while it happens; called by its thread, in the order of simulated time. */
public interface SimulationWatch {

    /** Looks away. */
    SimulationWatch NONE = new SimulationWatch() {};

    /**
     * An execution has ended, counted or not.
     *
     * @param startedSeconds simulated time of its arrival
     * @param latencySeconds from there to its end
     * @param failed whether it lost a call
     */
    default void executionEnded(String workflow, double startedSeconds, double latencySeconds, boolean failed) {}

    /**
     * An autoscaler has changed its mind, or what it wanted has come about.
     *
     * @param wanted replicas that shall be
     * @param serving replicas that take calls
     */
    default void scaled(String model, double atSeconds, int wanted, int serving) {}
}
