package dev.scepsy.planner.otlp;

import dev.scepsy.planner.span.SpanAttribute;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an attribute that was read, by which the next one like it is known without reading its tokens: programs write the same
 * attributes in the same order again and again. An attribute that begins like this one up to the value and ends like it behind it
 * says the same key and the same type; one that is the same altogether says the same value. Each shape knows some of those that came
 * behind it. Not thread-safe.
 */
final class AttributeShape {

    /** Longer values are rarely the same twice; of them the beginning is kept. */
    private static final int LONGEST = 256;

    /** What comes behind one attribute in spans of different kinds. */
    private static final int FOLLOWERS = 4;

    private final byte[] whole;
    private final int valueFrom;
    private final int valueTo;
    private final @Nullable AttributeShape[] followers = new @Nullable AttributeShape[FOLLOWERS];
    private int nextFollower;

    /** What statistics read of it; null where they do not. */
    final @Nullable SpanAttribute key;

    /** Whether the value is a whole number in quotes, else it is a text. */
    final boolean isWholeNumber;

    /** The value of the attribute that it was learned from. */
    final String text;

    /** Likewise, where it is a number or an id. */
    final long wholeNumber;

    private AttributeShape(
            byte[] whole,
            int valueFrom,
            int valueTo,
            @Nullable SpanAttribute key,
            boolean isWholeNumber,
            String text,
            long wholeNumber) {
        this.whole = whole;
        this.valueFrom = valueFrom;
        this.valueTo = valueTo;
        this.key = key;
        this.isWholeNumber = isWholeNumber;
        this.text = text;
        this.wholeNumber = wholeNumber;
    }

    /** What stands before the first attribute. */
    static AttributeShape beginning() {
        return new AttributeShape(new byte[0], 0, 0, null, false, "", 0);
    }

    /** How far an attribute is like this one. */
    enum Likeness {
        NONE,
        /** Up to the value. */
        KEY,
        ALL
    }

    Likeness likeness(byte[] bytes, int from, int end) {
        int differs = Arrays.mismatch(bytes, from, Math.min(end, from + whole.length), whole, 0, whole.length);
        return differs < 0 ? Likeness.ALL : differs >= valueFrom ? Likeness.KEY : Likeness.NONE;
    }

    /** Bytes of the attribute that it was learned from. */
    int length() {
        return whole.length;
    }

    /** Bytes before the value. */
    int valueFrom() {
        return valueFrom;
    }

    /** Behind the attribute whose value ends at {@code at}, if it ends as this one does; else -1. */
    int endBehind(byte[] bytes, int at, int end) {
        int length = whole.length - valueTo;
        return at + length <= end && Arrays.equals(bytes, at, at + length, whole, valueTo, whole.length)
                ? at + length
                : -1;
    }

    /** The i-th shape that came behind this one; null where none did. */
    @Nullable
    AttributeShape follower(int i) {
        return i < FOLLOWERS ? followers[i] : null;
    }

    /**
     * Learns what comes behind this one; of many the last few.
     *
     * @param bytes hold it from {@code from} to {@code to}, its value in quotes from {@code valueFrom} to {@code valueTo}
     */
    @Nullable
    AttributeShape learn(
            byte[] bytes,
            int from,
            int to,
            int valueFrom,
            int valueTo,
            @Nullable SpanAttribute key,
            boolean isWholeNumber,
            String text,
            long wholeNumber) {
        boolean tooLong = to - from - (valueTo - valueFrom) > LONGEST || (to - from > LONGEST && isWholeNumber);
        if (tooLong) {
            return null;
        }
        AttributeShape learned;
        if (to - from > LONGEST) {
            // as it were with an empty text
            byte[] empty = new byte[to - from - (valueTo - valueFrom)];
            System.arraycopy(bytes, from, empty, 0, valueFrom - from);
            System.arraycopy(bytes, valueTo, empty, valueFrom - from, to - valueTo);
            learned = new AttributeShape(empty, valueFrom - from, valueFrom - from, key, false, "", 0);
        } else {
            byte[] whole = Arrays.copyOfRange(bytes, from, to);
            learned =
                    new AttributeShape(whole, valueFrom - from, valueTo - from, key, isWholeNumber, text, wholeNumber);
        }
        followers[nextFollower++ & (FOLLOWERS - 1)] = learned;
        return learned;
    }
}
