package dev.scepsy.planner.serve.web;

/** What is asked for is not there to be shown, and that is no mistake of who asks; the message says why. Answered 404, or 503. */
public final class NotShownException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean later;

    private NotShownException(String message, boolean later) {
        super(message, null, false, false);
        this.later = later;
    }

    /** It is not there. */
    public static NotShownException missing(String message) {
        return new NotShownException(message, false);
    }

    /** It will be there soon. */
    public static NotShownException later(String message) {
        return new NotShownException(message, true);
    }

    Refusal refusal() {
        return later ? Refusal.later(String.valueOf(getMessage())) : Refusal.unknown(String.valueOf(getMessage()));
    }
}
