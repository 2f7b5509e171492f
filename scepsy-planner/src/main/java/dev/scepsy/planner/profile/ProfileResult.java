package dev.scepsy.planner.profile;

/** What the engine model says of one (model, GPU, t, f): a curve, or why there is none. */
public sealed interface ProfileResult {

    /** The replica can run; {@code profile} says how. */
    record Modelled(LatencyProfile profile) implements ProfileResult {}

    /**
     * The replica cannot run.
     *
     * @param reason for programs
     * @param message for people: by how much, and what would help
     */
    record Unusable(Reason reason, String message) implements ProfileResult {}

    /** Why an engine cannot be started. */
    enum Reason {
        /** The engine does not start over so many GPUs, see {@link TensorParallelRules}. */
        DEGREE_NOT_STARTED,
        /** weights / t and overhead exceed the memory share. */
        WEIGHTS_DO_NOT_FIT,
        /** The cache that is left does not hold one request of the longest length. */
        NO_ROOM_FOR_ONE_REQUEST
    }
}
