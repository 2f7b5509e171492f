package dev.scepsy.planner.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.file.Shortened;
import dev.scepsy.planner.serve.journal.Decision;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.stat.ReadableNumber;
import java.io.PrintWriter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Proposals of the service as people read them. */
final class ProposalText {

    private final PrintWriter out;

    ProposalText(PrintWriter out) {
        this.out = out;
    }

    /** A line each, in the order given. */
    void list(List<Proposal> proposals) {
        if (proposals.isEmpty()) {
            line(
                    "No proposals: nothing that was noticed would gain enough by a move. 'scepsy proposals plan' plans now.");
            return;
        }
        Table table = new Table("llllrr", "id", "state", "made", "why", "gain", "moves");
        for (Proposal each : proposals) {
            table.row(
                    each.id(),
                    each.state().key(),
                    each.createdAt().truncatedTo(ChronoUnit.SECONDS).toString(),
                    why(each),
                    percent(each.gain().relative()),
                    Integer.toString(each.cost().moves()));
        }
        table.print(out);
    }

    /** All of one. */
    void show(Proposal proposal) {
        line("Proposal " + proposal.id() + ": " + proposal.state().key() + ", made "
                + proposal.createdAt().truncatedTo(ChronoUnit.SECONDS));
        section("Why now");
        for (Trigger trigger : proposal.triggers()) {
            line("  " + trigger.kind() + ": " + trigger.sentence());
        }
        gain(proposal.gain());
        difference(proposal.difference());
        cost(proposal.cost());
        section("Steps");
        int number = 0;
        for (String step : proposal.steps()) {
            number++;
            line("  " + number + ". " + step);
        }
        if (proposal.steps().isEmpty()) {
            line("  none are known: the cluster is described by a file");
        }
        if (!proposal.explanation().isEmpty()) {
            section("Explanation");
            proposal.explanation().forEach(sentence -> line("  " + sentence));
        }
        if (!proposal.decisions().isEmpty()) {
            section("Decisions");
            for (Decision decision : proposal.decisions()) {
                line("  " + decision.at().truncatedTo(ChronoUnit.SECONDS) + " " + decision.what() + " by "
                        + decision.by() + (decision.reason() == null ? "" : ": " + decision.reason()));
            }
        }
    }

    private void gain(Proposal.Gain gain) {
        section("What it brings, predicted");
        String before = gain.latencySecondsBefore() == null
                ? "what serves now cannot hold the targets"
                : "mean latency " + seconds(gain.latencySecondsBefore());
        line("  " + before + " -> " + seconds(gain.latencySecondsAfter()) + " (" + percent(gain.relative()) + "), GPUs "
                + number(gain.gpusBefore()) + " -> " + number(gain.gpusAfter()));
        if (!gain.workflows().isEmpty()) {
            Table table =
                    new Table("lrrrrr", "workflow", "target 1/s", "now s", "then s", "now max 1/s", "then max 1/s");
            for (Proposal.WorkflowGain each : gain.workflows()) {
                table.row(
                        each.workflow(),
                        number(each.targetPerSecond()),
                        orOverloaded(each.latencySecondsBefore()),
                        orOverloaded(each.latencySecondsAfter()),
                        orUnknown(each.maxThroughputPerSecondBefore()),
                        orUnknown(each.maxThroughputPerSecondAfter()));
            }
            table.print(out);
        }
    }

    private void difference(List<Proposal.Difference> difference) {
        section("What changes");
        Table table = new Table("lll", "model", "now", "then");
        for (Proposal.Difference each : difference) {
            table.row(each.model(), shape(each.before()), shape(each.after()));
        }
        if (difference.isEmpty()) {
            line("  nothing");
        } else {
            table.print(out);
        }
    }

    private void cost(Proposal.MoveCost cost) {
        section("What the move costs");
        line("  " + cost.moves() + (cost.moves() == 1 ? " engine" : " engines") + " started or stopped in about "
                + seconds(cost.seconds()) + ", " + number(cost.gpuSeconds()) + " GPU-seconds without service, "
                + number(cost.delayedRequests()) + " requests delayed");
        line("  worth " + number(cost.worthSeconds()) + " request-seconds over the next "
                + seconds(cost.horizonSeconds()) + ", the move taken off");
    }

    /** As in {@code plan.json}: {@code 3 x H100-SXM-80GB, tensor parallelism 2, fraction 0.5}. */
    private static String shape(@Nullable JsonNode allocation) {
        if (allocation == null || allocation.isNull() || allocation.isMissingNode()) {
            return "none";
        }
        int degree = allocation.path("tensorParallel").asInt(1);
        double fraction = allocation.path("gpuFraction").asDouble(1);
        return allocation.path("replicas").asInt(1) + " x "
                + allocation.path("gpu").asText("?")
                + (degree == 1 ? "" : ", tensor parallelism " + degree)
                + (fraction == 1 ? "" : ", fraction " + number(fraction));
    }

    private static String why(Proposal proposal) {
        return proposal.triggers().stream()
                .map(trigger -> trigger.kind()
                        + (trigger.model() != null
                                ? " " + trigger.model()
                                : trigger.workflow() != null ? " " + trigger.workflow() : ""))
                .distinct()
                .collect(Collectors.joining(", "));
    }

    private void section(String title) {
        line("");
        line(title);
    }

    private void line(String text) {
        out.println(Shortened.printable(text));
    }

    private static String orOverloaded(@Nullable Double seconds) {
        return seconds == null ? "overloaded" : number(seconds);
    }

    private static String orUnknown(@Nullable Double rate) {
        return rate == null ? "-" : number(rate);
    }

    private static String seconds(double seconds) {
        if (seconds >= 5_400) {
            return number(seconds / 3_600) + " h";
        }
        return seconds >= 300 ? number(seconds / 60) + " min" : number(seconds) + " s";
    }

    private static String number(double number) {
        return ReadableNumber.of(number, 3);
    }

    private static String percent(double part) {
        return ReadableNumber.of(part * 100, 2) + " %";
    }
}
