package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.journal.Trigger;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a proposal rests on, as a key: the plan, which changes were noticed where, and the targets in steps of a quarter. What was rejected, went
 * wrong or was taken back is not proposed again under the same key, unless a person asks.
 */
final class Evidence {

    /** Targets within one step of this factor count as the same. */
    private static final double STEP = 1.25;

    private Evidence() {}

    static String key(String planId, List<Trigger> triggers, Map<String, Double> targets) {
        TreeSet<String> noticed = new TreeSet<>();
        triggers.forEach(trigger -> noticed.add(same(trigger)));
        TreeMap<String, Long> steps = new TreeMap<>();
        targets.forEach((workflow, rate) ->
                steps.put(workflow, rate > 0 ? Math.round(Math.log(rate) / Math.log(STEP)) : Long.MIN_VALUE));
        return planId + "-" + PlanText.digest(noticed + " " + steps);
    }

    /** The same for two triggers that say the same. */
    static String same(Trigger trigger) {
        return trigger.kind() + " " + Objects.requireNonNullElse(trigger.workflow(), "") + " "
                + Objects.requireNonNullElse(trigger.model(), "")
                + (trigger.subject() == null ? "" : " " + trigger.subject());
    }

    /** Whether a proposal under {@code key} came to nothing before; {@code known} newest first. */
    static boolean failedBefore(String key, List<Proposal> known) {
        return known.stream()
                .filter(proposal -> proposal.evidenceKey().equals(key))
                .anyMatch(proposal -> proposal.state() == ProposalState.REJECTED
                        || proposal.state() == ProposalState.ROLLED_BACK
                        || proposal.state() == ProposalState.FAILED);
    }
}
