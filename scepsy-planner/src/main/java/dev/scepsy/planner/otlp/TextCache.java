package dev.scepsy.planner.otlp;

import org.jspecify.annotations.Nullable;

/**
 * Texts that come again and again, found by their characters: no text is made for one that is known. A slot holds the text
 * that came last, so that what comes once does not fill it for good. Not thread-safe.
 */
final class TextCache {

    private static final int SLOTS = 1 << 13;

    /** Longer texts are rarely names. */
    private static final int LONGEST = 128;

    private final @Nullable String[] slots = new @Nullable String[SLOTS];

    /** The text of these characters. */
    String of(char[] characters, int offset, int length) {
        if (length > LONGEST) {
            return new String(characters, offset, length);
        }
        int hash = hash(characters, offset, length);
        int slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
        String known = slots[slot];
        if (known != null && equal(known, characters, offset, length)) {
            return known;
        }
        String text = new String(characters, offset, length);
        slots[slot] = text;
        return text;
    }

    static int hash(char[] characters, int offset, int length) {
        int hash = length;
        for (int i = offset; i < offset + length; i++) {
            hash = 31 * hash + characters[i];
        }
        return hash;
    }

    static boolean equal(String text, char[] characters, int offset, int length) {
        if (text.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (text.charAt(i) != characters[offset + i]) {
                return false;
            }
        }
        return true;
    }
}
