package dev.scepsy.planner.otlp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A place in the bytes of a JSON text, moved from token to token. It knows what programs write; at anything else it gives up
 * ({@link NotPlain}), and a whole parser reads the text from its beginning and says what is wrong with it. So this one may know
 * less JSON than there is, but must never take for JSON what is none.
 *
 * <p>Texts are looked over eight bytes at a time: on a byte that ends a run (quote, backslash, control character, not ASCII) one of
 * four tests leaves the highest bit of the lowest such byte (H. Warren, Hacker's Delight, 2nd edition, 6-1).
 *
 * <p>Reusable after {@link #begin}; not thread-safe.
 */
final class PlainJson {

    /** The text is not of the plain kind. Without a trace: it is thrown once a line in files that are different. */
    static final class NotPlain extends Exception {
        private static final long serialVersionUID = 1;

        NotPlain() {
            super(null, null, false, false);
        }
    }

    private static final NotPlain NOT_PLAIN = new NotPlain();
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final int LONGEST_NAME = 1000;
    private static final int LONGEST_NUMBER = 100;
    private static final int DEEPEST = 100;
    private static final int DIGITS_OF_ANY_LONG = 18;
    private static final int SIXTEEN = 16;
    private static final byte[] HEX = new byte[256];

    static {
        java.util.Arrays.fill(HEX, (byte) -1);
        for (int digit = 0; digit < 16; digit++) {
            HEX[Character.toUpperCase(Character.forDigit(digit, 16))] = (byte) digit;
            HEX[Character.forDigit(digit, 16)] = (byte) digit;
        }
    }

    private byte[] bytes = new byte[0];
    private int at;
    private int end;
    private int textFrom;
    private int textTo;
    private boolean textIsAscii;
    private long passed;
    private boolean textHasEscapes;

    static NotPlain givesUp() {
        return NOT_PLAIN;
    }

    /** Where the next line feed stands; {@code to} where none does. */
    static int lineEnd(byte[] bytes, int from, int to) {
        int at = from;
        for (int lastWord = to - Long.BYTES; at <= lastWord; at += Long.BYTES) {
            long difference = (long) WORDS.get(bytes, at) ^ (ONES * '\n');
            long found = (difference - ONES) & ~difference & HIGH_BITS;
            if (found != 0) {
                return at + (Long.numberOfTrailingZeros(found) >>> 3);
            }
        }
        while (at < to && bytes[at] != '\n') {
            at++;
        }
        return at;
    }

    /** Stands before the first of these bytes from now on. */
    void begin(byte[] json, int offset, int length) {
        bytes = json;
        at = offset;
        end = offset + length;
    }

    byte[] bytes() {
        return bytes;
    }

    /** The next byte. */
    int at() {
        return at;
    }

    /** Behind the last byte. */
    int end() {
        return end;
    }

    /** Stands there from now on. */
    void moveTo(int place) {
        at = place;
    }

    /** Whether these bytes come next; they are passed then. */
    boolean passes(byte[] expected) {
        int to = at + expected.length;
        if (to > end || !java.util.Arrays.equals(bytes, at, to, expected, 0, expected.length)) {
            return false;
        }
        at = to;
        return true;
    }

    /** The first byte of the text that was read last. */
    int textFrom() {
        return textFrom;
    }

    /** Behind the last byte of the text that was read last. */
    int textTo() {
        return textTo;
    }

    /** Whether the text that was read last stands there as it is, in ASCII. */
    boolean textIsPlain() {
        return textIsAscii && !textHasEscapes;
    }

    /** The text that was read last. */
    String text() throws NotPlain {
        if (textHasEscapes) {
            throw NOT_PLAIN;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(java.nio.ByteBuffer.wrap(bytes, textFrom, textTo - textFrom))
                    .toString();
        } catch (java.nio.charset.CharacterCodingException e) {
            throw NOT_PLAIN;
        }
    }

    /** The next byte that is not blank, which is not passed. */
    byte peek() throws NotPlain {
        while (at < end) {
            byte next = bytes[at];
            if (next > ' ') {
                return next;
            }
            if (next != ' ' && next != '\t' && next != '\r') {
                throw NOT_PLAIN;
            }
            at++;
        }
        throw NOT_PLAIN;
    }

    /** Passes that byte and what is blank before it. */
    void pass(char expected) throws NotPlain {
        // programs write no blanks
        if (at < end && bytes[at] == expected) {
            at++;
        } else if (peek() == expected) {
            at++;
        } else {
            throw NOT_PLAIN;
        }
    }

    /** Whether that byte comes next; it is passed then. */
    boolean passes(char possible) throws NotPlain {
        boolean comes = peek() == possible;
        at += comes ? 1 : 0;
        return comes;
    }

    /** Whether nothing is left of the line. */
    boolean isAtLineEnd() {
        while (at < end && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\r')) {
            at++;
        }
        return at == end || bytes[at] == '\n';
    }

    /** Whether a further member comes, behind a comma unless it is the first; else the object's end was passed. */
    boolean member(boolean first) throws NotPlain {
        return goesOn(first, '}');
    }

    /** Whether a further element comes, behind a comma unless it is the first; else the list's end was passed. */
    boolean element(boolean first) throws NotPlain {
        return goesOn(first, ']');
    }

    private boolean goesOn(boolean first, char close) throws NotPlain {
        byte next = at < end && bytes[at] > ' ' ? bytes[at] : peek();
        if (next == close) {
            at++;
            return false;
        }
        if (!first) {
            if (next != ',') {
                throw NOT_PLAIN;
            }
            at++;
        }
        return true;
    }

    /** Passes a member's name, which is then the text, and the colon. */
    void name() throws NotPlain {
        string();
        if (!textIsPlain() || textTo - textFrom > LONGEST_NAME) {
            throw NOT_PLAIN;
        }
        pass(':');
    }

    /** Passes a text in quotes. */
    void string() throws NotPlain {
        pass('"');
        textFrom = at;
        textIsAscii = true;
        textHasEscapes = false;
        while (true) {
            run();
            byte special = at < end ? bytes[at] : 0;
            if (special == '"') {
                textTo = at++;
                return;
            }
            if (special == '\\') {
                escape();
            } else if (special < 0) {
                character();
            } else {
                throw NOT_PLAIN;
            }
        }
    }

    /** Passes bytes that mean themselves. */
    private void run() {
        int from = at;
        int lastWord = end - Long.BYTES;
        while (from <= lastWord) {
            long word = (long) WORDS.get(bytes, from);
            long quote = word ^ (ONES * '"');
            long backslash = word ^ (ONES * '\\');
            long found = (((quote - ONES) & ~quote)
                            | ((backslash - ONES) & ~backslash)
                            | ((word - ONES * ' ') & ~word)
                            | word)
                    & HIGH_BITS;
            if (found != 0) {
                at = from + (Long.numberOfTrailingZeros(found) >>> 3);
                return;
            }
            from += Long.BYTES;
        }
        while (from < end && bytes[from] >= ' ' && bytes[from] != '"' && bytes[from] != '\\') {
            from++;
        }
        at = from;
    }

    private void escape() throws NotPlain {
        textHasEscapes = true;
        if (at + 1 >= end) {
            throw NOT_PLAIN;
        }
        switch (bytes[at + 1]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> at += 2;
            case 'u' -> {
                for (int i = at + 2; i < at + 6; i++) {
                    if (i >= end || HEX[bytes[i] & 0xff] < 0) {
                        throw NOT_PLAIN;
                    }
                }
                at += 6;
            }
            default -> throw NOT_PLAIN;
        }
    }

    /** Passes a character of UTF-8 of two to four bytes. */
    private void character() throws NotPlain {
        textIsAscii = false;
        int first = bytes[at] & 0xff;
        int length = (first & 0xe0) == 0xc0 ? 2 : (first & 0xf0) == 0xe0 ? 3 : (first & 0xf8) == 0xf0 ? 4 : 0;
        if (length == 0 || at + length > end) {
            throw NOT_PLAIN;
        }
        for (int i = at + 1; i < at + length; i++) {
            if ((bytes[i] & 0xc0) != 0x80) {
                throw NOT_PLAIN;
            }
        }
        at += length;
    }

    /** Passes a value of any kind. */
    void skip() throws NotPlain {
        skip(0);
    }

    private void skip(int depth) throws NotPlain {
        if (depth > DEEPEST) {
            throw NOT_PLAIN;
        }
        switch (peek()) {
            case '"' -> string();
            case '{' -> {
                at++;
                for (boolean first = true; member(first); first = false) {
                    name();
                    skip(depth + 1);
                }
            }
            case '[' -> {
                at++;
                for (boolean first = true; element(first); first = false) {
                    skip(depth + 1);
                }
            }
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> number();
        }
    }

    private void word(String word) throws NotPlain {
        int length = word.length();
        if (at + length >= end) {
            throw NOT_PLAIN;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[at + i] != word.charAt(i)) {
                throw NOT_PLAIN;
            }
        }
        at += length;
    }

    /** Passes a number, which is then the text; whether it is a whole one. */
    boolean number() throws NotPlain {
        peek();
        textFrom = at;
        if (bytes[at] == '-') {
            at++;
        }
        int digits = digits();
        boolean zeroFirst = bytes[at - digits] == '0';
        if (digits > 1 && zeroFirst) {
            throw NOT_PLAIN;
        }
        boolean whole = true;
        if (at < end && bytes[at] == '.') {
            at++;
            digits();
            whole = false;
        }
        if (at < end && (bytes[at] == 'e' || bytes[at] == 'E')) {
            at++;
            if (at < end && (bytes[at] == '+' || bytes[at] == '-')) {
                at++;
            }
            digits();
            whole = false;
        }
        textTo = at;
        if (textTo - textFrom > LONGEST_NUMBER) {
            throw NOT_PLAIN;
        }
        return whole;
    }

    private int digits() throws NotPlain {
        int from = at;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        if (at == from) {
            throw NOT_PLAIN;
        }
        return at - from;
    }

    /** Passes a whole number, in quotes or without, that is a long by its length and first digit. */
    long wholeNumber() throws NotPlain {
        // nearly all of them: in quotes, not negative, of at most so many digits that they fit
        if (at < end && bytes[at] == '"') {
            int last = Math.min(end, at + 2 + DIGITS_OF_ANY_LONG);
            long value = 0;
            for (int i = at + 1; i < last; i++) {
                int digit = bytes[i] - '0';
                if (digit < 0 || digit > 9) {
                    if (bytes[i] == '"' && i > at + 1) {
                        textFrom = at + 1;
                        textTo = i;
                        at = i + 1;
                        return value;
                    }
                    break;
                }
                value = 10 * value + digit;
            }
        }
        if (peek() == '"') {
            string();
        } else if (!number()) {
            throw NOT_PLAIN;
        }
        int from = textFrom;
        boolean negative = from < textTo && bytes[from] == '-';
        from += negative ? 1 : 0;
        int digits = textTo - from;
        boolean fits = digits <= DIGITS_OF_ANY_LONG || (digits == DIGITS_OF_ANY_LONG + 1 && bytes[from] < '9');
        if (digits == 0 || !fits) {
            throw NOT_PLAIN;
        }
        long value = 0;
        for (int i = from; i < textTo; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                throw NOT_PLAIN;
            }
            value = 10 * value + digit;
        }
        return negative ? -value : value;
    }

    /** Whether the text that was read last is so many hex digits. */
    boolean isHex(int digits) {
        if (textTo - textFrom != digits) {
            return false;
        }
        int all = 0;
        for (int i = textFrom; i < textTo; i++) {
            all |= HEX[bytes[i] & 0xff];
        }
        return all >= 0;
    }

    /** Passes sixteen hex digits in quotes, which are then {@link #passedHex}, if they come next. */
    boolean passesHex() {
        int from = at + 1;
        int to = from + SIXTEEN;
        if (to >= end || bytes[at] != '"' || bytes[to] != '"') {
            return false;
        }
        long value = 0;
        int all = 0;
        for (int i = from; i < to; i++) {
            int digit = HEX[bytes[i] & 0xff];
            all |= digit;
            value = (value << 4) | digit;
        }
        if (all < 0) {
            return false;
        }
        passed = value;
        at = to + 1;
        return true;
    }

    /** What {@link #passesHex} passed last. */
    long passedHex() {
        return passed;
    }

    /** Sixteen hex digits of the text that was read last. */
    long hex(int skipped) {
        long value = 0;
        int from = textFrom + skipped;
        for (int i = from; i < from + 16; i++) {
            value = (value << 4) | HEX[bytes[i] & 0xff];
        }
        return value;
    }
}
