package dev.scepsy.planner.cluster;

import dev.scepsy.planner.transition.Step;
import java.util.List;

/** What a push says while it runs. Delivered on the pushing thread, in order. */
public sealed interface PushEvent {

    /**
     * The steps were found; nothing has been changed yet.
     *
     * @param forecast how long they are expected to take
     */
    record Planned(String planId, List<Step> steps, Forecast forecast) implements PushEvent {}

    /**
     * Step {@code number} (from 1) of {@code of} begins.
     *
     * @param expected how long it is expected to take
     */
    record Started(int number, int of, Step step, StepTime expected) implements PushEvent {}

    /** Step {@code number} is done: the engine is ready, or gone. */
    record Finished(int number, int of, Step step, double seconds) implements PushEvent {}

    /** The router is changed. */
    record Routing(RouterStep step) implements PushEvent {}

    /** The push failed; what ran before is being restored. */
    record RollingBack(String reason) implements PushEvent {}

    /** Something worth knowing that stops nothing. */
    record Note(String text) implements PushEvent {}
}
