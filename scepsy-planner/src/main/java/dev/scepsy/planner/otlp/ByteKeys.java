package dev.scepsy.planner.otlp;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A few keys of ASCII, found by their bytes. Immutable. */
final class ByteKeys<V> {

    private static final byte[] NO_KEY = new byte[0];

    private final byte[][] keys;
    private final @Nullable Object[] values;
    private final int mask;

    /** A table of {@code keys[i]}, none of them empty, to {@code values[i]}. */
    ByteKeys(String[] keys, V[] values) {
        int slots = Integer.highestOneBit(keys.length * 4) * 2;
        mask = slots - 1;
        this.keys = new byte[slots][];
        Arrays.fill(this.keys, NO_KEY);
        this.values = new @Nullable Object[slots];
        for (int i = 0; i < keys.length; i++) {
            byte[] key = keys[i].getBytes(StandardCharsets.US_ASCII);
            int slot = slot(key, 0, key.length);
            while (this.keys[slot].length > 0) {
                slot = (slot + 1) & mask;
            }
            this.keys[slot] = key;
            this.values[slot] = values[i];
        }
    }

    /** The ends of names tell them apart. */
    private int slot(byte[] bytes, int from, int to) {
        int hash = (to - from) * 31;
        for (int i = Math.max(from, to - 10); i < to; i++) {
            hash = 31 * hash + bytes[i];
        }
        return (hash ^ (hash >>> 7)) & mask;
    }

    /** What stands under the key of these bytes; null where nothing does. */
    @SuppressWarnings("unchecked")
    @Nullable
    V get(byte[] bytes, int from, int to) {
        for (int slot = slot(bytes, from, to); keys[slot].length > 0; slot = (slot + 1) & mask) {
            byte[] key = keys[slot];
            if (key.length == to - from && Arrays.equals(key, 0, key.length, bytes, from, to)) {
                return (V) values[slot];
            }
        }
        return null;
    }
}
