package dev.scepsy.planner.planning;

/** What planning is at, for those who show progress. */
public enum Stage {
    TABULATING("tabulating profiles"),
    SEARCHING("searching"),
    SIMULATING("simulating"),
    EXPLAINING("explaining"),
    LOOKING_FOR_WAYS_OUT("looking for what would help");

    private final String text;

    Stage(String text) {
        this.text = text;
    }

    /** In words, for people. */
    public String text() {
        return text;
    }
}
