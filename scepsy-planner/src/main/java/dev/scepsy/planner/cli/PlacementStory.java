package dev.scepsy.planner.cli;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.placement.Fragmentation;
import dev.scepsy.planner.placement.Movement;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.search.AllocationProblem;
import dev.scepsy.planner.search.NodeFailures;
import dev.scepsy.planner.search.NodeFailures.Failure;
import dev.scepsy.planner.search.NodeFailures.Replan;
import dev.scepsy.planner.search.NodeFailures.Surviving;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * What a plan's placement means, for people and programs: what moves, how the cluster is cut up, and what a failing node
 * would leave.
 *
 * @param before fragmentation under the current plan; of the empty cluster where there is none
 * @param after fragmentation under the plan
 * @param movement from the current plan; empty where there is none
 * @param failures one per node that holds a replica; empty where nobody asked
 */
record PlacementStory(Fragmentation before, Fragmentation after, Optional<Movement> movement, List<Failure> failures) {

    /** Failures listed one by one; further ones are counted. */
    private static final int MOST_LINES = 20;

    static PlacementStory of(AllocationProblem problem, Plan plan, Optional<Plan> current, boolean failures) {
        return new PlacementStory(
                current.map(serving -> Fragmentation.after(problem.cluster(), serving))
                        .orElseGet(() -> Fragmentation.before(problem.cluster())),
                Fragmentation.after(problem.cluster(), plan),
                current.map(serving -> Movement.between(problem.cluster(), serving, plan, problem::need)),
                failures ? NodeFailures.of(problem, plan, Placement::on) : List.of());
    }

    void print(PrintWriter out) {
        out.println();
        out.println("Left of the cluster");
        out.println("  before: " + inWords(before));
        out.println("  after:  " + inWords(after));
        movement.ifPresent(moved -> print(moved, out));
        if (!failures.isEmpty()) {
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
        long held = failures.stream().filter(Failure::holds).count();
        long replanned = failures.stream()
                .filter(failure -> failure.replan() == Replan.FITS)
                .count();
        out.println();
        out.println("If one node fails (N-1): after " + held + " of " + failures.size()
                + " the others sustain all targets as they are, after " + replanned + " a new plan would");
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
        json.object("before", body -> write(body, before)).object("after", body -> write(body, after));
        if (movement.isPresent()) {
            json.object("movement", body -> write(body, movement.get()));
        }
        if (!failures.isEmpty()) {
            json.objects("nMinus1", failures, PlacementStory::write);
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
