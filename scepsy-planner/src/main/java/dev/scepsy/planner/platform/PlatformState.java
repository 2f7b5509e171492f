package dev.scepsy.planner.platform;

import java.util.ArrayList;
import java.util.List;

/**
 * What runs on a platform. Immutable.
 *
 * @param serving what is Scepsy's, in name order
 * @param foreign what is not, a line each
 * @param unfinished what is under way or was left midway, a line each
 */
public record PlatformState(List<Serving> serving, List<String> foreign, List<String> unfinished) {

    public PlatformState {
        serving = List.copyOf(serving);
        foreign = List.copyOf(foreign);
        unfinished = List.copyOf(unfinished);
    }

    /**
     * Engines that the platform counts together.
     *
     * @param name what the platform calls them
     * @param model the model's name
     * @param wanted engines that were applied last
     * @param ready engines that serve
     * @param condition what the platform says of them
     * @param placed whether they are where they were applied
     */
    public record Serving(String name, String model, int wanted, int ready, String condition, boolean placed) {

        /** Whether exactly what was applied serves, where it was applied. */
        public boolean asPlanned() {
            return wanted == ready && placed;
        }
    }

    /** Whether everything is as it was applied. */
    public boolean asPlanned() {
        return unfinished.isEmpty() && serving.stream().allMatch(Serving::asPlanned);
    }

    /** As people read it. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Serving each : serving) {
            lines.add(each.name() + ": model " + each.model() + ", " + each.ready() + " of " + each.wanted()
                    + " ready, " + each.condition());
        }
        lines.addAll(unfinished);
        foreign.forEach(other -> lines.add("not Scepsy's, left alone: " + other));
        lines.add(
                serving.isEmpty()
                        ? "Nothing of Scepsy's runs here."
                        : asPlanned() ? "Everything is as planned." : "Not everything is as planned.");
        return lines;
    }
}
