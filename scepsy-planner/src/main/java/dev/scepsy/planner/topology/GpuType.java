package dev.scepsy.planner.topology;

import java.util.OptionalDouble;

/**
 * A type of GPU as the search needs it; the engine model's physical facts live in {@code profile}. Immutable.
 *
 * @param name catalogue key, such as {@code H100-SXM-80GB}
 * @param memoryGiB memory one GPU has, GiB, above 0
 * @param costPerHour what one whole GPU costs for an hour, above 0, in whatever currency its user counts; empty: not said
 */
public record GpuType(String name, double memoryGiB, OptionalDouble costPerHour) {

    /** @throws IllegalArgumentException if the memory or the cost is not above 0 */
    public GpuType {
        if (!(memoryGiB > 0)) {
            throw new IllegalArgumentException(
                    "The memoryGiB (" + memoryGiB + ") of GPU type (" + name + ") must be above 0.");
        }
        if (costPerHour.isPresent() && !(costPerHour.getAsDouble() > 0)) {
            throw new IllegalArgumentException(
                    "The costPerHour (" + costPerHour.getAsDouble() + ") of GPU type (" + name + ") must be above 0.");
        }
    }

    /** A type whose cost nobody said. */
    public GpuType(String name, double memoryGiB) {
        this(name, memoryGiB, OptionalDouble.empty());
    }
}
