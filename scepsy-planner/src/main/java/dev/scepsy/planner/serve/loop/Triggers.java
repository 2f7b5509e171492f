package dev.scepsy.planner.serve.loop;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Trigger;
import java.time.Instant;
import java.util.Optional;

/** Triggers as events carry them. */
public final class Triggers {

    private Triggers() {}

    /** The trigger that an event's data is. */
    public static Trigger of(JsonNode data) {
        return Documents.mapper().convertValue(data, Trigger.class);
    }

    /** From when it is so, as the detector puts it; empty where it says nothing of it. */
    public static Optional<Instant> since(Trigger trigger) {
        return Optional.ofNullable(trigger.evidence().get(Drifted.SINCE))
                .map(seconds -> Instant.ofEpochSecond(Math.round(seconds)));
    }
}
