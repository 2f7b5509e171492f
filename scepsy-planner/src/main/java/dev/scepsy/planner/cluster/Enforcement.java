package dev.scepsy.planner.cluster;

/**
 * What holds an engine to its place and share on a node. Immutable.
 *
 * @param placement how far the place is enforced; with {@link Level#NODE} the plan's GPU ids are advice
 * @param compute what limits the share of compute
 * @param memory what limits the share of memory
 */
public record Enforcement(Level placement, String compute, String memory) {

    /** How far a place is enforced. */
    public enum Level {
        NODE,
        GPU
    }

    /** As one line of an annotation: {@code placement=gpu; compute=...; memory=...}. */
    @Override
    public String toString() {
        return "placement=" + placement.name().toLowerCase(java.util.Locale.ROOT) + "; compute=" + compute + "; memory="
                + memory;
    }
}
