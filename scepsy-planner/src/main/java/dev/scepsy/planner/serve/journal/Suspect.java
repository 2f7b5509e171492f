package dev.scepsy.planner.serve.journal;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * GPUs on which an engine was slower than its work explains: plans leave them out until it is over. Immutable.
 *
 * @param gpus numbers on the node; empty: not known, and all of the node are meant
 * @param model of the engine
 * @param engine its name in messages
 * @param measuredSecondsPerToken when it was found
 * @param expectedSecondsPerToken of its siblings then; without siblings its own before
 * @param requests that were measured
 * @param since when it became slow
 * @param leftAt when the last engine had gone from there; null: one is there
 * @param nothingBetter why nothing was proposed for it, a sentence; null: something was, or it was not planned for yet
 */
public record Suspect(
        String node,
        List<Integer> gpus,
        String model,
        String engine,
        double measuredSecondsPerToken,
        double expectedSecondsPerToken,
        double requests,
        Instant since,
        @Nullable Instant leftAt,
        @Nullable String nothingBetter) {

    public Suspect {
        gpus = List.copyOf(gpus);
    }

    /** How many times as long as expected a token took there. */
    public double factor() {
        return measuredSecondsPerToken / expectedSecondsPerToken;
    }

    /** Whether it is about GPU {@code gpu} of {@code node}. */
    public boolean isAbout(String node, int gpu) {
        return this.node.equals(node) && (gpus.isEmpty() || gpus.contains(gpu));
    }

    /** The same, left at another time. */
    public Suspect left(@Nullable Instant at) {
        return new Suspect(
                node,
                gpus,
                model,
                engine,
                measuredSecondsPerToken,
                expectedSecondsPerToken,
                requests,
                since,
                at,
                nothingBetter);
    }

    /** The same after it was planned for. */
    public Suspect planned(@Nullable String why) {
        return new Suspect(
                node,
                gpus,
                model,
                engine,
                measuredSecondsPerToken,
                expectedSecondsPerToken,
                requests,
                since,
                leftAt,
                why);
    }
}
