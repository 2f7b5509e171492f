package dev.scepsy.planner.serve.journal;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Why the service planned: what it noticed, or that a person asked. Immutable.
 *
 * @param kind {@code drift}, {@code queue}, {@code rate}, {@code cluster} or {@code person}
 * @param workflow as it is shown; null where it is of none
 * @param model null where it is of none
 * @param at when it was noticed
 * @param sentence what, for people, with the numbers
 * @param evidence numbers by name, with units in the names
 * @param subject the node or engine that it is about; null where it is about none
 */
public record Trigger(
        String kind,
        @Nullable String workflow,
        @Nullable String model,
        Instant at,
        String sentence,
        Map<String, Double> evidence,
        @Nullable String subject) {
    public Trigger {
        evidence = new TreeMap<>(evidence);
    }

    /** About no node and no engine. */
    public Trigger(
            String kind,
            @Nullable String workflow,
            @Nullable String model,
            Instant at,
            String sentence,
            Map<String, Double> evidence) {
        this(kind, workflow, model, at, sentence, evidence, null);
    }
}
