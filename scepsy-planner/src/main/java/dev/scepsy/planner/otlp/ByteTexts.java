package dev.scepsy.planner.otlp;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Texts of ASCII that come again and again, found by their bytes; as {@link TextCache} for characters. A slot holds the text that
 * came last. Not thread-safe.
 */
final class ByteTexts {

    private static final int SLOTS = 1 << 12;

    /** Longer texts are rarely names. */
    private static final int LONGEST = 128;

    private static final byte[] NONE = new byte[0];

    private final byte[][] keys = new byte[SLOTS][];
    private final String[] texts = new String[SLOTS];

    ByteTexts() {
        Arrays.fill(keys, NONE);
        Arrays.fill(texts, "");
    }

    /** The text of these bytes. */
    String of(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length > LONGEST) {
            return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
        }
        int hash = length;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + bytes[i];
        }
        int slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
        byte[] key = keys[slot];
        if (key.length == length && Arrays.equals(key, 0, length, bytes, from, to)) {
            return texts[slot];
        }
        String text = new String(bytes, from, length, StandardCharsets.ISO_8859_1);
        keys[slot] = Arrays.copyOfRange(bytes, from, to);
        texts[slot] = text;
        return text;
    }
}
