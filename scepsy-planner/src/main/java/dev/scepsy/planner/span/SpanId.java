package dev.scepsy.planner.span;

import java.util.HexFormat;

/** Text form of the 64-bit span ids that {@link Span} holds as longs; 0, which W3C trace context calls invalid, is no span. */
public final class SpanId {

    /** Hex digits of a full id. */
    public static final int HEX_DIGITS = 16;

    /** The id of no span: what a root's parent is. */
    public static final long NONE = 0;

    private static final HexFormat HEX = HexFormat.of();

    private SpanId() {}

    /**
     * The id that 1 to 16 hex digits of either case write; may be {@link #NONE}.
     *
     * @throws IllegalArgumentException if it is no such text
     */
    public static long ofHex(CharSequence hex) {
        if (hex.length() == 0 || hex.length() > HEX_DIGITS) {
            throw new IllegalArgumentException("The span id (" + hex + ") must have 16 hex digits.");
        }
        return HexFormat.fromHexDigitsToLong(hex);
    }

    /** 16 lower-case hex digits. */
    public static String toHex(long spanId) {
        return HEX.toHexDigits(spanId);
    }
}
