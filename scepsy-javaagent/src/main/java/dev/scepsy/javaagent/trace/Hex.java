package dev.scepsy.javaagent.trace;

import java.util.HexFormat;

/** Ids as traces write them. */
final class Hex {

    private static final HexFormat LOWER = HexFormat.of();

    private Hex() {}

    /** 16 lower-case digits. */
    static String of(long id) {
        return LOWER.toHexDigits(id);
    }
}
