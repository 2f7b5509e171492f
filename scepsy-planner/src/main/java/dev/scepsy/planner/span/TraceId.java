package dev.scepsy.planner.span;

import java.util.HexFormat;

/**
 * 128-bit id of a trace. Immutable; two longs instead of 32 characters because every recorded span holds one.
 *
 * @param high the first 16 hex digits
 * @param low the last 16 hex digits
 */
public record TraceId(long high, long low) implements Comparable<TraceId> {

    /** Hex digits of a full id. */
    public static final int HEX_DIGITS = 32;

    private static final HexFormat HEX = HexFormat.of();

    /**
     * The id that 1 to 32 hex digits of either case write; shorter ones (64-bit trace ids) are padded on the left.
     *
     * @throws IllegalArgumentException if it is no such text, or all zeros (the invalid id of W3C trace context)
     */
    public static TraceId ofHex(CharSequence hex) {
        int digits = hex.length();
        if (digits == 0 || digits > HEX_DIGITS) {
            throw new IllegalArgumentException("The trace id (" + hex + ") must have 32 hex digits.");
        }
        int lowFrom = Math.max(0, digits - SpanId.HEX_DIGITS);
        long high = lowFrom == 0 ? 0 : HexFormat.fromHexDigitsToLong(hex, 0, lowFrom);
        TraceId id = new TraceId(high, HexFormat.fromHexDigitsToLong(hex, lowFrom, digits));
        if (id.high == 0 && id.low == 0) {
            throw new IllegalArgumentException("The trace id (" + hex + ") must not be all zeros.");
        }
        return id;
    }

    /** 32 lower-case hex digits. */
    public String toHex() {
        return HEX.toHexDigits(high) + HEX.toHexDigits(low);
    }

    @Override
    public int compareTo(TraceId other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    @Override
    public int hashCode() {
        // ids are random, but emulated ones may differ in few bits only
        long mixed = (high * 31 + low) * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32);
    }

    @Override
    public String toString() {
        return toHex();
    }
}
