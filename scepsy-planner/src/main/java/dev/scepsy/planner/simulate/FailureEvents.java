package dev.scepsy.planner.simulate;

import java.util.Map;
import java.util.Random;

/** Puts the failures and restarts of replicas among the events. Mutable, confined to its simulation. */
final class FailureEvents {

    private static final long STREAM = 0x5eed_fa11L;

    private final Map<String, ModelService> services;
    private final EventQueue events;
    private final Simulation.Options options;

    FailureEvents(Map<String, ModelService> services, EventQueue events, Simulation.Options options) {
        this.services = services;
        this.events = events;
        this.options = options;
    }

    void schedule() {
        for (Outage outage : options.failures().outages()) {
            ModelService service = services.get(outage.model());
            if (service == null || outage.replica() >= service.replicas()) {
                throw new IllegalArgumentException(
                        "There is no replica " + outage.model() + "#" + outage.replica() + " that could fail.");
            }
            events.at(outage.atSeconds(), () -> service.fail(outage.replica()));
            if (outage.lastsSeconds() < Double.POSITIVE_INFINITY) {
                events.at(outage.atSeconds() + outage.lastsSeconds(), () -> service.restart(outage.replica()));
            }
        }
        for (Slowdown slowdown : options.failures().slowdowns()) {
            ModelService service = services.get(slowdown.model());
            if (service == null || slowdown.replica() >= service.replicas()) {
                throw new IllegalArgumentException("There is no replica " + slowdown.model() + "#" + slowdown.replica()
                        + " that could slow down.");
            }
            events.at(slowdown.atSeconds(), () -> service.slow(slowdown.replica(), slowdown.factor()));
            if (slowdown.lastsSeconds() < Double.POSITIVE_INFINITY) {
                events.at(slowdown.atSeconds() + slowdown.lastsSeconds(), () -> service.slow(slowdown.replica(), 1));
            }
        }
        options.failures().drawn().ifPresent(drawn -> {
            int number = 0;
            for (ModelService service : services.values()) {
                for (int replica = 0; replica < service.replicas(); replica++) {
                    // a stream per replica, so that one more replica leaves the failures of the others alone
                    Random random = new Random(options.seed() * 1_000_003 + STREAM + number++);
                    failNext(service, replica, drawn, random);
                }
            }
        });
    }

    private void failNext(ModelService service, int replica, Failures.Drawn drawn, Random random) {
        double at = events.nowSeconds() + -Math.log(1 - random.nextDouble()) * drawn.meanSecondsBetween();
        if (at >= options.durationSeconds()) {
            return;
        }
        events.at(at, () -> {
            service.fail(replica);
            events.at(events.nowSeconds() + drawn.restartSeconds(), () -> {
                service.restart(replica);
                failNext(service, replica, drawn, random);
            });
        });
    }
}
