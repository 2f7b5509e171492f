package dev.scepsy.planner.platform;

import java.util.List;

/** How a push to a platform ended. Immutable. */
public sealed interface PlatformOutcome {

    /**
     * The platform serves the plan.
     *
     * @param summary what was done, a sentence
     */
    record Applied(String summary) implements PlatformOutcome {}

    /**
     * Nothing was changed.
     *
     * @param reasons why, a sentence each; at least one
     * @param remedies what would help, a sentence each
     */
    record Refused(List<String> reasons, List<String> remedies) implements PlatformOutcome {
        public Refused {
            reasons = List.copyOf(reasons);
            remedies = List.copyOf(remedies);
        }
    }

    /** The push ended before the platform served the plan, and what was changed stays. */
    record StoppedMidway(String reason) implements PlatformOutcome {}

    /** The push failed and what ran before was asked for again. */
    record RolledBack(String reason) implements PlatformOutcome {}
}
