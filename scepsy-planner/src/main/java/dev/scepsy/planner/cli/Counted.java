package dev.scepsy.planner.cli;

/** A number and its noun. */
final class Counted {

    private Counted() {}

    /** {@code 1 call}, {@code 2 calls}. */
    static String of(long count, String one, String many) {
        return count + " " + (count == 1 ? one : many);
    }
}
