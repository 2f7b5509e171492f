package dev.scepsy.planner.serve;

import dev.scepsy.planner.receive.Forwarder;
import dev.scepsy.planner.receive.Intake;
import dev.scepsy.planner.receive.Outcome;
import dev.scepsy.planner.receive.ReceivedRequest;
import dev.scepsy.planner.receive.Signal;
import java.util.List;

/** Passes on what was accepted, as it came. */
final class ForwardingIntake implements Intake {

    private final Intake first;
    private final List<Forwarder> others;

    ForwardingIntake(Intake first, List<Forwarder> others) {
        this.first = first;
        this.others = others;
    }

    @Override
    public boolean reads(Signal signal) {
        return first.reads(signal);
    }

    @Override
    public Outcome take(ReceivedRequest request) {
        Outcome outcome = first.take(request);
        if (outcome instanceof Outcome.Accepted) {
            others.forEach(forwarder -> forwarder.pass(request));
        }
        return outcome;
    }
}
