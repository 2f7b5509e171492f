package dev.scepsy.planner.cluster;

import dev.scepsy.planner.transition.Step;
import java.util.List;

/** What a push says while it runs. Delivered on the pushing thread, in order. */
public sealed interface PushEvent {

    /** The steps were found; nothing has been changed yet. */
    record Planned(String planId, List<Step> steps) implements PushEvent {}

    /** Step {@code number} (from 1) of {@code of} begins. */
    record Started(int number, int of, Step step) implements PushEvent {}

    /** Step {@code number} is done: the engine is ready, or gone. */
    record Finished(int number, int of, Step step, double seconds) implements PushEvent {}

    /** The push failed; what ran before is being restored. */
    record RollingBack(String reason) implements PushEvent {}

    /** Something worth knowing that stops nothing. */
    record Note(String text) implements PushEvent {}
}
