package dev.scepsy.planner.otlp;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import dev.scepsy.planner.span.SpanId;
import java.io.IOException;
import java.math.BigDecimal;

/** Numbers as OTLP JSON writes them, read from the parser's characters: a million spans have ten million of them. */
final class OtlpScalars {

    /** So many digits are a long, whatever they are. */
    private static final int DIGITS_OF_ANY_LONG = 18;

    private static final int LONGEST_SHOWN = 40;

    private OtlpScalars() {}

    static boolean isHex(char[] characters, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (characters[i] > 'f' || Character.digit(characters[i], 16) < 0) {
                return false;
            }
        }
        return true;
    }

    /** Sixteen digits. */
    static long hex(char[] characters, int offset) {
        long value = 0;
        for (int i = offset; i < offset + SpanId.HEX_DIGITS; i++) {
            char digit = characters[i];
            value = (value << 4) | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }
        return value;
    }

    /** A 64-bit integer, written as number or text; null is 0. */
    static long wholeNumber(JsonParser parser, String field) throws IOException {
        try {
            return switch (parser.currentToken()) {
                case VALUE_NUMBER_INT -> parser.getLongValue();
                case VALUE_STRING -> wholeNumber(parser);
                case VALUE_NUMBER_FLOAT -> new BigDecimal(parser.getText()).longValueExact();
                case VALUE_NULL -> 0;
                default -> throw new MalformedOtlpException(field + " is not a whole number");
            };
        } catch (ArithmeticException | NumberFormatException | InputCoercionException e) {
            throw new MalformedOtlpException(field + " (" + cut(parser.getText()) + ") is not a 64-bit whole number");
        }
    }

    private static long wholeNumber(JsonParser parser) throws IOException {
        char[] characters = parser.getTextCharacters();
        int offset = parser.getTextOffset();
        int length = parser.getTextLength();
        boolean fits = length <= DIGITS_OF_ANY_LONG || (length == DIGITS_OF_ANY_LONG + 1 && characters[offset] < '9');
        if (length == 0 || !fits) {
            return Long.parseLong(parser.getText());
        }
        long value = 0;
        for (int i = offset; i < offset + length; i++) {
            if (characters[i] < '0' || characters[i] > '9') {
                return Long.parseLong(parser.getText());
            }
            value = 10 * value + (characters[i] - '0');
        }
        return value;
    }

    /** A value for a message: no message is as long as what somebody sends. */
    static String cut(String value) {
        return value.length() <= LONGEST_SHOWN ? value : value.substring(0, LONGEST_SHOWN) + "...";
    }
}
