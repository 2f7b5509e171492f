package dev.scepsy.javaagent.trace;

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

    /** As the standard settings say; unknown names sample everything. */
    public static Sampling of(Settings settings) {
        String name = settings.text("otel.traces.sampler").orElse("always_on").toLowerCase(Locale.ROOT);
        if (name.endsWith("always_off")) {
            return new Sampling(0);
        }
        if (name.endsWith("traceidratio")) {
            return new Sampling(settings.number("otel.traces.sampler.arg", 0, 1));
        }
        return new Sampling(1);
    }

    boolean keeps(long lowerHalfOfTraceId) {
        return upperBound == Long.MAX_VALUE || Math.abs(lowerHalfOfTraceId) < upperBound;
    }
}
