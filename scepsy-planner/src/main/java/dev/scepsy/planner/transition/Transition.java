package dev.scepsy.planner.transition;

import dev.scepsy.planner.transition.Step.Start;
import dev.scepsy.planner.transition.Step.Stop;
import dev.scepsy.planner.transition.TransitionResult.NoPath;
import dev.scepsy.planner.transition.TransitionResult.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the way from what runs to what a plan wants.
 *
 * <p>After every step each model has at least its floor of ready replicas ({@link TransitionProblem#floor}), and on every
 * GPU the fractions sum to at most 1 and the memory to at most what it has. An engine that is in both stays untouched;
 * changing f, t or a setting is a stop and a start. First the unavoidable changes are ordered; if no order is legal,
 * detours over engines that stand in for a while are searched, fewest starts first. Pure: equal problems give equal
 * results.
 */
public final class Transition {

    /** States visited before a search gives up and says so. */
    private static final long STATE_BUDGET = 300_000;

    private static final long REMEDY_STATE_BUDGET = 20_000;

    /** States for a direct order before it is asked whether there can be any. */
    private static final long FIRST_STATE_BUDGET = 10_000;

    /** With more kinds of engines than this the proof that one can never start is not tried. */
    private static final int MOST_PROOF_KINDS = 4_000;

    /** On clusters so large that more engines than this could stand in, only direct orders are tried. */
    private static final int MOST_DETOUR_KINDS = 20_000;

    private Transition() {}

    /** The way, or why there is none and what would make one. */
    public static TransitionResult find(TransitionProblem problem) {
        Attempt attempt = attempt(problem, STATE_BUDGET);
        if (attempt.steps != null) {
            return new Path(
                    Waves.of(attempt.steps).stream().flatMap(List::stream).toList());
        }
        return new NoPath(
                attempt.exhausted,
                Obstacles.reasons(problem, attempt.space, attempt.never),
                attempt.space.goalFits() ? Obstacles.remedies(problem, Transition::opens) : List.of());
    }

    private static boolean opens(TransitionProblem problem) {
        return attempt(problem, REMEDY_STATE_BUDGET).steps != null;
    }

    private static Attempt attempt(TransitionProblem problem, long stateBudget) {
        List<Step> steps = new ArrayList<>();
        List<Engine> counted = settle(problem, steps);
        ServingSpace direct = new ServingSpace(problem, counted, List.of());
        if (!direct.goalFits()) {
            return new Attempt(null, true, direct);
        }
        // most ways are direct and found without going back; the proof that there is none is dearer than they are
        List<Move> moves = new DirectOrder(direct, Math.min(stateBudget, FIRST_STATE_BUDGET)).find();
        if (moves != null) {
            steps.addAll(Narration.of(direct, moves));
            return new Attempt(steps, true, direct);
        }
        List<Engine> detoursPossible = Detours.of(problem);
        boolean small = detoursPossible.size() <= MOST_DETOUR_KINDS;
        ServingSpace wide = small ? new ServingSpace(problem, counted, detoursPossible) : direct;
        List<Engine> never = wide.kinds.size() <= MOST_PROOF_KINDS && small && wide.beginsLegally()
                ? new RoomToStart(wide).neverFor()
                : List.of();
        if (!never.isEmpty()) {
            return new Attempt(null, true, direct, never);
        }
        moves = new DirectOrder(direct, stateBudget).find();
        if (moves != null) {
            steps.addAll(Narration.of(direct, moves));
            return new Attempt(steps, true, direct);
        }
        if (!small) {
            return new Attempt(null, false, direct);
        }
        DetourSearch detours = new DetourSearch(wide, stateBudget);
        moves = detours.find();
        if (moves != null) {
            steps.addAll(Narration.of(wide, moves));
            return new Attempt(steps, true, wide);
        }
        return new Attempt(null, detours.exhausted(), direct);
    }

    /**
     * First deals with engines that are not ready: wanted ones are awaited, others stopped (they serve nobody). Returns
     * the engines that run after that.
     */
    private static List<Engine> settle(TransitionProblem problem, List<Step> steps) {
        Map<Engine, Integer> wanted = new HashMap<>();
        problem.target().forEach(engine -> wanted.merge(engine, 1, Integer::sum));
        List<Engine> counted = new ArrayList<>();
        problem.running().stream().filter(RunningEngine::ready).forEach(found -> {
            counted.add(found.engine());
            wanted.merge(found.engine(), -1, Integer::sum);
        });
        List<Step> awaited = new ArrayList<>();
        problem.running().stream()
                .filter(found -> !found.ready())
                .map(RunningEngine::engine)
                .sorted(Engine.ORDER)
                .forEach(engine -> {
                    if (wanted.getOrDefault(engine, 0) > 0) {
                        wanted.merge(engine, -1, Integer::sum);
                        counted.add(engine);
                        awaited.add(new Start(engine, "it exists and is not ready yet"));
                    } else {
                        steps.add(new Stop(engine, "it serves no request and is not in the plan"));
                    }
                });
        steps.addAll(awaited);
        return counted;
    }

    private record Attempt(@Nullable List<Step> steps, boolean exhausted, ServingSpace space, List<Engine> never) {
        Attempt(@Nullable List<Step> steps, boolean exhausted, ServingSpace space) {
            this(steps, exhausted, space, List.of());
        }
    }
}
