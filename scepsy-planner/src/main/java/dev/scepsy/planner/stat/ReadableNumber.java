package dev.scepsy.planner.stat;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * Numbers as people read them: no exponent, and nothing of a whole part is ever rounded away, so that 11576 GPUs are not 11580.
 */
public final class ReadableNumber {

    private ReadableNumber() {}

    /**
     * {@code value} with {@code digits} significant digits, and all those before the point; no zeros at the end. 3.14159 with 3
     * digits is 3.14, 32768.4 is 32768.
     */
    public static String of(double value, int digits) {
        if (Double.isInfinite(value) || Double.isNaN(value)) {
            return Double.isNaN(value) ? "unknown" : value > 0 ? "infinite" : "-infinite";
        }
        BigDecimal exact = BigDecimal.valueOf(value);
        int before = exact.precision() - exact.scale();
        BigDecimal rounded =
                exact.round(new MathContext(Math.max(digits, before))).stripTrailingZeros();
        return rounded.signum() == 0 ? "0" : rounded.toPlainString();
    }
}
