package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How an object goes.
 *
 * @param gracePeriodSeconds empty: the object's own
 * @param uid deletes only the object with this uid
 * @param resourceVersion deletes only this version
 */
public record DeleteOptions(
        Propagation propagation,
        OptionalInt gracePeriodSeconds,
        Optional<String> uid,
        Optional<String> resourceVersion,
        boolean dryRun) {

    /** What happens to the objects it owns. */
    public enum Propagation {
        BACKGROUND,
        FOREGROUND,
        ORPHAN
    }

    public static DeleteOptions background() {
        return new DeleteOptions(
                Propagation.BACKGROUND, OptionalInt.empty(), Optional.empty(), Optional.empty(), false);
    }

    public DeleteOptions withGracePeriodSeconds(int seconds) {
        return new DeleteOptions(propagation, OptionalInt.of(seconds), uid, resourceVersion, dryRun);
    }

    /** From a {@code DeleteOptions} body, if there is one, and the query's values, which win. */
    static DeleteOptions of(
            JsonNode body, Optional<String> propagation, OptionalInt gracePeriodSeconds, boolean dryRun) {
        String policy = propagation.orElse(body.path("propagationPolicy").asText("Background"));
        JsonNode grace = body.path("gracePeriodSeconds");
        JsonNode preconditions = body.path("preconditions");
        return new DeleteOptions(
                switch (policy) {
                    case "Background" -> Propagation.BACKGROUND;
                    case "Foreground" -> Propagation.FOREGROUND;
                    case "Orphan" -> Propagation.ORPHAN;
                    default -> throw ApiFailure.badRequest("invalid propagationPolicy: \"" + policy + "\"");
                },
                gracePeriodSeconds.isEmpty() && grace.isInt() ? OptionalInt.of(grace.asInt()) : gracePeriodSeconds,
                text(preconditions.path("uid")),
                text(preconditions.path("resourceVersion")),
                dryRun || body.path("dryRun").size() > 0);
    }

    private static Optional<String> text(JsonNode node) {
        return node.isTextual() ? Optional.of(node.asText()) : Optional.empty();
    }
}
