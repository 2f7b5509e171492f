package dev.scepsy.planner.kernel;

import java.util.Arrays;
import java.util.Optional;

/** Number formats of weights and activations that decide which kernel runs. */
public enum KernelFormat {
    BF16("bfloat16", 2, 2, Arithmetic.SIXTEEN_BIT),
    /** 8-bit floats, one scale per tensor, channel or token. */
    FP8("fp8", 1, 1, Arithmetic.EIGHT_BIT),
    /** 8-bit floats, one scale per block of 128 x 128. */
    FP8_BLOCK("fp8_block", 1, 1, Arithmetic.EIGHT_BIT),
    /** 4-bit floats, one 8-bit float per 16, arithmetic in 4 bit. */
    NVFP4("nvfp4", 4.5 / 8, 4.5 / 8, Arithmetic.FOUR_BIT),
    /** 4-bit weights alone, widened before the product. */
    INT4("int4_wo", 4.25 / 8, 2, Arithmetic.SIXTEEN_BIT),
    /** 4-bit floats, one exponent per 32; weights alone. */
    MXFP4("w4a16_mxfp4", 4.25 / 8, 2, Arithmetic.SIXTEEN_BIT),
    /** The same with 8-bit activations. */
    MXFP4_MXFP8("w4a8_mxfp4_mxfp8", 4.25 / 8, 1, Arithmetic.EIGHT_BIT),
    /** 8-bit weights alone, where the card has no 8-bit floats: read as such, computed in 16 bit. */
    EIGHT_BIT_WEIGHTS("int8_wo", 1, 2, Arithmetic.SIXTEEN_BIT),
    FP32("float32", 4, 4, Arithmetic.THIRTY_TWO_BIT);

    /** Width of the arithmetic units that a product runs on. */
    public enum Arithmetic {
        THIRTY_TWO_BIT,
        SIXTEEN_BIT,
        EIGHT_BIT,
        FOUR_BIT
    }

    private final String key;
    private final double weightBytes;
    private final double activationBytes;
    private final Arithmetic arithmetic;

    KernelFormat(String key, double weightBytes, double activationBytes, Arithmetic arithmetic) {
        this.key = key;
        this.weightBytes = weightBytes;
        this.activationBytes = activationBytes;
        this.arithmetic = arithmetic;
    }

    /** As kernel tables write it. */
    public String key() {
        return key;
    }

    /** Bytes of one weight, its share of the scales included. */
    public double weightBytes() {
        return weightBytes;
    }

    double activationBytes() {
        return activationBytes;
    }

    Arithmetic arithmetic() {
        return arithmetic;
    }

    /** The format that tables write as {@code key}. */
    public static Optional<KernelFormat> of(String key) {
        return Arrays.stream(values()).filter(format -> format.key.equals(key)).findFirst();
    }
}
