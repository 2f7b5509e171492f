package dev.scepsy.planner.topology;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What engines may use of a node beside its GPUs. Immutable.
 *
 * @param cpuCores processors, above 0; empty: not limited
 * @param memoryGiB memory of the node itself, GiB, above 0; empty: not limited
 */
public record HostRoom(OptionalDouble cpuCores, OptionalDouble memoryGiB) {

    /** Nothing is limited. */
    public static final HostRoom UNLIMITED = new HostRoom(OptionalDouble.empty(), OptionalDouble.empty());

    /** @throws IllegalArgumentException if a limit is not above 0 */
    public HostRoom {
        positive("cpuCores", cpuCores);
        positive("hostMemoryGiB", memoryGiB);
    }

    /** How much of a resource there is; empty: not limited. */
    public OptionalDouble of(HostResource resource) {
        return switch (resource) {
            case PROCESSORS -> cpuCores;
            case MEMORY -> memoryGiB;
        };
    }

    /** Whether either is limited. */
    public boolean isLimited() {
        return cpuCores.isPresent() || memoryGiB.isPresent();
    }

    /** The first resource of which {@code need} is more than there is; empty: one such engine may stand here alone. */
    public Optional<HostResource> lacks(HostNeed need) {
        for (HostResource resource : HostResource.values()) {
            if (HostUnits.needed(need.of(resource)) > HostUnits.given(of(resource))) {
                return Optional.of(resource);
            }
        }
        return Optional.empty();
    }

    private static void positive(String name, OptionalDouble limit) {
        if (limit.isPresent() && !(limit.getAsDouble() > 0)) {
            throw new IllegalArgumentException("The " + name + " (" + limit.getAsDouble() + ") must be above 0.");
        }
    }
}
