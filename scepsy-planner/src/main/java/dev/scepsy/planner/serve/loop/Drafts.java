package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.file.WorkflowsFile;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Proposal.Gain;
import dev.scepsy.planner.serve.journal.Proposal.MoveCost;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.loop.ClusterPort.Rehearsal;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.TreeSet;

/** Puts what planning found into words. */
final class Drafts {

    private Drafts() {}

    static Draft of(
            Situation situation,
            Plan plan,
            Gain gain,
            MoveCost cost,
            Rehearsal way,
            PlanValue before,
            List<String> kept,
            List<String> beyond,
            List<String> suspects,
            String evidenceKey) {
        List<LlmAllocation> serving =
                situation.served().map(ClusterPort.Served::allocations).orElse(List.of());
        List<String> said = new ArrayList<>();
        situation.triggers().stream().map(Trigger::sentence).forEach(said::add);
        said.addAll(suspects);
        said.add(gain(gain, before));
        changes(serving, plan, said);
        moves(situation, plan, said);
        said.add(String.format(
                Locale.ROOT,
                "Moving starts or stops %d engines in about %s, %s GPU-seconds without service; %s requests are"
                        + " expected to wait longer meanwhile.",
                cost.moves(),
                Sentences.seconds(cost.seconds()),
                Sentences.number(cost.gpuSeconds()),
                Sentences.number(cost.delayedRequests())));
        if (!kept.isEmpty()) {
            said.add("Left as now, for later: " + String.join(", ", kept) + ".");
        }
        said.addAll(beyond);
        if (plan.optimalityGap() > 0) {
            said.add("Not proven the best: at most " + Sentences.percent(plan.optimalityGap()) + " are missing.");
        }
        situation
                .targets()
                .perSecond()
                .forEach((workflow, rate) -> said.add("Target of " + workflow + ": "
                        + Sentences.number(rate) + "/s ("
                        + Objects.requireNonNullElse(
                                situation.targets().sources().get(workflow), "given") + ")."));
        situation.pins().forEach(pin -> said.add("Pinned: " + pin.model() + " to " + pin.words() + "."));
        said.addAll(situation.targets().notes());
        said.addAll(situation.notes());
        return new Draft(
                situation.triggers(),
                PlanText.tree(plan),
                Documents.parse(WorkflowsFile.toJson(targeted(situation), Map.of())),
                situation.targets().perSecond(),
                gain,
                cost,
                said,
                PlanText.differences(serving, plan.allocations()),
                way.texts(),
                situation.basePlanId().orElse(null),
                PlanText.fingerprint(situation.hardware()),
                evidenceKey,
                situation.served().map(PlanText::tree).orElse(null),
                situation.targets().latencyLimitSeconds());
    }

    private static List<WorkflowStatistics> targeted(Situation situation) {
        return situation.statistics().workflows().stream()
                .map(workflow -> workflow.withTarget(
                        OptionalDouble.of(situation.targets().perSecond().getOrDefault(workflow.name(), 0.0))))
                .toList();
    }

    private static String gain(Gain gain, PlanValue before) {
        return gain.latencySecondsBefore() == null
                ? "What serves now cannot hold the targets: " + String.join(" ", before.whyNot()) + " The plan takes "
                        + Sentences.seconds(gain.latencySecondsAfter()) + "."
                : "Mean latency is predicted to go from " + Sentences.seconds(gain.latencySecondsBefore()) + " to "
                        + Sentences.seconds(gain.latencySecondsAfter()) + " ("
                        + Sentences.percent(gain.relative()) + " less).";
    }

    /** Models of which nothing changes but where they are. */
    private static void moves(Situation situation, Plan plan, List<String> said) {
        List<ReplicaPlacement> old =
                situation.served().map(ClusterPort.Served::placements).orElse(List.of());
        Map<String, LlmAllocation> before = PlanText.byModel(
                situation.served().map(ClusterPort.Served::allocations).orElse(List.of()));
        for (LlmAllocation allocation : plan.allocations()) {
            String model = allocation.model();
            List<String> gone = places(old, model);
            List<String> fresh = places(plan.placements(), model);
            List<String> stay = List.copyOf(gone);
            fresh.forEach(gone::remove);
            stay.forEach(fresh::remove);
            if (allocation.equals(before.get(model)) && !gone.isEmpty()) {
                said.add(model + " moves from " + String.join(", ", gone) + " to " + String.join(", ", fresh) + ".");
            }
        }
    }

    private static List<String> places(List<ReplicaPlacement> placements, String model) {
        List<String> places = new ArrayList<>();
        placements.stream()
                .filter(place -> place.model().equals(model))
                .forEach(place -> places.add(place.node() + " GPU " + place.gpus()));
        return places;
    }

    private static void changes(List<LlmAllocation> serving, Plan plan, List<String> said) {
        Map<String, LlmAllocation> old = PlanText.byModel(serving);
        Map<String, LlmAllocation> young = PlanText.byModel(plan.allocations());
        TreeSet<String> models = new TreeSet<>(old.keySet());
        models.addAll(young.keySet());
        for (String model : models) {
            LlmAllocation from = old.get(model);
            LlmAllocation to = young.get(model);
            if (!Objects.equals(from, to)) {
                said.add(model + ": " + (from == null ? "nothing" : PlanText.words(from)) + " becomes "
                        + (to == null ? "nothing" : PlanText.words(to)) + ".");
            }
        }
    }
}
