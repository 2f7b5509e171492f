package dev.scepsy.planner.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A fit that remembers its answers. More never fits where less does not, which answers most questions from earlier ones. Not
 * thread-safe.
 */
abstract class RememberedFit implements BinFit {

    private static final int MOST_EXTREMES = 48;
    private static final int MOST_ANSWERS = 8_192;

    private record Counts(int[] replicas) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Counts that && Arrays.equals(replicas, that.replicas);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(replicas);
        }
    }

    private final Map<Counts, Boolean> answers = new HashMap<>();
    private final List<int[]> largest = new ArrayList<>();
    private final List<int[]> smallestNot = new ArrayList<>();

    @Override
    public boolean fits(int[] replicas, WorkBudget work) {
        if (!sumsFit(replicas)) {
            return false;
        }
        Counts key = new Counts(replicas);
        Boolean known = answers.get(key);
        if (known == null) {
            known = ask(replicas, work);
            if (known || !work.exhausted()) {
                if (answers.size() == MOST_ANSWERS) {
                    answers.clear();
                }
                answers.put(new Counts(replicas.clone()), known);
            }
        }
        return known;
    }

    /** Whether sums do not rule the counts out; asked before anything else. */
    abstract boolean sumsFit(int[] replicas);

    /** Whether counts fit of which nothing is known; false also when the work budget ends first. */
    abstract boolean decide(int[] replicas, WorkBudget work);

    private boolean ask(int[] replicas, WorkBudget work) {
        for (int[] fitting : largest) {
            if (within(replicas, fitting)) {
                return true;
            }
        }
        for (int[] not : smallestNot) {
            if (within(not, replicas)) {
                return false;
            }
        }
        boolean fits = decide(replicas, work);
        if (fits) {
            largest.removeIf(smaller -> within(smaller, replicas));
            remember(largest, replicas);
        } else if (!work.exhausted()) {
            smallestNot.removeIf(larger -> within(replicas, larger));
            remember(smallestNot, replicas);
        }
        return fits;
    }

    private static void remember(List<int[]> answers, int[] replicas) {
        if (answers.size() == MOST_EXTREMES) {
            answers.remove(MOST_EXTREMES - 1);
        }
        answers.add(0, replicas.clone());
    }

    private static boolean within(int[] less, int[] more) {
        for (int i = 0; i < less.length; i++) {
            if (less[i] > more[i]) {
                return false;
            }
        }
        return true;
    }
}
