package dev.scepsy.javaagent.hook;

import org.jspecify.annotations.Nullable;

/** Attribute values are longs. */
final class Numbers {

    private Numbers() {}

    static @Nullable Long asLong(@Nullable Integer value) {
        return value == null ? null : Long.valueOf(value.longValue());
    }
}
