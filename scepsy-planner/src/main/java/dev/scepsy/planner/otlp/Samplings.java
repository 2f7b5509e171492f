package dev.scepsy.planner.otlp;

import dev.scepsy.planner.span.Sampling;
import org.jspecify.annotations.Nullable;

/** What trace states say, with one value for spans of one trace, and for traces kept alike. Not thread-safe. */
final class Samplings {

    private String lastState = "";
    private @Nullable Sampling last;

    @Nullable
    Sampling of(String traceState) {
        if (!traceState.equals(lastState)) {
            Sampling read = Sampling.ofTraceState(traceState);
            last = read != null && read.equals(last) ? last : read;
            lastState = traceState;
        }
        return last;
    }
}
