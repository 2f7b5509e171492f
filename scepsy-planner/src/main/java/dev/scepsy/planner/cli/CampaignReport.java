package dev.scepsy.planner.cli;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.campaign.Verdict;
import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.file.MeasuredProfile;
import dev.scepsy.planner.file.Problem;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a campaign says: what it does on standard error, what came of it on standard output. */
final class CampaignReport {

    private final Terminal terminal;
    private final Path out;

    CampaignReport(Terminal terminal, Path out) {
        this.terminal = terminal;
        this.out = out;
    }

    void note(String sentence) {
        terminal.err().println(sentence);
        terminal.err().flush();
    }

    void doing(String what) {
        note("... " + what);
    }

    int badInput(List<Problem> problems) {
        return terminal.badInput(problems);
    }

    void measured(MeasuredProfile profile) {
        note(MeasuredReplica.described(profile.key()) + " sustains "
                + ProfileTable.number(profile.saturationRequestsPerSecond().orElse(0)) + " requests/s; written to "
                + out
                + ".");
    }

    void verdict(Verdict<List<LlmAllocation>> verdict, String next) {
        note(sentence(verdict)
                + (next.isEmpty()
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                " Worth most is %s: after it %.2f %% are expected.",
                                next,
                                100 * verdict.expectedLossAfter())));
    }

    private static String sentence(Verdict<List<LlmAllocation>> verdict) {
        return verdict.plan()
                .map(plan -> String.format(
                        Locale.ROOT,
                        "Plan: %s. It stays the best in %.0f %% of the draws and is expected to lose %.2f %% to the best.",
                        described(plan),
                        100 * verdict.keptShare(),
                        100 * verdict.expectedLoss()))
                .orElseGet(() -> String.format(
                        Locale.ROOT,
                        "No plan meets the targets by what is known; in %.0f %% of the draws there is one.",
                        100 * (1 - verdict.keptShare())));
    }

    private static String described(List<LlmAllocation> plan) {
        return plan.stream()
                .map(allocation -> allocation.model() + " " + allocation.replicas() + " x "
                        + allocation.gpuFraction()
                        + (allocation.tensorParallel() > 1 ? " t=" + allocation.tensorParallel() : "") + " on "
                        + allocation.gpu())
                .collect(Collectors.joining(", "));
    }

    int end(String why, Verdict<List<LlmAllocation>> verdict, CampaignJournal journal, int measured, int grid) {
        if (terminal.json()) {
            terminal.out().print(Json.object(json -> {
                json.field("ended", why)
                        .field("combinations", grid)
                        .field("known", measured)
                        .objects("measured", journal.measured(), CampaignJournal::write)
                        .objects("failed", journal.failed().entrySet(), (item, each) -> {
                            CampaignJournal.write(item, each.getKey());
                            item.field("reason", each.getValue());
                        })
                        .field("keptShare", verdict.keptShare())
                        .field("expectedLoss", verdict.expectedLoss())
                        .objects(
                                "plan",
                                verdict.plan().orElse(List.of()),
                                (item, allocation) -> item.field("model", allocation.model())
                                        .field("gpu", allocation.gpu())
                                        .field(
                                                "gpuFraction",
                                                allocation.gpuFraction().toDouble())
                                        .field("tensorParallel", allocation.tensorParallel())
                                        .field("replicas", allocation.replicas()))
                        .field("out", out.toString());
            }));
        } else {
            terminal.out()
                    .println(why + " " + measured + " of " + grid + " combinations are measured, "
                            + journal.failed().size() + " failed. " + sentence(verdict) + " Profiles: " + out + ".");
            journal.failed()
                    .forEach((key, reason) -> terminal.out()
                            .println("Not planned with: " + MeasuredReplica.described(key) + " (" + reason
                                    + ") Keep 'plan' from it by tensorParallel, gpuFractions or gpus in models.yaml."));
        }
        terminal.out().flush();
        return ExitCode.DONE;
    }
}
