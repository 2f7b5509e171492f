package dev.scepsy.planner.receive;

import java.util.List;

/**
 * An intake whose accepted requests are passed on to other endpoints as they came. Passing on never waits and never changes
 * the outcome. Thread-safe where the intake is.
 *
 * @param intake decides
 * @param forwarders get what it accepts; the caller's to close
 */
public record PassOn(Intake intake, List<Forwarder> forwarders) implements Intake {

    /** Bytes queued per endpoint. */
    public static final long QUEUE_BYTES = 64L << 20;

    public PassOn {
        forwarders = List.copyOf(forwarders);
    }

    @Override
    public Outcome take(ReceivedRequest request) {
        Outcome outcome = intake.take(request);
        if (outcome instanceof Outcome.Accepted) {
            forwarders.forEach(forwarder -> forwarder.pass(request));
        }
        return outcome;
    }

    @Override
    public boolean reads(Signal signal) {
        return intake.reads(signal);
    }
}
