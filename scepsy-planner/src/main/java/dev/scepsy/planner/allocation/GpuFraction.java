package dev.scepsy.planner.allocation;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/**
 * Share f of a GPU's compute (SMs) that one engine shard may use, in (0, 1], kept as an exact reduced ratio so that ten
 * times 0.1, or three times 1/3, fill a GPU exactly.
 *
 * <p>Immutable and thread-safe.
 *
 * @param numerator at least 1
 * @param denominator at least {@code numerator}
 */
public record GpuFraction(long numerator, long denominator) implements Comparable<GpuFraction> {

    private static final GpuFraction WHOLE = new GpuFraction(1, 1);

    /** @throws IllegalArgumentException if the ratio is outside (0, 1] */
    public GpuFraction {
        if (numerator < 1 || denominator < numerator) {
            throw new IllegalArgumentException(
                    "The gpuFraction (" + numerator + "/" + denominator + ") must lie in (0, 1].");
        }
        long divisor = BigInteger.valueOf(numerator)
                .gcd(BigInteger.valueOf(denominator))
                .longValueExact();
        numerator /= divisor;
        denominator /= divisor;
    }

    /** The whole GPU, f = 1. */
    public static GpuFraction whole() {
        return WHOLE;
    }

    /** One of {@code parts} equal shares, exactly 1/parts; {@code parts} at least 1. */
    public static GpuFraction oneOf(int parts) {
        return new GpuFraction(1, parts);
    }

    /**
     * The fraction that a decimal writes, digit for digit.
     *
     * @throws IllegalArgumentException outside (0, 1] or with more than 17 decimal places
     */
    public static GpuFraction of(BigDecimal decimal) {
        if (decimal.signum() <= 0 || decimal.compareTo(BigDecimal.ONE) > 0) {
            throw new IllegalArgumentException("The gpuFraction (" + decimal.toPlainString() + ") must lie in (0, 1].");
        }
        BigDecimal stripped = decimal.stripTrailingZeros();
        if (stripped.scale() > 17) {
            throw new IllegalArgumentException(
                    "The gpuFraction (" + decimal + ") has more than 17 decimal places. Write fewer.");
        }
        int scale = Math.max(0, stripped.scale());
        return new GpuFraction(
                stripped.unscaledValue()
                        .multiply(BigInteger.TEN.pow(scale - stripped.scale()))
                        .longValueExact(),
                BigInteger.TEN.pow(scale).longValueExact());
    }

    /** The fraction that the shortest decimal form of {@code value} writes: {@code of(0.1)} is 1/10. */
    public static GpuFraction of(double value) {
        return of(BigDecimal.valueOf(value));
    }

    public boolean isWhole() {
        return numerator == denominator;
    }

    /** Nearest double. */
    public double toDouble() {
        return (double) numerator / denominator;
    }

    /** Exact where the ratio is a finite decimal, else rounded to 34 digits. */
    public BigDecimal toDecimal() {
        return BigDecimal.valueOf(numerator).divide(BigDecimal.valueOf(denominator), MathContext.DECIMAL128);
    }

    @Override
    public int compareTo(GpuFraction other) {
        return Long.compare(
                Math.multiplyExact(numerator, other.denominator), Math.multiplyExact(other.numerator, denominator));
    }

    @Override
    public String toString() {
        return isWhole() ? "1" : Double.toString(toDouble());
    }
}
