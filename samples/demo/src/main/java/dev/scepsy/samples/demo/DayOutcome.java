package dev.scepsy.samples.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of one phase; emulated seconds since the first plan served.
 *
 * @param noticed the first trigger of a kind that counts; null: none
 * @param noticedAfterSeconds from the phase's beginning
 * @param proposals those made in the phase, oldest first
 */
record DayOutcome(
        DayPhase phase,
        double fromSeconds,
        double toSeconds,
        @Nullable JsonNode noticed,
        double noticedAfterSeconds,
        List<JsonNode> proposals) {

    DayOutcome {
        proposals = List.copyOf(proposals);
    }

    /** Whether what was to be noticed was. */
    boolean asItShould() {
        return phase.triggers().isEmpty() || noticed != null;
    }

    /** States of its proposals in the order they were made, joined; {@code none} without. */
    String states() {
        return proposals.isEmpty()
                ? "none"
                : String.join(
                        "+",
                        proposals.stream()
                                .map(proposal -> proposal.path("state").asText())
                                .toList());
    }

    /** Engines started or stopped by what was applied. */
    int moves() {
        return proposals.stream()
                .filter(proposal -> proposal.hasNonNull("planEntry"))
                .mapToInt(proposal -> proposal.path("cost").path("moves").asInt())
                .sum();
    }

    String trigger() {
        return noticed == null ? "none" : noticed.path("kind").asText();
    }
}
