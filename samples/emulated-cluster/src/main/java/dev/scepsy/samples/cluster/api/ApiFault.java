package dev.scepsy.samples.cluster.api;

/** What an API server answers when something is wrong with it, or with what stands before it. */
public enum ApiFault {
    /** 403 as in the first moments after a restart, when the roles are not yet known. */
    FORBIDDEN,
    /** 401: the token has expired. */
    UNAUTHORIZED,
    /** 200 without a body. */
    EMPTY,
    /** 200 with the body {@code null}. */
    NULL,
    /** 503 of a server that is not ready. */
    UNAVAILABLE,
    /** No answer: the connection is closed. */
    CLOSED
}
