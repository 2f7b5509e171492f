package dev.scepsy.planner.topology;

/**
 * A type of GPU as the search needs it; the engine model's physical facts live in {@code profile}. Immutable.
 *
 * @param name catalogue key, such as {@code H100-SXM-80GB}
 * @param memoryGiB memory one GPU has, GiB, above 0
 */
public record GpuType(String name, double memoryGiB) {

    /** @throws IllegalArgumentException if the memory is not above 0 */
    public GpuType {
        if (!(memoryGiB > 0)) {
            throw new IllegalArgumentException(
                    "The memoryGiB (" + memoryGiB + ") of GPU type (" + name + ") must be above 0.");
        }
    }
}
