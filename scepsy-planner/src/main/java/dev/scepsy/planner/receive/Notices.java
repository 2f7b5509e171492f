package dev.scepsy.planner.receive;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/** Tells people of each kind of trouble once; the counts say how often it came. Thread-safe. */
public final class Notices {

    /** Kinds of trouble. */
    public enum Kind {
        GARBAGE,
        WRONG_PATH,
        TOO_LARGE,
        STALLED,
        BUSY,
        DISK,
        FORWARD_RETRY,
        FORWARD_DROPPED
    }

    private final Consumer<String> people;
    private final Set<Kind> told = EnumSet.noneOf(Kind.class);

    /** @param people takes a sentence; called by several threads, one at a time */
    public Notices(Consumer<String> people) {
        this.people = people;
    }

    /** Says it unless something of the kind was said. */
    public synchronized void once(Kind kind, String sentence) {
        if (told.add(kind)) {
            people.accept(sentence);
        }
    }

    /** Says that a trouble is over, if it was told; the next of its kind is told again. */
    public synchronized void over(Kind kind, String sentence) {
        if (told.remove(kind)) {
            people.accept(sentence);
        }
    }
}
