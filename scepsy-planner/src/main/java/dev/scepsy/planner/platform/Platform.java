package dev.scepsy.planner.platform;

import java.util.List;
import java.util.function.Consumer;

/**
 * Where a plan can run. Everything that a platform knows stays behind this interface: the plan, its engines and their arguments are the
 * same for all. Implementations are immutable and thread-safe.
 */
public interface Platform {

    /** As {@code --platform} takes it. */
    String name();

    /** What of a plan it holds engines to, and how; also what it does not. */
    Capabilities capabilities();

    /** The files that make the plan run there, or what of the plan it cannot express. Asks nobody. */
    Rendering render(PlacedPlan plan);

    /**
     * What runs there now.
     *
     * @throws PlatformUnreachableException if it does not answer, or refuses, or cannot be asked at all
     */
    PlatformState read() throws PlatformUnreachableException;

    /** Moves it to {@code plan}; returns when it serves it, or when and why it does not. */
    PlatformOutcome apply(PlacedPlan plan, Consumer<String> told);

    /**
     * What runs there beside what was applied last, as people read it.
     *
     * @throws PlatformUnreachableException as {@link #read}
     */
    default List<String> status() throws PlatformUnreachableException {
        return read().lines();
    }
}
