package dev.scepsy.planner.share;

import dev.scepsy.planner.span.EngineTimes;
import java.util.Optional;

/**
 * What engines said about calls to one model, summed.
 *
 * @param calls calls whose engine reported
 * @param times their times
 */
public record EngineUse(long calls, EngineTimes times) {

    static final EngineUse NONE = new EngineUse(0, new EngineTimes(0, 0, 0));
    private static final double NANOS_PER_SECOND = 1e9;

    EngineUse plus(EngineUse other) {
        return other.calls == 0 ? this : new EngineUse(calls + other.calls, times.plus(other.times));
    }

    Optional<EngineSeconds> seconds() {
        return calls == 0
                ? Optional.empty()
                : Optional.of(new EngineSeconds(
                        calls,
                        times.queueNanos() / NANOS_PER_SECOND / calls,
                        times.prefillNanos() / NANOS_PER_SECOND / calls,
                        times.decodeNanos() / NANOS_PER_SECOND / calls));
    }
}
