package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.journal.Scorecard;
import dev.scepsy.planner.serve.journal.Scorecard.ModelScore;
import dev.scepsy.planner.serve.journal.Scorecard.WorkflowScore;
import dev.scepsy.planner.serve.settings.ServeSettings.Verify;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Measured beside predicted. A plan is worse where a workflow with enough executions is significantly and beyond the tolerance slower than
 * predicted at the measured rates, or than before; where the load has grown since, before is what the former plan is predicted to take
 * under the measured load, if that is more. Pure.
 */
final class Verification {

    /** Verification is put off this often, each time by {@code verify.after}, where too little was measured. */
    static final int MOST_WAITS = 6;

    private Verification() {}

    /**
     * What was measured and is to be compared.
     *
     * @param since statistics since the plan serves
     * @param ratePerSecond measured since then, by workflow
     * @param predicted of the plan at those rates and calls, by workflow, s
     * @param former of the former plan at those rates and calls, s; infinite where it could not hold them
     * @param before measured mean latency under the former plan, s
     * @param targets by workflow
     * @param models scores, in name order
     */
    record Evidence(
            List<WorkflowStatistics> since,
            Map<String, Double> ratePerSecond,
            Map<String, Double> predicted,
            Map<String, Double> former,
            Map<String, Double> before,
            Map<String, Double> targets,
            List<ModelScore> models) {}

    /** @param last whether it is not put off again */
    static Optional<Scorecard> of(
            Evidence evidence, Verify verify, int requiredExecutions, Instant from, Instant to, boolean last) {
        List<WorkflowScore> scores = new ArrayList<>();
        Map<String, String> worse = new TreeMap<>();
        boolean judged = false;
        boolean better = false;
        for (WorkflowStatistics workflow : evidence.since()) {
            String name = workflow.name();
            long executions = workflow.executions().orElse(0);
            @Nullable Double predicted = evidence.predicted().get(name);
            @Nullable Double before = evidence.before().get(name);
            @Nullable
            Double mean = workflow.endToEndSeconds()
                    .map(WorkflowStatistics.EndToEnd::mean)
                    .orElse(null);
            scores.add(new WorkflowScore(
                    name,
                    executions,
                    predicted,
                    mean,
                    before,
                    evidence.targets().get(name),
                    evidence.ratePerSecond().get(name)));
            if (workflow.endToEndSeconds().isEmpty() || executions < requiredExecutions) {
                continue;
            }
            judged = true;
            WorkflowStatistics.EndToEnd measured = workflow.endToEndSeconds().get();
            @Nullable Double former = reference(before, evidence.former().get(name));
            if (Verdict.worse(measured, executions, predicted, verify.tolerance())) {
                worse.put(name, says(name, measured, executions, "predicted", predicted));
            } else if (Verdict.worse(measured, executions, former, verify.tolerance())) {
                worse.put(name, says(name, measured, executions, "before", former));
            }
            better |= predicted != null && Verdict.better(measured, executions, predicted, verify.tolerance());
        }
        if (!judged && !last) {
            return Optional.empty();
        }
        String verdict = !judged ? "notEnoughData" : !worse.isEmpty() ? "worse" : better ? "better" : "asPredicted";
        return Optional.of(new Scorecard(
                from, to, verdict, sentence(verdict, worse, verify, requiredExecutions), scores, evidence.models()));
    }

    private static @Nullable Double reference(@Nullable Double before, @Nullable Double former) {
        return before == null ? null : former == null ? before : (Double) Math.max(before, former);
    }

    private static String says(
            String name, WorkflowStatistics.EndToEnd measured, long executions, String what, @Nullable Double other) {
        return "Workflow (" + name + ") takes " + Sentences.seconds(measured.mean()) + " (± "
                + Sentences.number(Verdict.halfWidthSeconds(measured, executions)) + " s, " + executions
                + " executions), " + what + " " + Sentences.seconds(other == null ? 0 : other) + ".";
    }

    private static String sentence(String verdict, Map<String, String> worse, Verify verify, int required) {
        return switch (verdict) {
            case "notEnoughData" ->
                "Kept: no workflow had " + required + " executions to judge it by, however long was waited.";
            case "worse" ->
                String.join(" ", worse.values())
                        + (verify.goBack() ? " Back to the plan before." : " Kept all the same: verify.goBack is off.");
            case "better" -> "Kept: faster than predicted.";
            default -> "Kept: as predicted, within the tolerance of " + Sentences.percent(verify.tolerance()) + ".";
        };
    }
}
