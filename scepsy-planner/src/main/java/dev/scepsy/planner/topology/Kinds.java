package dev.scepsy.planner.topology;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Interchangeable things, counted instead of listed: members that have the same key are of one kind. Kinds are numbered as
 * their first members come. Immutable as far as keys are.
 *
 * @param <K> all that may tell members apart; compares by value
 */
public final class Kinds<K> {

    private static final int NONE = -1;

    private final List<K> keys = new ArrayList<>();
    private final List<Integer> firsts = new ArrayList<>();
    private final int[] kindOf;
    private final int[] counts;

    private Kinds(int members, IntFunction<Optional<K>> keyOf) {
        this.kindOf = new int[members];
        int[] found = new int[members];
        Map<K, Integer> numbers = new HashMap<>();
        for (int member = 0; member < members; member++) {
            Optional<K> key = keyOf.apply(member);
            if (key.isEmpty()) {
                kindOf[member] = NONE;
                continue;
            }
            Integer known = numbers.putIfAbsent(key.get(), keys.size());
            if (known == null) {
                keys.add(key.get());
                firsts.add(member);
            }
            kindOf[member] = known == null ? keys.size() - 1 : known;
            found[kindOf[member]]++;
        }
        this.counts = Arrays.copyOf(found, keys.size());
    }

    /** The kinds of so many members; those without a key are of none. */
    public static <K> Kinds<K> of(int members, IntFunction<Optional<K>> keyOf) {
        return new Kinds<>(members, keyOf);
    }

    /** The kinds of members that are their own keys. */
    public static <K> Kinds<K> of(List<K> members) {
        return new Kinds<>(members.size(), member -> Optional.of(members.get(member)));
    }

    /** How many kinds there are. */
    public int size() {
        return keys.size();
    }

    /** What the members of the kind have in common. */
    public K key(int kind) {
        return keys.get(kind);
    }

    /** The kind's first member. */
    public int first(int kind) {
        return firsts.get(kind);
    }

    /** Members of the kind. */
    public int count(int kind) {
        return counts[kind];
    }

    /** Members of each kind. */
    public int[] counts() {
        return counts.clone();
    }

    /** Of which kind a member is; -1: of none. */
    public int kindOf(int member) {
        return kindOf[member];
    }
}
