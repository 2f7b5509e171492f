package dev.scepsy.planner.measure;

/**
 * Why a request was not answered. Immutable.
 *
 * @param kind what went wrong
 * @param message for people, without any content of requests
 */
record Failure(Kind kind, String message) {

    enum Kind {
        /** The server says that it has too much to do: 429 or 503. */
        TOO_BUSY,
        /** No complete answer within the time limit. */
        TIMEOUT,
        /** No connection, or one that broke. */
        CONNECTION,
        /** 401 or 403. */
        DOOR_CLOSED,
        /** 400 or 422: the server does not take such a request. */
        REFUSED,
        /** Any other status, an error inside the stream, an answer that is none. */
        BROKEN;

        /** Whether less load might have prevented it. */
        boolean comesFromLoad() {
            return this == TOO_BUSY || this == TIMEOUT;
        }
    }
}
