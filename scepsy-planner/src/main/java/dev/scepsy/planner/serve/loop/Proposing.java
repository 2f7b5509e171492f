package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.planning.PinnedShape;
import dev.scepsy.planner.planning.Planner;
import dev.scepsy.planner.planning.PlanningOptions;
import dev.scepsy.planner.planning.PlanningResult;
import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.infeasible.InfeasibleReason;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.Proposal.MoveCost;
import dev.scepsy.planner.serve.loop.ClusterPort.Rehearsal;
import dev.scepsy.planner.serve.settings.ServeSettings.Replan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Searches again from what serves now: chooses between staying, the best plan, and plans that keep the models with the least gain as they
 * are, by what each is worth less what moving costs ({@link MoveCosts}). A plan beyond {@code maximumMoves} is none while
 * there is another, and one without a legal way to it is never; models are kept as they are, the one with the least gain first, until one is within reach, and what is left is said. GPUs that are suspect are
 * left out; where no plan is within reach without them they are planned with, as fast as was measured.
 */
final class Proposing {

    /** Further plans with more models kept that are looked at once one is within reach. */
    private static final int FURTHER = 2;

    /** A plan that served just before has to bring so many times the least gain: moving to and fro is no improvement. */
    private static final double BACK_AGAIN = 2;

    /** What came of it. */
    sealed interface Outcome {
        /** @param failedBefore whether the same came to nothing on the same evidence */
        record Better(Draft draft, boolean failedBefore) implements Outcome {}

        /** Nothing is worth it. */
        record Stay(List<String> why) implements Outcome {}

        /** There is no plan, or the description is wrong. */
        record NoPlan(List<String> why, boolean malformed) implements Outcome {}
    }

    private record Reached(Plan plan, PlanValue value, Rehearsal way, MoveCost cost, List<String> kept) {}

    private final ClusterPort port;
    private final Replan replan;
    private final SearchLimits.Stop stop;

    /** @param stop the search, which then ends with the best it has */
    Proposing(ClusterPort port, Replan replan, SearchLimits.Stop stop) {
        this.port = port;
        this.replan = replan;
        this.stop = stop;
    }

    /**
     * @param asked by a person: then anything that differs is proposed, whatever it brings
     * @param known proposals, newest first
     */
    Outcome of(Situation situation, boolean asked, List<Proposal> known) throws ClusterPort.UnreachableException {
        if (situation.suspects().isEmpty()) {
            return found(situation, new Ground(situation.described(), situation.served(), List.of()), asked, known)
                    .outcome();
        }
        List<String> left = situation.suspects().stream()
                .map(suspect -> Suspects.sentence(suspect) + " " + Suspects.place(suspect) + " is left out.")
                .toList();
        Optional<ClusterPort.Served> elsewhere =
                situation.served().flatMap(served -> SuspectGpus.elsewhere(served, situation.suspects()));
        Found without = found(situation, new Ground(situation.described(), elsewhere, left), asked, known);
        if (without.within()) {
            return without.outcome();
        }
        List<String> used = situation.suspects().stream()
                .map(suspect -> Suspects.sentence(suspect) + " " + Suspects.place(suspect)
                        + " is planned with all the same, engines there at their measured speed: without it "
                        + without.why())
                .toList();
        Found with = found(situation, new Ground(situation.asItIs(), situation.served(), used), asked, known);
        return with.within() ? with.outcome() : without.outcome();
    }

    /**
     * What is planned on.
     *
     * @param staying what serves there
     * @param said about it, first in the explanation
     */
    private record Ground(ProblemAssembly described, Optional<ClusterPort.Served> staying, List<String> said) {}

    /** @param within whether there was any plan within reach */
    private record Found(Outcome outcome, boolean within) {

        String why() {
            return outcome instanceof Outcome.Stay stay
                    ? "no plan is within reach. " + String.join(" ", stay.why())
                    : outcome instanceof Outcome.NoPlan none ? "there is no plan. " + String.join(" ", none.why()) : "";
        }
    }

    private Found found(Situation situation, Ground ground, boolean asked, List<Proposal> known)
            throws ClusterPort.UnreachableException {
        Planner planner = Planner.of(ground.described());
        Planner present = Planner.of(situation.asItIs());
        if (planner.problem().legalValue().isEmpty()
                || present.problem().legalValue().isEmpty()) {
            return new Found(
                    new Outcome.NoPlan(
                            planner.problem().whyMalformed().stream()
                                    .map(Object::toString)
                                    .toList(),
                            true),
                    false);
        }
        PlanningProblem problem = planner.problem().legalValue().get();
        List<LlmAllocation> serving =
                situation.served().map(ClusterPort.Served::allocations).orElse(List.of());
        PlanValue before = PlanValue.of(
                present.problem().legalValue().get(),
                serving,
                situation.targets().latencyLimitSeconds());
        PlanningResult first = planner.plan(options(situation, ground, situation.pins()));
        if (first instanceof PlanningResult.NoPlan none) {
            return new Found(new Outcome.NoPlan(reasons(none, situation, ground), false), false);
        }
        List<String> beyond = new ArrayList<>();
        List<Reached> reached =
                reach(planner, problem, situation, ground, before, (PlanningResult.Planned) first, beyond);
        return reached.isEmpty()
                ? new Found(new Outcome.Stay(beyond), false)
                : new Found(
                        best(situation, problem, before, serving, reached, beyond, ground.said(), asked, known), true);
    }

    private Outcome best(
            Situation situation,
            PlanningProblem problem,
            PlanValue before,
            List<LlmAllocation> serving,
            List<Reached> reached,
            List<String> beyond,
            List<String> said,
            boolean asked,
            List<Proposal> known) {
        Reached best = reached.stream()
                .max(Comparator.comparingDouble(each -> rank(each, before)))
                .get();
        if (best.way().moves() == 0) {
            return new Outcome.Stay(List.of("What serves is the best plan that was found."));
        }
        Proposal.Gain gain = Gains.of(problem, before, best.value(), serving, best.plan());
        String planId = port.planId(best.plan(), situation.models(), situation.hardware());
        double least = situation.previousPlanId().equals(Optional.of(planId))
                ? BACK_AGAIN * replan.minimumGain()
                : replan.minimumGain();
        if (!asked && gain.relative() < least) {
            return new Outcome.Stay(List.of("The best move brings " + Sentences.percent(gain.relative())
                    + " latency, less than the least gain of " + Sentences.percent(least) + "."));
        }
        if (!asked && best.cost().worthSeconds() <= 0) {
            return new Outcome.Stay(List.of("Moving would make requests wait longer than they gain over "
                    + Sentences.number(best.cost().horizonSeconds() / 3600) + " h."));
        }
        String key =
                Evidence.key(planId, situation.triggers(), situation.targets().perSecond());
        Draft draft = Drafts.of(
                situation, best.plan(), gain, best.cost(), best.way(), before, best.kept(), beyond, said, key);
        return new Outcome.Better(draft, Evidence.failedBefore(key, known));
    }

    /** The worth, and for workflows that cannot be held now, whose gain is the queue alone, what is left of their latency. */
    private static double rank(Reached reached, PlanValue before) {
        double gainingSeconds =
                Math.max(0, reached.cost().horizonSeconds() - reached.cost().seconds());
        double rank = reached.cost().worthSeconds();
        for (int w = 0; w < before.predictions().size(); w++) {
            if (before.predictions().get(w).overloaded()) {
                rank -= before.predictions().get(w).targetPerSecond()
                        * gainingSeconds
                        * reached.value().predictions().get(w).latencySeconds().orElse(gainingSeconds);
            }
        }
        return rank;
    }

    /** The plans within reach, the one that changes most first. */
    private List<Reached> reach(
            Planner planner,
            PlanningProblem problem,
            Situation situation,
            Ground ground,
            PlanValue before,
            PlanningResult.Planned first,
            List<String> beyond)
            throws ClusterPort.UnreachableException {
        List<Reached> reached = new ArrayList<>();
        List<Reached> tooMany = new ArrayList<>();
        List<PinnedShape> pins = new ArrayList<>(situation.pins());
        List<String> kept = new ArrayList<>();
        Plan plan = first.plan();
        int further = FURTHER;
        while (true) {
            Rehearsal way = port.rehearse(plan, situation.models(), situation.hardware());
            if (!way.refused().isEmpty()) {
                beyond.add("There is no way to the best plan" + without(kept) + ": " + String.join(" ", way.refused()));
            } else if (port.applies() && way.moves() > replan.maximumMoves()) {
                beyond.add("The best plan" + without(kept) + " starts or stops " + way.moves() + " engines, more than "
                        + replan.maximumMoves() + " at a time.");
                tooMany.add(reached(problem, situation, before, plan, way, kept));
            } else {
                reached.add(reached(problem, situation, before, plan, way, kept));
                if (way.moves() == 0 || --further < 0) {
                    return reached;
                }
            }
            Optional<PinnedShape> keep = leastGain(problem, situation, before, plan, pins);
            if (keep.isEmpty() || (stop.now() && !reached.isEmpty())) {
                return orForAPerson(reached, tooMany, beyond);
            }
            pins.add(keep.get());
            kept.add(keep.get().model());
            if (!(planner.plan(options(situation, ground, pins)) instanceof PlanningResult.Planned planned)) {
                if (reached.isEmpty()) {
                    beyond.add("With " + String.join(", ", kept) + " as now there is no plan.");
                }
                return orForAPerson(reached, tooMany, beyond);
            }
            plan = planned.plan();
        }
    }

    private static Reached reached(
            PlanningProblem problem,
            Situation situation,
            PlanValue before,
            Plan plan,
            Rehearsal way,
            List<String> kept) {
        PlanValue value =
                PlanValue.of(problem, plan.allocations(), situation.targets().latencyLimitSeconds());
        MoveCost cost = MoveCosts.of(
                way, before, value, situation.engines(), situation.horizon().toNanos() / 1e9);
        return new Reached(plan, value, way, cost, List.copyOf(kept));
    }

    /** Where every plan moves too much, as every first one of a large cluster does, the one that moves least is for a person to decide. */
    private List<Reached> orForAPerson(List<Reached> reached, List<Reached> tooMany, List<String> beyond) {
        Optional<Reached> least =
                tooMany.stream().min(Comparator.comparingInt(each -> each.way().moves()));
        if (!reached.isEmpty() || least.isEmpty()) {
            return reached;
        }
        beyond.add("No plan starts or stops fewer: it is applied when a person approves it, and not otherwise.");
        return List.of(least.get());
    }

    private static String without(List<String> kept) {
        return kept.isEmpty() ? "" : " that keeps " + String.join(", ", kept) + " as now";
    }

    /** Of the models that change and could stay, the one whose change brings least, to be kept as it is. */
    private static Optional<PinnedShape> leastGain(
            PlanningProblem problem, Situation situation, PlanValue before, Plan plan, List<PinnedShape> pins) {
        Set<String> pinned = new HashSet<>();
        pins.stream().filter(pin -> pin.replicas().isPresent()).forEach(pin -> pinned.add(pin.model()));
        Map<String, LlmAllocation> now = PlanText.byModel(
                situation.served().map(ClusterPort.Served::allocations).orElse(List.of()));
        PlanValue after = PlanValue.of(problem, plan.allocations(), Map.of());
        Map<String, Double> weights = weights(problem.demands());
        @Nullable LlmAllocation least = null;
        double leastGain = Double.POSITIVE_INFINITY;
        for (LlmAllocation wanted : plan.allocations()) {
            LlmAllocation present = now.get(wanted.model());
            PlanValue.ModelValue from = before.models().get(wanted.model());
            PlanValue.ModelValue to = after.models().get(wanted.model());
            if (present == null || present.equals(wanted) || pinned.contains(wanted.model())) {
                continue;
            }
            boolean forbidden =
                    pins.stream().anyMatch(pin -> pin.model().equals(wanted.model()) && !pin.allows(present));
            if (from == null
                    || to == null
                    || from.utilisation() > AllocationProblem.DEFAULT_MAX_UTILISATION
                    || forbidden) {
                continue; // cannot stay
            }
            double gain = weights.getOrDefault(wanted.model(), 0.0) * (from.latencySeconds() - to.latencySeconds());
            if (gain < leastGain) {
                least = present;
                leastGain = gain;
            }
        }
        return Optional.ofNullable(least)
                .map(present -> new PinnedShape(
                        present.model(),
                        Optional.of(present.gpu()),
                        Optional.of(present.gpuFraction()),
                        OptionalInt.of(present.tensorParallel()),
                        OptionalInt.of(present.replicas()),
                        "as it is now"));
    }

    private static Map<String, Double> weights(List<WorkflowDemand> demands) {
        Map<String, Double> weights = new HashMap<>();
        for (WorkflowDemand demand : demands) {
            for (ModelCalls calls : demand.calls()) {
                weights.merge(calls.model(), demand.weight() * calls.sequentialCalls(), Double::sum);
            }
        }
        return weights;
    }

    private PlanningOptions options(Situation situation, Ground ground, List<PinnedShape> pins) {
        return PlanningOptions.builder()
                .latencyLimitSeconds(situation.targets().latencyLimitSeconds())
                .current(ground.staying().map(PlanText::of))
                .limits(() -> new SearchLimits(
                        SearchLimits.standard().nodes(), SearchLimits.standard().seed(), stop))
                .explained(false)
                .pins(onePerModel(pins))
                .build();
    }

    /** What keeps a model as it is comes after what a person pinned of it, and says at least as much. */
    private static List<PinnedShape> onePerModel(List<PinnedShape> pins) {
        Map<String, PinnedShape> last = new java.util.LinkedHashMap<>();
        pins.forEach(pin -> last.put(pin.model(), pin));
        return List.copyOf(last.values());
    }

    private List<String> reasons(PlanningResult.NoPlan none, Situation situation, Ground ground) {
        List<String> why = new ArrayList<>(none.unusable());
        none.why().reasons().stream().map(InfeasibleReason::message).forEach(why::add);
        if (!situation.pins().isEmpty()) {
            boolean otherwise = Planner.of(ground.described()).plan(options(situation, ground, List.of()))
                    instanceof PlanningResult.Planned;
            if (otherwise) {
                why.add("Without the pins there is a plan. Pinned are "
                        + String.join(
                                "; ",
                                situation.pins().stream()
                                        .map(pin -> pin.model() + " to " + pin.words())
                                        .toList())
                        + ": take a pin away, or pin something else.");
            }
        }
        none.why()
                .highestCommonScale()
                .ifPresent(scale -> why.add("All targets times " + Sentences.number(scale) + " would fit."));
        return why;
    }
}
