package dev.scepsy.planner.platform;

import java.util.EnumMap;
import java.util.Map;

/**
 * What a platform holds engines to. Immutable.
 *
 * @param answers one for each {@link Promise}
 */
public record Capabilities(Map<Promise, Answer> answers) {

    /** What a plan says that a platform may hold engines to. */
    public enum Promise {
        NODE("node"),
        GPU_IDS("GPU ids"),
        FRACTION("fraction of compute"),
        MEMORY("memory"),
        START_ORDER("order of starts on one GPU");

        private final String words;

        Promise(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /** How far a promise is kept. */
    public enum Kept {
        /** By the platform itself. */
        YES,
        /** Under conditions that {@link Answer#how} names; where they are not met the plan is refused, or it is said. */
        PARTLY,
        /** By nobody; what holds all the same, if anything, is said. */
        NO
    }

    /**
     * @param how by what, or why not; one line
     */
    public record Answer(Kept kept, String how) {}

    /** @throws IllegalArgumentException if a promise has no answer */
    public Capabilities {
        if (answers.size() != Promise.values().length) {
            throw new IllegalArgumentException("A platform must answer for each of its promises.");
        }
        answers = Map.copyOf(answers);
    }

    static Capabilities of(Answer node, Answer gpuIds, Answer fraction, Answer memory, Answer startOrder) {
        Map<Promise, Answer> answers = new EnumMap<>(Promise.class);
        answers.put(Promise.NODE, node);
        answers.put(Promise.GPU_IDS, gpuIds);
        answers.put(Promise.FRACTION, fraction);
        answers.put(Promise.MEMORY, memory);
        answers.put(Promise.START_ORDER, startOrder);
        return new Capabilities(answers);
    }

    static Answer yes(String how) {
        return new Answer(Kept.YES, how);
    }

    static Answer partly(String how) {
        return new Answer(Kept.PARTLY, how);
    }

    static Answer no(String how) {
        return new Answer(Kept.NO, how);
    }
}
