package dev.scepsy.javaagent.trace;

import dev.scepsy.javaagent.host.Stderr;
import dev.scepsy.javaagent.setting.Settings;
import java.util.Locale;

/**
 * Whether a trace's spans are exported: {@code OTEL_TRACES_SAMPLER} and its argument, decided once per trace from its id, as
 * the OpenTelemetry SDK decides. The planner's records do not ask it. Immutable.
 */
public final class Sampling {

    private final long upperBound; // Long.MAX_VALUE: all

    private Sampling(double ratio) {
        this.upperBound = ratio >= 1 ? Long.MAX_VALUE : ratio <= 0 ? Long.MIN_VALUE : (long) (ratio * Long.MAX_VALUE);
    }

    /** As the standard settings say; unknown names sample everything, and are said. */
    public static Sampling of(Settings settings) {
        String name = settings.text("otel.traces.sampler").orElse("always_on").toLowerCase(Locale.ROOT);
        if (name.endsWith("always_off")) {
            return new Sampling(0);
        }
        if (name.endsWith("traceidratio")) {
            return new Sampling(settings.number("otel.traces.sampler.arg", 0, 1));
        }
        if (!name.endsWith("always_on")) {
            Stderr.once(
                    "otel.traces.sampler",
                    "otel.traces.sampler (" + name
                            + ") is none of always_on, always_off, traceidratio, with or without parentbased_; everything is sampled.");
        }
        return new Sampling(1);
    }

    boolean keeps(long lowerHalfOfTraceId) {
        return upperBound == Long.MAX_VALUE || Math.abs(lowerHalfOfTraceId) < upperBound;
    }
}
