package dev.scepsy.planner.cluster;

import dev.scepsy.planner.transition.Step;
import java.util.List;

/** How a push ended. Immutable. */
public sealed interface PushOutcome {

    /**
     * The cluster serves what was wanted.
     *
     * @param placements where every engine really is, verified after binding
     */
    record Applied(String planId, List<Step> done, List<VerifiedPlacement> placements) implements PushOutcome {}

    /**
     * Nothing was changed.
     *
     * @param reasons why, for people; at least one
     * @param remedies what would help; may be empty
     */
    record Refused(List<String> reasons, List<String> remedies) implements PushOutcome {}

    /**
     * The push ended between two steps. Every floor holds; what was done is recorded in the cluster, and applying or
     * rolling back goes on from there.
     *
     * @param left steps that were not carried out
     */
    record StoppedMidway(String reason, List<Step> done, List<Step> left) implements PushOutcome {}

    /**
     * The push failed and what ran before was restored.
     *
     * @param restoring the steps that restored it
     */
    record RolledBack(String reason, List<Step> done, List<Step> restoring) implements PushOutcome {}
}
