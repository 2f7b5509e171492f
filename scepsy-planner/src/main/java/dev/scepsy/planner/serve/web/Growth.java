package dev.scepsy.planner.serve.web;

import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.observe.Observations;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Tells readers of events that executions were folded, at most once in five seconds of the service's time. */
final class Growth implements AutoCloseable {

    private static final Duration EVERY = Duration.ofSeconds(5);
    private static final Duration SHORTEST = Duration.ofMillis(500);

    private final Observations observations;
    private final EventStreams events;
    private final ServiceTime time;
    private final ServiceLog log;
    private final ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "scepsy-web-growth");
        thread.setDaemon(true);
        return thread;
    });
    private long seen = -1;
    private boolean failed;

    private Growth(Observations observations, EventStreams events, ServiceTime time, ServiceLog log) {
        this.observations = observations;
        this.events = events;
        this.time = time;
        this.log = log;
    }

    /** What is said each time. */
    private record Grown(Instant at, long executions) {}

    static Growth watch(Observations observations, EventStreams events, ServiceTime time, ServiceLog log) {
        Growth growth = new Growth(observations, events, time, log);
        long millis = Math.max(SHORTEST.toMillis(), time.real(EVERY).toMillis());
        growth.ticks.scheduleWithFixedDelay(growth::look, millis, millis, TimeUnit.MILLISECONDS);
        return growth;
    }

    private void look() {
        if (events.size() == 0) {
            return;
        }
        try {
            Map<String, Long> counts = observations.counts().executions();
            long now = counts.values().stream().mapToLong(Long::longValue).sum();
            if (now != seen) {
                seen = now;
                events.passing("statistics", new Grown(time.instant(), now));
            }
        } catch (RuntimeException | LinkageError failure) {
            if (!failed) {
                failed = true;
                log.error("Readers of events are not told of new statistics now; said once.", failure);
            }
        }
    }

    @Override
    public void close() {
        ticks.shutdownNow();
    }
}
