package dev.scepsy.planner.search.exact;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.choice.Placeability.Verdict;
import dev.scepsy.planner.search.choice.SpaceShape;
import dev.scepsy.planner.search.choice.StandIns;
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
public final class NoGoods {

    private record Member(int depth, SpaceShape shape, long replicas) {}

    /** Members as arrays, in the order of depths: asked about at every partial plan. */
    private record NoGood(int[] depths, int[] shapes, long[] replicas) {
        static NoGood of(List<Member> members) {
            return new NoGood(
                    members.stream().mapToInt(Member::depth).toArray(),
                    members.stream().mapToInt(member -> member.shape.index()).toArray(),
                    members.stream().mapToLong(Member::replicas).toArray());
        }
    }

    private final Placeability placeability;
    private final StandIns standIns;
    private final List<Map<Integer, List<NoGood>>> byLastDepth = new ArrayList<>();
    private long checks;

    /** Knows nothing yet. */
    public NoGoods(Placeability placeability, ChoiceSpace space) {
        this.placeability = placeability;
        this.standIns = new StandIns(space);
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
        if (verdict == Verdict.UNPLACEABLE && members.size() <= ExactConstants.MOST_MEMBERS) {
            learn(members);
        }
        return verdict;
    }

    private boolean known(@Nullable Choice[] chosen, int depth) {
        Map<Integer, List<NoGood>> byShape = byLastDepth.get(depth);
        Choice last = chosen[depth];
        if (last == null || byShape.isEmpty()) {
            return false;
        }
        for (int shape : standIns.heldBy(last.shape())) {
            for (NoGood noGood : byShape.getOrDefault(shape, List.of())) {
                if (covers(chosen, noGood)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The last member is looked at first: it differs most from one question to the next. */
    private boolean covers(@Nullable Choice[] chosen, NoGood noGood) {
        for (int i = noGood.depths.length - 1; i >= 0; i--) {
            Choice choice = chosen[noGood.depths[i]];
            if (choice == null
                    || standIns.holds(choice.shape(), noGood.shapes[i]) * choice.replicas() < noGood.replicas[i]) {
                return false;
            }
        }
        return true;
    }

    private void learn(List<Member> members) {
        List<Member> noGood = new ArrayList<>(members);
        for (int i = 0; i < noGood.size(); ) {
            Member member = noGood.remove(i);
            if (noGood.isEmpty() || ask(noGood) != Verdict.UNPLACEABLE) {
                noGood.add(i, member);
                i++;
            }
        }
        for (int i = 0; i < noGood.size(); i++) {
            Member member = noGood.get(i);
            long low = 0;
            long high = member.replicas;
            while (high - low > 1) {
                long middle = (low + high) >>> 1;
                noGood.set(i, new Member(member.depth, member.shape, middle));
                if (ask(noGood) == Verdict.UNPLACEABLE) {
                    high = middle;
                } else {
                    low = middle;
                }
            }
            noGood.set(i, new Member(member.depth, member.shape, high));
        }
        Member last = noGood.get(noGood.size() - 1);
        byLastDepth
                .get(last.depth)
                .computeIfAbsent(last.shape.index(), shape -> new ArrayList<>())
                .add(NoGood.of(noGood));
    }

    private Verdict ask(List<Member> members) {
        checks++;
        return placeability.check(
                members.stream().mapToInt(member -> member.shape.index()).toArray(),
                members.stream().mapToInt(member -> (int) member.replicas).toArray());
    }
}
