package dev.scepsy.planner.span;

import org.jspecify.annotations.Nullable;

/**
 * With which probability a trace was kept, as its {@code tracestate} says (OpenTelemetry, TraceState Probability Sampling). Immutable.
 *
 * @param probability in (0, 1]
 */
public record Sampling(double probability) {

    private static final String VENDOR = "ot=";
    private static final String THRESHOLD = "th:";
    private static final String LEGACY = "p:";

    /** Hex digits of a threshold; fewer are followed by zeros. */
    private static final int DIGITS = 14;

    private static final double WHOLE = 0x1p56;

    /** Largest exponent of the older form; 63 says that the trace stands for none. */
    private static final int LARGEST_EXPONENT = 62;

    /** @throws IllegalArgumentException if it is no probability above 0 */
    public Sampling {
        if (!(probability > 0 && probability <= 1)) {
            throw new IllegalArgumentException("The sampling probability (" + probability + ") must be in (0, 1].");
        }
    }

    /**
     * What {@code tracestate} says: {@code ot=th:T} is p = 1 − T / 2^56, {@code ot=p:N} (older) p = 2^−N; null where it says neither,
     * or something else.
     */
    public static @Nullable Sampling ofTraceState(String traceState) {
        for (int at = 0; at < traceState.length(); ) {
            int end = endOf(traceState, at, ',');
            int from = at;
            while (from < end && traceState.charAt(from) == ' ') {
                from++;
            }
            if (traceState.startsWith(VENDOR, from)) {
                return ofVendor(traceState, from + VENDOR.length(), end);
            }
            at = end + 1;
        }
        return null;
    }

    private static @Nullable Sampling ofVendor(String text, int from, int to) {
        Sampling legacy = null;
        for (int at = from; at < to; ) {
            int end = Math.min(to, endOf(text, at, ';'));
            if (text.startsWith(THRESHOLD, at)) {
                return ofThreshold(text, at + THRESHOLD.length(), end);
            }
            if (text.startsWith(LEGACY, at)) {
                legacy = ofExponent(text.substring(at + LEGACY.length(), end).strip());
            }
            at = end + 1;
        }
        return legacy;
    }

    private static @Nullable Sampling ofThreshold(String text, int from, int to) {
        int last = to;
        while (last > from && text.charAt(last - 1) == ' ') {
            last--;
        }
        if (last == from || last - from > DIGITS) {
            return null;
        }
        long threshold = 0;
        for (int i = 0; i < DIGITS; i++) {
            int digit = from + i < last ? Character.digit(text.charAt(from + i), 16) : 0;
            if (digit < 0) {
                return null;
            }
            threshold = (threshold << 4) | digit;
        }
        return new Sampling((WHOLE - threshold) / WHOLE);
    }

    private static @Nullable Sampling ofExponent(String digits) {
        if (!digits.matches("[0-9]{1,2}") || Integer.parseInt(digits) > LARGEST_EXPONENT) {
            return null;
        }
        return new Sampling(Math.scalb(1.0, -Integer.parseInt(digits)));
    }

    private static int endOf(String text, int from, char delimiter) {
        int found = text.indexOf(delimiter, from);
        return found < 0 ? text.length() : found;
    }
}
