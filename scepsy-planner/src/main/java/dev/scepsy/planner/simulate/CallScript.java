package dev.scepsy.planner.simulate;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One call or pause of an execution to be replayed. Immutable.
 *
 * @param model the self-hosted model it calls; empty for a tool or an external model, which take {@code fixedSeconds}
 * @param inputTokens prompt tokens, at least 1
 * @param outputTokens generated tokens, 0 or more
 * @param fixedSeconds how long it takes when it calls no self-hosted model
 * @param after numbers of the calls that have to be done before it starts
 * @param gapSeconds orchestration time between their end and its start
 * @param continues number of the call whose prompt and answer its prompt begins with; empty: none that is known
 */
public record CallScript(
        Optional<String> model,
        int inputTokens,
        int outputTokens,
        double fixedSeconds,
        List<Integer> after,
        double gapSeconds,
        OptionalInt continues) {

    public CallScript {
        after = List.copyOf(after);
    }

    /** A prompt of its own. */
    public CallScript(
            Optional<String> model,
            int inputTokens,
            int outputTokens,
            double fixedSeconds,
            List<Integer> after,
            double gapSeconds) {
        this(model, inputTokens, outputTokens, fixedSeconds, after, gapSeconds, OptionalInt.empty());
    }

    /** The same with a prompt of its own. */
    CallScript withoutConversation() {
        return new CallScript(model, inputTokens, outputTokens, fixedSeconds, after, gapSeconds);
    }
}
