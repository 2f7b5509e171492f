package dev.scepsy.planner.receive;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Tells people of each kind of trouble once, and again when it had been over, up to {@value #MOST_TOLD} times; the counts say how often
 * it came. Thread-safe.
 */
public final class Notices {

    /** Kinds of trouble. */
    public enum Kind {
        GARBAGE,
        WRONG_PATH,
        NOT_ADMITTED,
        TOO_LARGE,
        STALLED,
        BUSY,
        DISK,
        FORWARD_RETRY,
        FORWARD_DROPPED
    }

    /** What comes and goes all the time is not told all the time. */
    static final int MOST_TOLD = 5;

    private final Consumer<String> people;
    private final Map<Kind, Integer> times = new EnumMap<>(Kind.class);
    private final Set<Kind> told = EnumSet.noneOf(Kind.class);

    /** @param people takes a sentence; called by several threads, one at a time */
    public Notices(Consumer<String> people) {
        this.people = people;
    }

    /** Says it unless something of the kind was said. */
    public synchronized void once(Kind kind, String sentence) {
        if (told.add(kind) && times.merge(kind, 1, Integer::sum) <= MOST_TOLD) {
            people.accept(sentence);
        }
    }

    /** Says that a trouble is over, if it was told; the next of its kind is told again. */
    public synchronized void over(Kind kind, String sentence) {
        if (told.remove(kind) && times.getOrDefault(kind, 0) <= MOST_TOLD) {
            people.accept(
                    times.getOrDefault(kind, 0) < MOST_TOLD ? sentence : sentence + " Further changes are not listed.");
        }
    }
}
