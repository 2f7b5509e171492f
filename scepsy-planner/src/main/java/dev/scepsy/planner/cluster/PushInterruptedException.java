package dev.scepsy.planner.cluster;

/** The push has to end here: it was asked to stop, lost its lock, or the API server stays away. */
final class PushInterruptedException extends Exception {
    private static final long serialVersionUID = 1;

    private final String reason;

    PushInterruptedException(String reason) {
        super(reason);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
