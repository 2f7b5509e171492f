package dev.scepsy.planner.cluster;

/** The API server does not answer or refuses, or its record of plans is damaged. The message says which. */
public final class ClusterUnreachableException extends Exception {
    private static final long serialVersionUID = 1;

    ClusterUnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
