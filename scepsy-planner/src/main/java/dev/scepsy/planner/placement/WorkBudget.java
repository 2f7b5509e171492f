package dev.scepsy.planner.placement;

/** A count of steps that may still be taken: limits by work, never by the clock, so that results repeat. Not thread-safe. */
final class WorkBudget {

    private final long steps;
    private long left;

    WorkBudget(long steps) {
        this.steps = steps;
        this.left = steps;
    }

    /** Takes one step; false when none is left. */
    boolean spend() {
        if (left <= 0) {
            left = -1;
            return false;
        }
        left--;
        return true;
    }

    /** Takes so many; false when fewer are left. */
    boolean spend(long many) {
        if (left < many) {
            left = -1;
            return false;
        }
        left -= many;
        return true;
    }

    /** Steps taken. */
    long spent() {
        return steps - Math.max(0, left);
    }

    /** Whether a step was refused. */
    boolean exhausted() {
        return left < 0;
    }
}
