package dev.scepsy.planner.search;

import dev.scepsy.planner.search.Placeability.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether partial plans can be placed, and learns from those that cannot.
 *
 * <p>Each time placement says no, members are taken out as long as it still says no, then replica counts are lowered
 * likewise. What remains is a small set of choices that cannot coexist; every partial plan that contains at least as
 * much of each of them ({@link SpaceShape#holds}) is refused from then on without asking.
 */
final class Conflicts {

    private record Member(int depth, SpaceShape shape, long replicas) {}

    /** Members as arrays, in the order of depths: asked about at every partial plan. */
    private record Conflict(int[] depths, int[] shapes, long[] replicas) {
        static Conflict of(List<Member> members) {
            return new Conflict(
                    members.stream().mapToInt(Member::depth).toArray(),
                    members.stream().mapToInt(member -> member.shape.index()).toArray(),
                    members.stream().mapToLong(Member::replicas).toArray());
        }
    }

    /** Learning asks once or more per member; of many members the lesson is not worth its price. */
    private static final int MOST_MEMBERS = 16;

    private final Placeability placeability;
    private final ShapeStandIns standIns;
    private final List<Map<Integer, List<Conflict>>> byLastDepth = new ArrayList<>();
    private long checks;

    Conflicts(Placeability placeability, ChoiceSpace space) {
        this.placeability = placeability;
        this.standIns = new ShapeStandIns(space);
        for (int depth = 0; depth < space.models(); depth++) {
            byLastDepth.add(new HashMap<>());
        }
    }

    long checks() {
        return checks;
    }

    /** Whether {@code chosen[0..depth]} can stand together, given that {@code chosen[0..depth-1]} can. */
    Verdict check(@Nullable Choice[] chosen, int depth) {
        if (known(chosen, depth)) {
            return Verdict.UNPLACEABLE;
        }
        return asked(chosen);
    }

    /** Whether all that is chosen can stand together; nothing is known of any part of it. */
    Verdict check(@Nullable Choice[] chosen) {
        for (int depth = 0; depth < chosen.length; depth++) {
            if (known(chosen, depth)) {
                return Verdict.UNPLACEABLE;
            }
        }
        return asked(chosen);
    }

    private Verdict asked(@Nullable Choice[] chosen) {
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < chosen.length; i++) {
            Choice choice = chosen[i];
            if (choice != null) {
                members.add(new Member(i, choice.shape(), choice.replicas()));
            }
        }
        Verdict verdict = ask(members);
        if (verdict == Verdict.UNPLACEABLE && members.size() <= MOST_MEMBERS) {
            learn(members);
        }
        return verdict;
    }

    private boolean known(@Nullable Choice[] chosen, int depth) {
        Map<Integer, List<Conflict>> byShape = byLastDepth.get(depth);
        Choice last = chosen[depth];
        if (last == null || byShape.isEmpty()) {
            return false;
        }
        for (int shape : standIns.heldBy(last.shape())) {
            for (Conflict conflict : byShape.getOrDefault(shape, List.of())) {
                if (covers(chosen, conflict)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The last member is looked at first: it differs most from one question to the next. */
    private boolean covers(@Nullable Choice[] chosen, Conflict conflict) {
        for (int i = conflict.depths.length - 1; i >= 0; i--) {
            Choice choice = chosen[conflict.depths[i]];
            if (choice == null
                    || standIns.holds(choice.shape(), conflict.shapes[i]) * choice.replicas() < conflict.replicas[i]) {
                return false;
            }
        }
        return true;
    }

    private void learn(List<Member> members) {
        List<Member> conflict = new ArrayList<>(members);
        for (int i = 0; i < conflict.size(); ) {
            Member member = conflict.remove(i);
            if (conflict.isEmpty() || ask(conflict) != Verdict.UNPLACEABLE) {
                conflict.add(i, member);
                i++;
            }
        }
        for (int i = 0; i < conflict.size(); i++) {
            Member member = conflict.get(i);
            long low = 0;
            long high = member.replicas;
            while (high - low > 1) {
                long middle = (low + high) >>> 1;
                conflict.set(i, new Member(member.depth, member.shape, middle));
                if (ask(conflict) == Verdict.UNPLACEABLE) {
                    high = middle;
                } else {
                    low = middle;
                }
            }
            conflict.set(i, new Member(member.depth, member.shape, high));
        }
        Member last = conflict.get(conflict.size() - 1);
        byLastDepth
                .get(last.depth)
                .computeIfAbsent(last.shape.index(), shape -> new ArrayList<>())
                .add(Conflict.of(conflict));
    }

    private Verdict ask(List<Member> members) {
        checks++;
        return placeability.check(
                members.stream().mapToInt(member -> member.shape.index()).toArray(),
                members.stream().mapToInt(member -> (int) member.replicas).toArray());
    }
}
