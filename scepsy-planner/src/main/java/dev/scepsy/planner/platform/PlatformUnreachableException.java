package dev.scepsy.planner.platform;

/** A platform that does not answer, refuses, or cannot be asked; the message says which, where and what to do. */
public final class PlatformUnreachableException extends Exception {

    private static final long serialVersionUID = 1;

    public PlatformUnreachableException(String message) {
        super(message);
    }

    public PlatformUnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
