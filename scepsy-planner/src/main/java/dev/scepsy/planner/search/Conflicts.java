package dev.scepsy.planner.search;

import dev.scepsy.planner.search.Placeability.Verdict;
import java.util.ArrayList;
import java.util.List;
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

    /** Learning asks once or more per member; of many members the lesson is not worth its price. */
    private static final int MOST_MEMBERS = 16;

    private final Placeability placeability;
    private final List<List<List<Member>>> byLastDepth = new ArrayList<>();
    private long checks;

    Conflicts(Placeability placeability, int models) {
        this.placeability = placeability;
        for (int depth = 0; depth < models; depth++) {
            byLastDepth.add(new ArrayList<>());
        }
    }

    long checks() {
        return checks;
    }

    /** Whether {@code chosen[0..depth]} can stand together, given that {@code chosen[0..depth-1]} can. */
    Verdict check(@Nullable Choice[] chosen, int depth) {
        for (List<Member> conflict : byLastDepth.get(depth)) {
            if (covers(chosen, conflict)) {
                return Verdict.UNPLACEABLE;
            }
        }
        List<Member> members = new ArrayList<>();
        for (int i = 0; i <= depth; i++) {
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

    private static boolean covers(@Nullable Choice[] chosen, List<Member> conflict) {
        for (Member member : conflict) {
            Choice choice = chosen[member.depth];
            if (choice == null || choice.shape().holds(member.shape) * choice.replicas() < member.replicas) {
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
        byLastDepth.get(conflict.get(conflict.size() - 1).depth).add(List.copyOf(conflict));
    }

    private Verdict ask(List<Member> members) {
        checks++;
        return placeability.check(
                members.stream().mapToInt(member -> member.shape.index()).toArray(),
                members.stream().mapToInt(member -> (int) member.replicas).toArray());
    }
}
