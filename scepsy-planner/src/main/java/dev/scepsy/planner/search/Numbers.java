package dev.scepsy.planner.search;

import java.math.BigDecimal;
import java.math.MathContext;

/** How numbers are written for people: six significant digits, no exponent. */
final class Numbers {

    private Numbers() {}

    static String plain(double value) {
        BigDecimal rounded = BigDecimal.valueOf(value).round(new MathContext(6)).stripTrailingZeros();
        return rounded.signum() == 0 ? "0" : rounded.toPlainString();
    }
}
