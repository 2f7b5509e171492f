package dev.scepsy.planner.cli;

/** How a verb ends; scripts rely on the numbers. */
public final class ExitCode {

    /** Done as asked. */
    public static final int DONE = 0;

    /** A mistake in the program itself. */
    public static final int INTERNAL_ERROR = 1;

    /** Arguments or files that cannot be used, or output that cannot be written. */
    public static final int BAD_INPUT = 2;

    /** The problem is well stated and has no solution. */
    public static final int INFEASIBLE = 3;

    /** Refused before any change. */
    public static final int REFUSED = 4;

    /** Stopped midway; the state is recorded. */
    public static final int STOPPED_MIDWAY = 5;

    /** Undone after a failure. */
    public static final int ROLLED_BACK = 6;

    /** {@code status --exit-code}: what runs differs from the plan. */
    public static final int NOT_AS_PLANNED = 7;

    private ExitCode() {}
}
