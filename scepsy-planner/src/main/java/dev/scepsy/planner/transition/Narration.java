package dev.scepsy.planner.transition;

import dev.scepsy.planner.transition.Step.Start;
import dev.scepsy.planner.transition.Step.Stop;
import java.util.ArrayList;
import java.util.List;

/** Turns moves into steps that say why they are there. */
final class Narration {

    private Narration() {}

    static List<Step> of(ServingSpace space, List<Move> moves) {
        List<Step> steps = new ArrayList<>();
        int[] counts = space.initial.clone();
        for (int position = 0; position < moves.size(); position++) {
            Move move = moves.get(position);
            Engine engine = space.kinds.get(move.kind());
            if (move.change() > 0) {
                steps.add(new Start(
                        engine,
                        counts[move.kind()] < space.goal[move.kind()]
                                ? "the plan has it here"
                                : "it stands in for " + engine.model() + " until the plan's engine runs"));
            } else {
                String room = roomFor(space, counts, moves, position);
                boolean surplus = counts[move.kind()] > space.goal[move.kind()];
                steps.add(new Stop(
                        engine,
                        surplus
                                ? "the plan does not have it" + room
                                : "it makes way" + room + " and comes back later"));
            }
            counts[move.kind()] += move.change();
        }
        return List.copyOf(steps);
    }

    /** The next start that fits after this stop and did not before. */
    private static String roomFor(ServingSpace space, int[] counts, List<Move> moves, int position) {
        int stopped = moves.get(position).kind();
        for (Move later : moves.subList(position + 1, moves.size())) {
            if (later.change() > 0 && !space.fits(counts, later.kind())) {
                int[] after = counts.clone();
                after[stopped]--;
                return space.fits(after, later.kind())
                        ? ", room for " + space.kinds.get(later.kind()).model()
                        : "";
            }
        }
        return "";
    }
}
