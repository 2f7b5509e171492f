package dev.scepsy.planner.cluster;

import java.util.Set;

/**
 * How a plan is pushed. Immutable.
 *
 * @param allowGap models that may be without any replica meanwhile
 * @param forceConflicts take over fields that another field manager owns
 * @param equivalentPlaces exchange equivalent nodes and GPUs of the plan where that leaves more engines untouched
 * @param holder who pushes, as others see it in the lease
 * @param timing waits
 */
public record ApplyOptions(
        Set<String> allowGap, boolean forceConflicts, boolean equivalentPlaces, String holder, Timing timing) {

    /** No gaps, no force. */
    public static final ApplyOptions DEFAULT = new ApplyOptions(
            Set.of(), false, false, "scepsy-" + ProcessHandle.current().pid(), Timing.DEFAULT);

    public ApplyOptions {
        allowGap = Set.copyOf(allowGap);
    }

    ApplyOptions withTiming(Timing other) {
        return new ApplyOptions(allowGap, forceConflicts, equivalentPlaces, holder, other);
    }
}
