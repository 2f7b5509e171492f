package dev.scepsy.planner.receive;

/** Takes what was received. Called by several threads at once; may block for as long as a disk does. */
@FunctionalInterface
public interface Intake {

    /** Takes one request, or nothing of it. */
    Outcome take(ReceivedRequest request);

    /** Whether it reads messages of this signal: others come without, and are not unpacked. */
    default boolean reads(Signal signal) {
        return signal == Signal.TRACES;
    }
}
