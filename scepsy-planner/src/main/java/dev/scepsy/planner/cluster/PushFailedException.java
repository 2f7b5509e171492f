package dev.scepsy.planner.cluster;

/** A step cannot succeed: what ran before has to be restored. */
final class PushFailedException extends Exception {
    private static final long serialVersionUID = 1;

    private final String reason;

    PushFailedException(String reason) {
        super(reason);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
