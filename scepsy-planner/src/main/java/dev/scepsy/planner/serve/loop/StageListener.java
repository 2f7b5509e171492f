package dev.scepsy.planner.serve.loop;

import java.time.Instant;

/** Is told of the loop's stages when they end, on the loop's threads; must be quick and not throw. */
@FunctionalInterface
public interface StageListener {

    /** Tells nobody. */
    StageListener NONE = (stage, start, end, failed) -> {};

    /**
     * A stage has ended.
     *
     * @param stage {@code look}, {@code plan}, {@code apply} or {@code verify}
     * @param start on the wall, as the end
     * @param failed whether it threw
     */
    void ended(String stage, Instant start, Instant end, boolean failed);
}
