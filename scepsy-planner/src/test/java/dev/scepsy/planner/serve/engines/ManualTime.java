package dev.scepsy.planner.serve.engines;

import dev.scepsy.planner.serve.settings.ServiceTime;
import java.time.Duration;
import java.time.Instant;

/** Goes on when it is told to. */
final class ManualTime implements ServiceTime {

    private volatile Instant now = Instant.parse("2026-11-30T12:00:00Z");

    void pass(Duration time) {
        now = now.plus(time);
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public Duration real(Duration serviceTime) {
        return serviceTime;
    }
}
