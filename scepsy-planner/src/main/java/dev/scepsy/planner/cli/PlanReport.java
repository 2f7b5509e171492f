package dev.scepsy.planner.cli;

import dev.scepsy.planner.allocation.Goal;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Objective;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.planning.PlanningResult;
import dev.scepsy.planner.planning.Refinement;
import dev.scepsy.planner.search.SearchResult;
import dev.scepsy.planner.search.explain.Explanation;
import dev.scepsy.planner.search.explain.Remedy;
import dev.scepsy.planner.search.infeasible.InfeasibleReason;
import dev.scepsy.planner.stat.ReadableNumber;
import dev.scepsy.planner.topology.HeldShare;
import dev.scepsy.planner.topology.HostResource;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.ShareGuarantee;
import dev.scepsy.planner.topology.Sharing;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A plan and its reasons, for people. */
final class PlanReport {

    private static final int DIGITS = 4;

    private final PlanningResult.Planned planned;
    private final Plan plan;
    private final Explanation explanation;
    private final PrintWriter out;

    PlanReport(PlanningResult.Planned planned, PrintWriter out) {
        this.planned = planned;
        this.plan = planned.plan();
        this.explanation = planned.explanation().orElseThrow();
        this.out = out;
    }

    void print() {
        goal();
        out.println("Weighted mean latency " + seconds(plan.objectiveSeconds()) + " (" + proof() + ") on "
                + number(plan.gpusUsed()) + " of "
                + number(explanation.resources().gpus()) + " GPUs.");
        allocations();
        placements();
        workflows();
        reasons();
        rivals();
        guarantees();
        links();
        new PlacementStory(planned.effects().orElseThrow()).print(out);
        planned.refinement().ifPresent(this::refinement);
        planned.whatIfs().forEach(this::whatIf);
    }

    /** What the plan reaches of its goal, and which statistics it is sure of. */
    private void goal() {
        plan.goal().ifPresent(goal -> out.println(reached(goal)));
        if (planned.quantile().isPresent()) {
            out.println("Planned for the " + number(planned.quantile().getAsDouble() * 100)
                    + " % quantile of calls and sequential calls, taken together.");
            if (!planned.withoutInterval().isEmpty()) {
                out.println("  Without interval95, so planned for the mean: "
                        + String.join(", ", planned.withoutInterval()) + ".");
            }
        }
    }

    private static String reached(Goal goal) {
        String value = number(goal.value());
        String what = switch (goal.objective()) {
            case LATENCY -> "Least weighted latency: " + value + " s";
            case GPUS -> "Fewest GPUs: " + value;
            case COST -> "Least cost: " + value + " per hour";
            case THROUGHPUT -> "Highest throughput: all targets times " + value;
        };
        String beyond = goal.objective() == Objective.THROUGHPUT ? "above" : "below";
        return what
                + (goal.gap() == 0
                        ? " (proven)."
                        : " (no plan goes " + beyond + " " + number(goal.bound()) + ", " + gap(goal.gap())
                                + " from there).");
    }

    /** What groups of GPUs lose to their links. */
    private void links() {
        if (!planned.links().isEmpty()) {
            out.println();
            out.println("Tensor parallelism");
            planned.links().forEach(group -> out.println("  " + ParallelEfficiency.sentence(group)));
        }
    }

    private void refinement(Refinement refinement) {
        Refinement.Judged first = refinement.judged().get(0);
        Refinement.Judged chosen = refinement.chosen();
        out.println();
        out.println("Simulated " + refinement.judged().size() + " plans: " + number(first.objectiveSeconds())
                + " s for the best by formula, " + number(chosen.objectiveSeconds()) + " s for the one chosen"
                + (chosen.equals(first) ? ", which is the same." : "."));
    }

    private String proof() {
        if (plan.optimalityGap() == 0) {
            return planned.effort().placementProven() ? "proven optimal, placement included" : "proven optimal";
        }
        return "at most " + gap(plan.optimalityGap()) + " above the optimum";
    }

    private void allocations() {
        out.println();
        out.println("Allocations");
        Table table = new Table(
                "llrrrrrrrr", "model", "GPU", "f", "t", "r", "GPUs", "GiB/GPU", "load/s", "utilised", "s/call");
        for (int i = 0; i < plan.allocations().size(); i++) {
            LlmAllocation allocation = plan.allocations().get(i);
            Explanation.ModelStory story = explanation.models().get(i);
            table.row(
                    allocation.model(),
                    allocation.gpu(),
                    number(allocation.gpuFraction().toDouble()),
                    Integer.toString(allocation.tensorParallel()),
                    Integer.toString(allocation.replicas()),
                    number(allocation.gpus()),
                    number(allocation.memoryGiBPerGpu()),
                    number(story.load()),
                    percent(story.utilisation()),
                    number(story.latencySeconds()));
        }
        table.print(out);
    }

    private void placements() {
        out.println();
        out.println("Placement (largest free group: " + plan.largestFreeGroup() + " GPUs)");
        Map<String, List<String>> byNode = new TreeMap<>();
        Map<String, Map<Integer, List<String>>> byGpu = new TreeMap<>();
        for (ReplicaPlacement placement : plan.placements()) {
            for (int gpu : placement.gpus()) {
                byGpu.computeIfAbsent(placement.node(), node -> new TreeMap<>())
                        .computeIfAbsent(gpu, index -> new ArrayList<>())
                        .add(placement.model() + "#" + placement.replica());
            }
        }
        byGpu.forEach((node, gpus) -> byNode.put(
                node,
                gpus.entrySet().stream()
                        .map(entry -> "gpu " + entry.getKey() + ": " + String.join(" ", entry.getValue()))
                        .toList()));
        for (Node node : planned.problem().cluster().nodes()) {
            List<String> lines = byNode.getOrDefault(node.name(), List.of());
            if (!lines.isEmpty()) {
                out.println("  " + node.name() + " (" + node.gpus() + " x "
                        + node.gpu().name() + hosts(node) + ")");
                lines.forEach(line -> out.println("    " + line));
            }
        }
    }

    /** What its engines take of a node beside its GPUs, where it limits that. */
    private String hosts(Node node) {
        StringBuilder text = new StringBuilder();
        for (HostResource resource : HostResource.values()) {
            node.host()
                    .of(resource)
                    .ifPresent(given -> text.append(", ")
                            .append(number(taken(node, resource)))
                            .append(" of ")
                            .append(number(given))
                            .append(' ')
                            .append(resource == HostResource.MEMORY ? "GiB of host memory" : resource.unit()));
        }
        return text.toString();
    }

    private double taken(Node node, HostResource resource) {
        return plan.allocations().stream()
                .mapToDouble(allocation -> planned.problem().need(allocation).of(resource)
                        * plan.placements().stream()
                                .filter(at -> at.model().equals(allocation.model())
                                        && at.node().equals(node.name()))
                                .count())
                .sum();
    }

    private void workflows() {
        out.println();
        out.println("Workflows");
        for (Explanation.WorkflowStory workflow : explanation.workflows()) {
            StringBuilder line = new StringBuilder("  " + workflow.workflow() + ": "
                    + seconds(workflow.latencySeconds()) + " at " + number(workflow.targetPerSecond()) + "/s");
            workflow.maxThroughputPerSecond()
                    .ifPresent(most ->
                            line.append(", sustains ").append(number(most)).append("/s"));
            workflow.bottleneck()
                    .ifPresent(
                            model -> line.append(" (limited by ").append(model).append(")"));
            out.println(line);
            List<String> parts = new ArrayList<>();
            for (Explanation.Contribution contribution : workflow.contributions()) {
                parts.add(contribution.model() + " " + seconds(contribution.seconds()) + " ("
                        + percent(contribution.seconds() / Math.max(workflow.latencySeconds(), 1e-300)) + ")");
            }
            if (workflow.fixedSeconds() > 0) {
                parts.add("tools, external models and the rest " + seconds(workflow.fixedSeconds()));
            }
            out.println("    " + String.join(", ", parts));
        }
    }

    private void reasons() {
        out.println();
        out.println("Why");
        out.println("  binding: " + PlanSentences.of(explanation.resources().binding()));
        explanation.oneMoreGpu().ifPresent(more -> {
            double gain = plan.objectiveSeconds() - more.objectiveSeconds();
            out.println("  one more " + more.gpu() + ": "
                    + (gain > 1e-9 * plan.objectiveSeconds()
                            ? (more.planned() ? "" : "at least ") + seconds(gain) + " faster ("
                                    + percent(gain / plan.objectiveSeconds()) + ")"
                            : more.planned() ? "no gain" : "not known"));
        });
        for (Explanation.ModelStory story : explanation.models()) {
            out.println("  " + story.model() + ": adds " + seconds(story.objectiveSeconds()) + "; limited by "
                    + PlanSentences.of(story.limit()));
            for (Explanation.Alternative other : story.alternatives()) {
                out.println("    instead " + other.replicas() + " x t=" + other.tensorParallel() + " f="
                        + number(other.gpuFraction()) + " on " + other.gpu() + ": "
                        + (other.extraSeconds() >= 0 ? "+" : "") + seconds(other.extraSeconds()));
            }
        }
    }

    private void rivals() {
        if (explanation.rivals().isEmpty()) {
            return;
        }
        out.println();
        out.println("Compared with");
        for (Explanation.Rival rival : explanation.rivals()) {
            out.println("  " + rival.name() + ": "
                    + (rival.objectiveSeconds().isPresent()
                            ? seconds(rival.objectiveSeconds().getAsDouble()) + " ("
                                    + number(rival.objectiveSeconds().getAsDouble()
                                            / Math.max(plan.objectiveSeconds(), 1e-300))
                                    + " x)"
                            : "impossible, " + rival.remark()));
        }
    }

    private void guarantees() {
        List<HeldShare> shares = planned.shares();
        if (shares.isEmpty()) {
            return;
        }
        out.println();
        out.println("How GPU shares are enforced");
        for (HeldShare share : shares) {
            ShareGuarantee guarantee = share.guarantee();
            out.println("  " + share.model() + ": compute: " + guarantee.compute() + "; memory: " + guarantee.memory()
                    + guarantee.warning().map(warning -> "; note: " + warning).orElse(""));
        }
        if (sharesByMps()) {
            out.println(
                    "  Engines that share a GPU by MPS share its faults: a fatal fault of one ends all that are on that"
                            + " GPU.");
        }
    }

    /** Whether two engines stand on one GPU of a node that shares by MPS. */
    private boolean sharesByMps() {
        Set<String> byMps = planned.problem().cluster().nodes().stream()
                .filter(node -> node.sharing().mode() == Sharing.Mode.MPS)
                .map(Node::name)
                .collect(Collectors.toSet());
        Set<String> taken = new HashSet<>();
        return plan.placements().stream()
                .filter(at -> byMps.contains(at.node()))
                .flatMap(at -> at.gpus().stream().map(gpu -> at.node() + "/" + gpu))
                .anyMatch(gpu -> !taken.add(gpu));
    }

    /** Prints how the plan changes under one change to the problem. */
    private void whatIf(String change, SearchResult result) {
        out.println();
        if (result instanceof SearchResult.Infeasible infeasible) {
            out.println("What if " + change + ": no plan");
            infeasible.reasons().forEach(reason -> out.println("  " + reason.message()));
            return;
        }
        Plan other = ((SearchResult.Found) result).plan();
        out.println("What if " + change + ": " + seconds(other.objectiveSeconds()) + " instead of "
                + seconds(plan.objectiveSeconds()) + ", " + number(other.gpusUsed()) + " GPUs instead of "
                + number(plan.gpusUsed()));
        Map<String, LlmAllocation> before =
                plan.allocations().stream().collect(Collectors.toMap(LlmAllocation::model, Function.identity()));
        for (LlmAllocation allocation : other.allocations()) {
            LlmAllocation old = before.remove(allocation.model());
            if (!allocation.equals(old)) {
                out.println("  " + allocation.model() + ": " + (old == null ? "nothing" : shape(old)) + " -> "
                        + shape(allocation));
            }
        }
        new TreeMap<>(before).forEach((model, old) -> out.println("  " + model + ": " + shape(old) + " -> nothing"));
    }

    private static String shape(LlmAllocation allocation) {
        return allocation.replicas() + " x t=" + allocation.tensorParallel() + " f="
                + number(allocation.gpuFraction().toDouble()) + " on " + allocation.gpu();
    }

    static void infeasible(SearchResult.Infeasible infeasible, List<Remedy> remedies, PrintWriter out) {
        out.println("No plan meets the targets.");
        for (InfeasibleReason reason : infeasible.reasons()) {
            out.println("  " + reason.reason() + ": " + reason.message());
        }
        out.println(
                infeasible.highestCommonScale().isPresent()
                        ? "  All targets times "
                                + number(infeasible.highestCommonScale().getAsDouble()) + " would fit."
                        : "  Nothing can be placed at any load.");
        if (!remedies.isEmpty()) {
            out.println();
            out.println("What would help, each by itself (planned again)");
            remedies.forEach(remedy -> out.println("  " + remedy.message()));
        }
    }

    private static String seconds(double value) {
        return number(value) + " s";
    }

    private static String percent(double part) {
        return String.format(Locale.ROOT, "%.1f %%", part * 100);
    }

    /** A gap rounded up, so that what is said holds and is never 0. */
    static String gap(double part) {
        return java.math.BigDecimal.valueOf(part * 100)
                        .round(new java.math.MathContext(2, java.math.RoundingMode.UP))
                        .stripTrailingZeros()
                        .toPlainString()
                + " %";
    }

    static String number(double value) {
        return ReadableNumber.of(value, DIGITS);
    }
}
