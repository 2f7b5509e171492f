package dev.scepsy.planner.simulate;

/**
 * How many of a changing set of numbers lie below a limit, while all of them grow by one a round: a ring of the rounds in
 * which they reach it. Every operation takes constant time. Mutable, confined to its engine.
 */
final class CountBelow {

    private final int limit;
    private final int[] reachingIn;
    private int now;
    private int below;

    /** @param limit 1 or more */
    CountBelow(int limit) {
        this.limit = limit;
        this.reachingIn = new int[limit + 1];
    }

    boolean add(int number) {
        return change(number, 1);
    }

    boolean remove(int number) {
        return change(number, -1);
    }

    private boolean change(int number, int by) {
        if (number >= limit) {
            return false;
        }
        reachingIn[(now + limit - number) % reachingIn.length] += by;
        below += by;
        return true;
    }

    /** All numbers grow by one; how many reached the limit. */
    int advance() {
        now = (now + 1) % reachingIn.length;
        int reached = reachingIn[now];
        reachingIn[now] = 0;
        below -= reached;
        return reached;
    }

    int below() {
        return below;
    }
}
