package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.placement.Fragmentation;
import dev.scepsy.planner.placement.Movement;
import dev.scepsy.planner.planning.PlacementEffects;
import dev.scepsy.planner.search.explain.NodeFailures.Failure;
import dev.scepsy.planner.search.explain.NodeFailures.Replan;
import dev.scepsy.planner.search.explain.NodeFailures.Surviving;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** What a plan's placement means, for people and programs. */
record PlacementStory(PlacementEffects effects) {

    /** Failures listed one by one; further ones are counted. */
    private static final int MOST_LINES = 20;

    void print(PrintWriter out) {
        out.println();
        out.println("Left of the cluster");
        out.println("  before: " + inWords(effects.before()));
        out.println("  after:  " + inWords(effects.after()));
        effects.movement().ifPresent(moved -> print(moved, out));
        if (!effects.failures().isEmpty()) {
            printFailures(out);
        }
    }

    private static String inWords(Fragmentation left) {
        String groups = left.groups().entrySet().stream()
                .map(group -> group.getValue() + " x t=" + group.getKey())
                .collect(Collectors.joining(", "));
        return left.freeGpus() + " free GPUs, largest free group " + left.largestFreeGroup()
                + (groups.isEmpty() ? "" : " (room for " + groups + ")")
                + (left.begunGpus() > 0
                        ? ", " + PlanReport.number(left.leftOnBegunGpus()) + " GPUs in pieces of " + left.begunGpus()
                                + " begun ones"
                        : "");
    }

    private static void print(Movement moved, PrintWriter out) {
        out.println();
        out.println("Movement from the current plan, replicas: " + moved.kept() + " stay, " + moved.changed()
                + " start anew" + (moved.least() ? " (no placement of this plan moves fewer)" : ""));
        for (Movement.OfModel model : moved.models()) {
            List<String> parts = new ArrayList<>();
            part(parts, model.kept(), "stay");
            part(parts, model.moved(), "move");
            part(parts, model.restarted(), "restart in another shape");
            part(parts, model.started(), "more");
            part(parts, model.stopped(), "fewer");
            out.println("  " + model.model() + ": " + String.join(", ", parts));
        }
    }

    private static void part(List<String> parts, int count, String what) {
        if (count > 0) {
            parts.add(count + " " + what);
        }
    }

    private void printFailures(PrintWriter out) {
        List<Failure> failures = effects.failures();
        long held = failures.stream().filter(Failure::holds).count();
        long replanned = failures.stream()
                .filter(failure -> failure.replan() == Replan.FITS)
                .count();
        out.println();
        out.println("Node failures (N-1): " + held + " of " + failures.size() + " leave all targets met; after "
                + replanned + " a new plan would meet them");
        for (Failure failure : failures.subList(0, Math.min(MOST_LINES, failures.size()))) {
            String lost = failure.lostReplicas().entrySet().stream()
                    .map(model -> model.getValue() + " " + model.getKey())
                    .collect(Collectors.joining(", "));
            String left =
                    failure.workflows().stream().map(PlacementStory::inWords).collect(Collectors.joining("; "));
            out.println("  " + failure.node() + " (loses " + lost + "): " + left + "; " + inWords(failure.replan()));
        }
        if (failures.size() > MOST_LINES) {
            out.println("  and " + (failures.size() - MOST_LINES) + " more; --json lists them all");
        }
    }

    private static String inWords(Replan replan) {
        return switch (replan) {
            case FITS -> "a new plan fits";
            case IMPOSSIBLE -> "no new plan fits";
            case UNKNOWN -> "no new plan was found";
        };
    }

    private static String inWords(Surviving workflow) {
        String most = Double.isInfinite(workflow.throughputPerSecond())
                ? "unlimited"
                : PlanReport.number(workflow.throughputPerSecond()) + "/s";
        return workflow.workflow()
                + (workflow.keepsTarget() ? " holds, up to " : " falls to ")
                + most
                + workflow.bottleneck().map(model -> " (" + model + ")").orElse("");
    }

    void write(Json json) throws IOException {
        json.object("before", body -> write(body, effects.before()))
                .object("after", body -> write(body, effects.after()));
        if (effects.movement().isPresent()) {
            json.object("movement", body -> write(body, effects.movement().get()));
        }
        if (!effects.failures().isEmpty()) {
            json.objects("nMinus1", effects.failures(), PlacementStory::write);
        }
    }

    private static void write(Json json, Fragmentation left) throws IOException {
        json.field("largestFreeGroup", left.largestFreeGroup())
                .field("freeGpus", left.freeGpus())
                .field("begunGpus", left.begunGpus())
                .field("leftOnBegunGpus", left.leftOnBegunGpus())
                .objects("groups", left.groups().entrySet(), PlacementStory::write);
    }

    private static void write(Json json, Map.Entry<Integer, Integer> group) throws IOException {
        json.field("tensorParallel", group.getKey()).field("count", group.getValue());
    }

    private static void write(Json json, Movement moved) throws IOException {
        json.field("kept", moved.kept())
                .field("changed", moved.changed())
                .field("least", moved.least())
                .objects(
                        "models",
                        moved.models(),
                        (item, model) -> item.field("model", model.model())
                                .field("kept", model.kept())
                                .field("moved", model.moved())
                                .field("restarted", model.restarted())
                                .field("started", model.started())
                                .field("stopped", model.stopped()));
    }

    private static void write(Json json, Failure failure) throws IOException {
        json.field("node", failure.node())
                .field("holds", failure.holds())
                .field("replan", failure.replan().name().toLowerCase(Locale.ROOT))
                .objects(
                        "lost",
                        failure.lostReplicas().entrySet(),
                        (item, model) -> item.field("model", model.getKey()).field("replicas", model.getValue()))
                .objects("workflows", failure.workflows(), PlacementStory::write);
    }

    private static void write(Json json, Surviving workflow) throws IOException {
        json.field("workflow", workflow.workflow())
                .field("keepsTarget", workflow.keepsTarget())
                .fieldOrNull(
                        "throughputPerSecond",
                        Double.isInfinite(workflow.throughputPerSecond())
                                ? OptionalDouble.empty()
                                : OptionalDouble.of(workflow.throughputPerSecond()));
        if (workflow.bottleneck().isPresent()) {
            json.field("bottleneck", workflow.bottleneck().get());
        }
    }
}
