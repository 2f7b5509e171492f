package dev.scepsy.planner.otlp;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A few keys, found by their characters without making a text of them. Immutable. */
final class KeyTable<V> {

    private final @Nullable String[] keys;
    private final @Nullable Object[] values;
    private final int mask;

    /** A table of {@code keys[i]} to {@code values[i]}. */
    KeyTable(String[] keys, V[] values) {
        int slots = Integer.highestOneBit(keys.length * 4) * 2;
        mask = slots - 1;
        this.keys = new @Nullable String[slots];
        this.values = new @Nullable Object[slots];
        for (int i = 0; i < keys.length; i++) {
            char[] characters = keys[i].toCharArray();
            int slot = slot(characters, 0, characters.length);
            while (this.keys[slot] != null) {
                slot = (slot + 1) & mask;
            }
            this.keys[slot] = keys[i];
            this.values[slot] = values[i];
        }
    }

    private int slot(char[] characters, int offset, int length) {
        // the ends of names tell them apart
        int hash = length * 31;
        for (int i = offset + Math.max(0, length - 12); i < offset + length; i++) {
            hash = 31 * hash + characters[i];
        }
        return (hash ^ (hash >>> 7)) & mask;
    }

    /** What stands under the key of these characters; null where nothing does. */
    @SuppressWarnings("unchecked")
    @Nullable
    V get(char[] characters, int offset, int length) {
        for (int slot = slot(characters, offset, length); keys[slot] != null; slot = (slot + 1) & mask) {
            String key = keys[slot];
            if (key != null && TextCache.equal(key, characters, offset, length)) {
                return (V) values[slot];
            }
        }
        return null;
    }

    @Override
    public String toString() {
        return Arrays.toString(keys);
    }
}
