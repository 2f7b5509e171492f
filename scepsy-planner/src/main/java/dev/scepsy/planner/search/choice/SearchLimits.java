package dev.scepsy.planner.search.choice;

/**
 * How much work a search may do. Work is counted, never timed: the same problem with the same limits gives the same plan
 * on every machine, and more work never gives a worse one. Who must answer by a certain time hands in a {@link Stop}.
 *
 * @param nodes partial plans that may be looked at, above 0; a linear programme counts as many as it has rows
 * @param seed start of every random draw; problems small enough to be solved exactly draw nothing
 * @param stop asked now and then; once it says so, the search ends with the best plan it has, as if its work were spent
 */
public record SearchLimits(long nodes, long seed, Stop stop) {

    /** Whether a search should end now. */
    @FunctionalInterface
    public interface Stop {

        /** Lets a search do all the work it may. */
        Stop NEVER = () -> false;

        /** True from some moment on. */
        boolean now();
    }

    private static final SearchLimits STANDARD = new SearchLimits(ChoiceConstants.STANDARD_NODES, 0);

    public SearchLimits {
        if (nodes < 1) {
            throw new IllegalArgumentException("The nodes (" + nodes + ") must be at least 1.");
        }
    }

    /** Work alone counts. */
    public SearchLimits(long nodes, long seed) {
        this(nodes, seed, Stop.NEVER);
    }

    /** Two million partial plans, seed 0: proves the optimum of every problem of up to 6 models on 32 GPUs met so far, full clusters included. */
    public static SearchLimits standard() {
        return STANDARD;
    }
}
