package dev.scepsy.planner.engine;

import dev.scepsy.planner.file.Problem;
import java.util.List;

/** Rows or tables that cannot be used; every problem at once. */
public final class UnusableRowsException extends Exception {

    private static final long serialVersionUID = 1;

    private final transient List<Problem> problems;

    public UnusableRowsException(List<Problem> problems) {
        super(problems.toString());
        this.problems = List.copyOf(problems);
    }

    /** At least one. */
    public List<Problem> problems() {
        return problems;
    }
}
