package dev.scepsy.javaagent.trace;

import dev.scepsy.javaagent.host.Stderr;
import dev.scepsy.javaagent.setting.Settings;
import java.util.Locale;

/**
 * Whether a trace's spans are exported: {@code OTEL_TRACES_SAMPLER} and its argument, decided once per trace from its id. The
 * planner's records do not ask it. Immutable.
 *
 * <p>A ratio p is decided as OpenTelemetry's probability sampling says (specification "TraceState: Probability Sampling", 2.0): kept is a
 * trace whose last 56 bits, which are random, are not below the threshold T = (1 - p) x 2^56, and its spans say T in their {@code
 * tracestate}, so that whoever counts them knows that each stands for 1/p.
 */
public final class Sampling {

    private static final int RANDOM_BITS = 56;
    private static final long ALL = 1L << RANDOM_BITS;

    private final long threshold; // 0: everything, ALL: nothing

    private Sampling(double ratio) {
        this.threshold = ratio >= 1 ? 0 : ratio <= 0 ? ALL : Math.min(ALL, Math.round((1 - ratio) * ALL));
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
        return (lowerHalfOfTraceId & (ALL - 1)) >= threshold;
    }

    /** The value of OpenTelemetry's part ({@code ot}) of {@code tracestate}, such as {@code th:8} for one half; empty where all or nothing is kept. */
    public String state() {
        if (threshold == 0 || threshold == ALL) {
            return "";
        }
        String digits = Long.toHexString(ALL | threshold).substring(1); // Zeros in front count, at the end they do not.
        int end = digits.length();
        while (digits.charAt(end - 1) == '0') {
            end--;
        }
        return "th:" + digits.substring(0, end);
    }
}
