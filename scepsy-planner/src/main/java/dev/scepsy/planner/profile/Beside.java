package dev.scepsy.planner.profile;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What else was on the card while a share of it was measured (contract, section 6). */
public enum Beside {
    /** Nothing: neighbours will take bandwidth that this curve had to itself. */
    ALONE("alone"),
    /** A busy neighbour: what it takes is in the curve. */
    SHARED("shared");

    private final String key;

    Beside(String key) {
        this.key = key;
    }

    /** As files and options write it. */
    public String key() {
        return key;
    }

    /** Every value by its key. */
    public static Map<String, Beside> byKey() {
        return Arrays.stream(values())
                .collect(Collectors.toMap(Beside::key, value -> value, (one, other) -> one, TreeMap::new));
    }
}
