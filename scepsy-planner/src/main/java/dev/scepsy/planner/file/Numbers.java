package dev.scepsy.planner.file;

import java.math.BigInteger;
import java.util.Locale;

/** Numbers as YAML 1.2 and JSON write them. */
final class Numbers {

    private Numbers() {}

    /** The nearest double; not a number or infinite where the text says so or exceeds what a double holds. */
    static double toDouble(String written) {
        String text = written.toLowerCase(Locale.ROOT);
        if (text.startsWith("0x")) {
            return new BigInteger(text.substring(2), 16).doubleValue();
        }
        if (text.startsWith("0o")) {
            return new BigInteger(text.substring(2), 8).doubleValue();
        }
        return switch (text) {
            case ".inf", "+.inf" -> Double.POSITIVE_INFINITY;
            case "-.inf" -> Double.NEGATIVE_INFINITY;
            case ".nan" -> Double.NaN;
            default -> Double.parseDouble(text);
        };
    }
}
