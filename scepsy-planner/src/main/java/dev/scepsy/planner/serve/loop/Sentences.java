package dev.scepsy.planner.serve.loop;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers in sentences for people. */
final class Sentences {

    private static final MathContext THREE_DIGITS = new MathContext(3, RoundingMode.HALF_UP);

    private Sentences() {}

    /** Three significant digits, without exponent. */
    static String number(double value) {
        return Double.isFinite(value)
                ? BigDecimal.valueOf(value)
                        .round(THREE_DIGITS)
                        .stripTrailingZeros()
                        .toPlainString()
                : "no bound";
    }

    static String seconds(double value) {
        return number(value) + " s";
    }

    static String percent(double ratio) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * ratio);
    }
}
