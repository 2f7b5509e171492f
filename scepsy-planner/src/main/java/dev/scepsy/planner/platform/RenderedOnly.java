package dev.scepsy.planner.platform;

import java.util.List;
import java.util.function.Consumer;

/** A platform that Scepsy writes files for and never talks to. */
abstract class RenderedOnly implements Platform {

    /** How its files are put to work, and how one sees what runs: sentences. */
    abstract String byHand();

    @Override
    public PlatformState read() throws PlatformUnreachableException {
        throw new PlatformUnreachableException(
                "Scepsy writes files for platform (" + name() + ") and does not talk to it. " + byHand());
    }

    @Override
    public PlatformOutcome apply(PlacedPlan plan, Consumer<String> told) {
        return new PlatformOutcome.Refused(
                List.of("Scepsy writes files for platform (" + name() + ") and does not talk to it."),
                List.of(byHand()));
    }
}
