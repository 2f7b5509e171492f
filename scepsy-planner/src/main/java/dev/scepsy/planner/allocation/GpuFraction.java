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

    /** More decimal places than this are read as a ratio of small whole numbers, so that products stay in a long. */
    private static final int MOST_DECIMAL_PLACES = 9;

    private static final int LARGEST_RATIO_DENOMINATOR = 1024;

    /**
     * The fraction that a decimal writes, digit for digit. One of more than nine decimal places is the ratio k/n, n up to
     * 1024, that it is the nearest double of: 0.3333333333333333 is 1/3.
     *
     * @throws IllegalArgumentException outside (0, 1], or with more than nine decimal places and no such ratio
     */
    public static GpuFraction of(BigDecimal decimal) {
        if (decimal.signum() <= 0 || decimal.compareTo(BigDecimal.ONE) > 0) {
            throw new IllegalArgumentException("The gpuFraction (" + decimal.toPlainString() + ") must lie in (0, 1].");
        }
        BigDecimal stripped = decimal.stripTrailingZeros();
        if (stripped.scale() > MOST_DECIMAL_PLACES) {
            return ratio(decimal);
        }
        int scale = Math.max(0, stripped.scale());
        return new GpuFraction(
                stripped.unscaledValue()
                        .multiply(BigInteger.TEN.pow(scale - stripped.scale()))
                        .longValueExact(),
                BigInteger.TEN.pow(scale).longValueExact());
    }

    private static GpuFraction ratio(BigDecimal decimal) {
        double value = decimal.doubleValue();
        for (int n = 3; n <= LARGEST_RATIO_DENOMINATOR; n++) {
            long k = Math.round(value * n);
            if (k > 0 && k <= n && (double) k / n == value) {
                return new GpuFraction(k, n);
            }
        }
        throw new IllegalArgumentException("The gpuFraction (" + decimal + ") has more than " + MOST_DECIMAL_PLACES
                + " decimal places. Write fewer.");
    }

    /** The fraction that the shortest decimal form of {@code value} writes: {@code of(0.1)} is 1/10. */
    public static GpuFraction of(double value) {
        return of(BigDecimal.valueOf(value));
    }

    public boolean isWhole() {
        return numerator == denominator;
    }

    /** This share of {@code whole}, rounded once. */
    public double partOf(double whole) {
        return whole * numerator / denominator;
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
