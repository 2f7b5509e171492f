package dev.scepsy.planner.profile;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Number format of weights or of cached keys and values.
 *
 * <p>Four-bit formats carry scales: NVFP4 and MXFP4 about 4.5 bits a weight, grouped int4 about 4.25.
 */
public enum Precision {
    FP32(32),
    BF16(16),
    FP8(8),
    INT8(8),
    INT4(4.25),
    FP4(4.5);

    private final double bits;

    Precision(double bits) {
        this.bits = bits;
    }

    /** Bytes one number takes, its share of the scales included. */
    public double bytes() {
        return bits / 8;
    }

    boolean isFourBit() {
        return this == INT4 || this == FP4;
    }

    /** As files write it: {@code bf16}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The precision that files write as {@code key}, whatever its case; empty for an unknown one. */
    public static Optional<Precision> of(String key) {
        return Arrays.stream(values())
                .filter(precision -> precision.key().equals(key.toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    /** All keys, for messages. */
    public static String keys() {
        return Arrays.stream(values()).map(Precision::key).collect(Collectors.joining(", "));
    }
}
