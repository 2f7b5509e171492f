package dev.scepsy.planner.cluster;

import dev.scepsy.planner.transition.Step;
import java.util.List;
import java.util.Optional;

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
     * The push ended between two steps. What was done is recorded in the cluster, and applying or rolling back goes on from
     * there.
     *
     * @param left steps that were not carried out
     * @param belowFloor models with fewer ready replicas than their floor, a sentence each, as counted at the end; absent
     *     where they could not be counted
     */
    record StoppedMidway(String reason, List<Step> done, List<Step> left, Optional<List<String>> belowFloor)
            implements PushOutcome {}

    /**
     * The push failed and what ran before was restored.
     *
     * @param restoring the steps that restored it
     */
    record RolledBack(String reason, List<Step> done, List<Step> restoring) implements PushOutcome {}
}
