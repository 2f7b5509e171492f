package dev.scepsy.samples.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** What the service does during the day, asked again and again, and printed as it happens. Not thread-safe. */
final class DayWatch {

    private static final long EVERY_NANOS = 300_000_000;
    /** After a change was noticed, until a proposal must have been made if there is to be one. */
    private static final double REACTION_SECONDS = 90;

    private static final Set<String> UNDER_WAY = Set.of("open", "approved", "applying", "verifying");

    private final Runnable mustRun;
    private final ServiceApi api;
    private final ServiceEvents events;
    private final ScaledClock clock;
    private final Map<String, String> statesTold = new HashMap<>();
    private int eventsTold;
    private long dayBeganNanos;

    /** @param mustRun throws where the service has ended */
    DayWatch(Runnable mustRun, ServiceApi api, ServiceEvents events, ScaledClock clock) {
        this.mustRun = mustRun;
        this.api = api;
        this.events = events;
        this.clock = clock;
        this.dayBeganNanos = now();
    }

    /** Emulated, since the epoch. */
    private long now() {
        return clock.scaledEpochNanos(System.currentTimeMillis() * 1_000_000);
    }

    /** From now on seconds count from here. */
    void dayBegins() {
        dayBeganNanos = now();
    }

    double seconds() {
        return (now() - dayBeganNanos) / 1e9;
    }

    /** Watches one phase to its end; what the service did counts from when it was seen here. */
    DayOutcome watch(DayPhase phase, double fromSeconds) {
        long fromNanos = System.nanoTime();
        Set<String> before = new HashSet<>();
        api.proposals().forEach(proposal -> before.add(proposal.path("id").asText()));
        JsonNode noticed = null;
        double noticedAfterSeconds = Double.NaN;
        while (true) {
            pause();
            List<JsonNode> made = new ArrayList<>(api.proposals());
            made.removeIf(proposal -> before.contains(proposal.path("id").asText()));
            double lasts = seconds() - fromSeconds;
            if (noticed == null) {
                noticed = noticed(phase, fromNanos, made);
                noticedAfterSeconds = noticed == null ? Double.NaN : lasts;
            }
            boolean settled = made.stream()
                    .noneMatch(proposal ->
                            UNDER_WAY.contains(proposal.path("state").asText()));
            boolean done = lasts >= phase.leastSeconds()
                    && settled
                    && (phase.triggers().isEmpty()
                            || (noticed != null && lasts >= noticedAfterSeconds + REACTION_SECONDS));
            if (done || lasts >= phase.mostSeconds()) {
                return new DayOutcome(phase, fromSeconds, seconds(), noticed, noticedAfterSeconds, made);
            }
        }
    }

    /** Waits for a proposal to reach one of these states, at most so long; the state it is in then. */
    String await(String proposal, Set<String> states, double mostSeconds) throws IOException {
        double from = seconds();
        while (true) {
            pause();
            String state = api.get("/api/v1/proposals/" + proposal)
                    .body()
                    .path("state")
                    .asText();
            if (states.contains(state) || seconds() - from > mostSeconds) {
                return state;
            }
        }
    }

    /** Lets emulated time pass, telling what the service does. */
    void pass(double seconds) {
        double from = seconds();
        while (seconds() - from < seconds) {
            pause();
        }
    }

    private void pause() {
        LockSupport.parkNanos(EVERY_NANOS);
        mustRun.run();
        tell();
    }

    /** By an event or by a proposal, whatever comes first. */
    private @Nullable JsonNode noticed(DayPhase phase, long fromNanos, List<JsonNode> made) {
        List<JsonNode> triggers = new ArrayList<>();
        for (ServiceEvents.Event event : events.all()) {
            if (event.type().equals("trigger") && event.receivedNanos() >= fromNanos) {
                triggers.add(inside(event));
            }
        }
        made.forEach(proposal -> proposal.path("triggers").forEach(triggers::add));
        return triggers.stream()
                .filter(trigger -> phase.isNoticedBy(
                        trigger.path("kind").asText(), trigger.path("sentence").asText()))
                .findFirst()
                .orElse(null);
    }

    /** What an event is about, in an envelope or bare. */
    private static JsonNode inside(ServiceEvents.Event event) {
        JsonNode data = event.data().path("data");
        return data.isObject() ? data : event.data();
    }

    private void tell() {
        List<ServiceEvents.Event> all = events.all();
        for (; eventsTold < all.size(); eventsTold++) {
            ServiceEvents.Event event = all.get(eventsTold);
            JsonNode inside = inside(event);
            if (event.type().equals("trigger")) {
                say(
                        "noticed (%s): %s",
                        inside.path("kind").asText(), inside.path("sentence").asText());
            } else if (event.type().equals("scorecard")) {
                JsonNode card = inside.has("scorecard") ? inside.path("scorecard") : inside;
                say("scorecard: %s", card.path("sentence").asText());
            }
        }
        for (JsonNode proposal : api.proposals()) {
            String id = proposal.path("id").asText();
            String state = proposal.path("state").asText();
            if (!state.equals(statesTold.put(id, state))) {
                JsonNode gain = proposal.path("gain");
                say(
                        "proposal %s is %s: %d moves, mean latency %s -> %.1f s predicted",
                        id,
                        state,
                        proposal.path("cost").path("moves").asInt(),
                        gain.hasNonNull("latencySecondsBefore")
                                ? String.format(
                                        Locale.ROOT,
                                        "%.1f",
                                        gain.path("latencySecondsBefore").asDouble())
                                : "overloaded",
                        gain.path("latencySecondsAfter").asDouble());
            }
        }
    }

    /** A line with the emulated time before it. */
    void say(String format, Object... values) {
        System.out.printf(Locale.ROOT, "  %6.0f s  " + format + "%n", withFirst(seconds(), values));
        System.out.flush();
    }

    private static Object[] withFirst(double seconds, Object... values) {
        Object[] all = new Object[values.length + 1];
        all[0] = seconds;
        System.arraycopy(values, 0, all, 1, values.length);
        return all;
    }
}
