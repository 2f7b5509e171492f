package dev.scepsy.planner.measure;

/** The endpoint does not answer any more, or not at all; the message says what it said last. */
public final class EndpointLostException extends Exception {

    private static final long serialVersionUID = 1;

    public EndpointLostException(String message) {
        super(message);
    }
}
