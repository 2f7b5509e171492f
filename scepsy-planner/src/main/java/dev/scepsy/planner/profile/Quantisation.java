package dev.scepsy.planner.profile;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a published checkpoint stores its weights. Parts that are not named are stored in 16 bit. Immutable.
 *
 * @param parts by part, how it is stored and which share of its layers is
 */
public record Quantisation(Map<WeightPart, Stored> parts) {

    public Quantisation {
        // in the order of the parts, so that answers do not depend on chance
        Map<WeightPart, Stored> ordered = new EnumMap<>(WeightPart.class);
        ordered.putAll(parts);
        parts = Collections.unmodifiableMap(ordered);
    }

    /** Number format and scales of quantised weights: what decides which kernel runs. */
    public enum Kind {
        /** 8-bit floats, one scale per matrix. */
        FP8_TENSOR(Precision.FP8),
        /** 8-bit floats, one scale per output channel. */
        FP8_CHANNEL(Precision.FP8),
        /** 8-bit floats, one scale per block, usually of 128 x 128. */
        FP8_BLOCK(Precision.FP8),
        /** 8-bit integers, one scale per output channel. */
        INT8(Precision.INT8),
        /** 4-bit integers, one scale per group: AWQ, GPTQ, packed compressed-tensors. */
        INT4_GROUP(Precision.INT4),
        /** 4-bit normal floats of bitsandbytes. */
        NF4(Precision.INT4),
        /** 4-bit floats, one 8-bit exponent per 32. */
        MXFP4(Precision.FP4),
        /** 4-bit floats, one 8-bit float per 16. */
        NVFP4(Precision.FP4);

        private final Precision precision;

        Kind(Precision precision) {
            this.precision = precision;
        }

        /** The word of {@code weightPrecision} for it. */
        public Precision precision() {
            return precision;
        }

        /** As tables and messages write it: {@code fp8-block}. */
        public String key() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * How one part is stored.
     *
     * @param kind number format
     * @param bitsPerWeight with its share of scales and zero points
     * @param share part of the layers that is stored so, in (0, 1]; the rest is in 16 bit
     */
    public record Stored(Kind kind, double bitsPerWeight, double share) {

        private static final double SIXTEEN_BITS = 16;

        /** Bytes of one weight, the unquantised layers averaged in. */
        double bytesPerWeight() {
            return (share * bitsPerWeight + (1 - share) * SIXTEEN_BITS) / 8;
        }
    }

    /** All the given parts alike. */
    public static Quantisation of(Kind kind, double bitsPerWeight, WeightPart... parts) {
        Map<WeightPart, Stored> stored = new EnumMap<>(WeightPart.class);
        for (WeightPart part : parts) {
            stored.put(part, new Stored(kind, bitsPerWeight, 1));
        }
        return new Quantisation(stored);
    }

    /** Bytes of one weight of {@code part}. */
    public double bytesPerWeight(WeightPart part) {
        Stored stored = parts.get(part);
        return stored == null ? 2 : stored.bytesPerWeight();
    }

    /** The kinds in it, for messages: {@code fp8-block} or {@code fp8-tensor and nvfp4}. */
    public String formats() {
        return kinds().stream().map(Kind::key).collect(Collectors.joining(" and "));
    }

    /** The kinds in it, in the order of {@link WeightPart}. */
    public Set<Kind> kinds() {
        Set<Kind> kinds = new LinkedHashSet<>();
        for (WeightPart part : WeightPart.values()) {
            Stored stored = parts.get(part);
            if (stored != null) {
                kinds.add(stored.kind());
            }
        }
        return kinds;
    }
}
