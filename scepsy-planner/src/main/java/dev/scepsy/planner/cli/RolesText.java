package dev.scepsy.planner.cli;

import dev.scepsy.planner.recorded.Roles;
import dev.scepsy.planner.share.CallClass;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.SplitEffect;
import dev.scepsy.planner.share.TokenStatistics;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The roles that models play in a workflow, one line per role. */
final class RolesText {

    private RolesText() {}

    static List<String> lines(WorkflowStatistics workflow) {
        List<String> lines = new ArrayList<>();
        for (ModelStatistics model : workflow.models()) {
            if (!model.callClasses().isEmpty()) {
                lines.add("  " + model.model() + " plays " + model.callClasses().size()
                        + " roles, which are planned with lengths of their own:");
                model.callClasses().forEach(each -> lines.add(line(each)));
            }
        }
        return lines;
    }

    /** What the engine model said of each model that could be told apart; where it did not judge, lengths did and there is nothing to add. */
    static List<String> verdicts(List<Roles.Verdict> verdicts) {
        List<String> lines = new ArrayList<>();
        for (Roles.Verdict each : verdicts) {
            SplitEffect effect = each.verdict().effect();
            if (effect != null) {
                lines.add(String.format(
                        Locale.ROOT,
                        "note: workflow %s: telling the calls to %s apart (%s) changes its mean latency by %.1f %% and what"
                                + " the model is asked for by %.1f %% at the reference: %s",
                        each.workflow(),
                        each.verdict().model(),
                        String.join(", ", each.verdict().classes()),
                        100 * effect.latency(),
                        100 * effect.demand(),
                        each.verdict().kept()
                                ? "they are kept apart"
                                : String.format(
                                        Locale.ROOT,
                                        "below %.0f %%, they are planned as one",
                                        100 * SplitEffect.LEAST)));
            }
        }
        return lines;
    }

    private static String line(CallClass each) {
        return String.format(
                Locale.ROOT,
                "    %s: %.2f calls, %.2f one after another, mean %.3f s, tokens %s in, %s out",
                each.name(),
                each.callsPerExecution(),
                each.sequentialCalls(),
                each.meanCallSeconds().orElse(0),
                tokens(each.inputTokens()),
                tokens(each.outputTokens()));
    }

    private static String tokens(Optional<TokenStatistics> tokens) {
        return tokens.map(known -> String.format(Locale.ROOT, "%.0f", known.mean()))
                .orElse("-");
    }
}
