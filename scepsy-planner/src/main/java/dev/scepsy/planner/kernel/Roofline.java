package dev.scepsy.planner.kernel;

/**
 * What a card could do at best: the larger of traffic over bandwidth and arithmetic over peak. Immutable.
 *
 * @param bytesPerMicrosecond peak memory bandwidth
 * @param sixteenBitFlops peak dense arithmetic, FLOP per microsecond; that of 32 bit is taken as half of it
 * @param eightBitFlops the same in 8 bit; where the card has none, as in 16 bit
 * @param fourBitFlops the same in 4 bit; where the card has none, as in 16 bit
 */
public record Roofline(double bytesPerMicrosecond, double sixteenBitFlops, double eightBitFlops, double fourBitFlops) {

    private static final double OUTPUT_BYTES = 2;

    double flops(KernelFormat format) {
        return switch (format.arithmetic()) {
            case THIRTY_TWO_BIT -> sixteenBitFlops / 2;
            case SIXTEEN_BIT -> sixteenBitFlops;
            case EIGHT_BIT -> eightBitFlops;
            case FOUR_BIT -> fourBitFlops;
        };
    }

    /** A product of {@code m} tokens with {@code n} x {@code k} weights, microseconds. */
    double productMicros(KernelFormat format, double n, double k, double m) {
        double bytes = n * k * format.weightBytes() + m * k * format.activationBytes() + OUTPUT_BYTES * m * n;
        return Math.max(bytes / bytesPerMicrosecond, 2 * n * k * m / flops(format));
    }

    /** Which part of a product's traffic and arithmetic, done one after the other, is arithmetic, in (0, 1). */
    double arithmeticShare(KernelFormat format, double n, double k, double m) {
        double bytes = n * k * format.weightBytes() + m * k * format.activationBytes() + OUTPUT_BYTES * m * n;
        double arithmetic = 2 * n * k * m / flops(format);
        return arithmetic / (arithmetic + bytes / bytesPerMicrosecond);
    }

    /** One layer's routed experts, split over {@code tensorParallel} GPUs, microseconds. */
    double expertsMicros(KernelFormat format, ExpertShape shape, double tensorParallel, double tokens) {
        double weights = shape.matrices() * shape.hiddenSize() * (double) shape.width() / tensorParallel;
        double read = weights * shape.experts() * shape.shareTouched(tokens) * format.weightBytes();
        return Math.max(read / bytesPerMicrosecond, 2 * weights * shape.perToken() * tokens / flops(format));
    }

    /** Reading {@code elements} cached numbers of {@code bytes} each, microseconds. */
    double readMicros(double elements, double bytes) {
        return elements * bytes / bytesPerMicrosecond;
    }

    /** Attention of a prompt over {@code pairs} pairs of query and key, microseconds. */
    public double pairsMicros(double heads, double headSize, double pairs) {
        return 4 * heads * headSize * pairs / sixteenBitFlops;
    }
}
