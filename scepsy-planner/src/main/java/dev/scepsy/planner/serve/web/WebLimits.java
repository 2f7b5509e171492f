package dev.scepsy.planner.serve.web;

import java.time.Duration;

/**
 * What the API bears. Constants are documented with their reasons in {@code docs/reference/limits.md}.
 *
 * @param bodyTimeout from a request's first byte to its last
 * @param answerTimeout from then to its answer
 * @param connections open at a time
 * @param eventStreams open at a time
 * @param waitingEvents of one stream before its reader is cut off
 * @param heartbeat of a stream without events; a reader that took nothing between two of them is cut off
 */
record WebLimits(
        Duration bodyTimeout,
        Duration answerTimeout,
        int connections,
        int eventStreams,
        int waitingEvents,
        Duration heartbeat) {

    static final int MOST_BODY_BYTES = 1 << 20;
    static final long MOST_BYTES_IN_FLIGHT = 32L << 20;
    static final int MOST_LINE_BYTES = 8 << 10;
    static final int MOST_HEADER_BYTES = 16 << 10;
    static final int MOST_NESTING = 32;
    static final int MOST_NUMBER_CHARACTERS = 100;
    static final int MOST_ENTRIES = 10_000;
    static final int MOST_NAME_CHARACTERS = 1_000;
    static final int MOST_REASON_CHARACTERS = 1_000;
    static final int MOST_KEY_CHARACTERS = 255;
    static final int MOST_LISTED = 1_000;
    static final int MOST_SESSIONS = 1_000;
    static final int MOST_FAILURES = 10;
    static final int MOST_ADDRESSES = 10_000;
    static final int MOST_WAITING_READS = 256;
    static final int MOST_WAITING_DECISIONS = 64;
    static final int MOST_CONNECTIONS = 512;
    static final int MOST_STREAMS = 64;
    static final int MOST_WAITING_EVENTS = 2_000;
    static final int MOST_EVENTS_UNDER_WAY = 16;
    static final int BODY_SECONDS = 10;
    static final int ANSWER_SECONDS = 120;
    static final int HEARTBEAT_SECONDS = 15;
    static final int FAILURES_SECONDS = 60;
    static final int COME_AGAIN_SECONDS = 2;
    static final int CERTIFICATES_SECONDS = 2;

    /** As documented. */
    static WebLimits defaults() {
        return new WebLimits(
                Duration.ofSeconds(BODY_SECONDS),
                Duration.ofSeconds(ANSWER_SECONDS),
                MOST_CONNECTIONS,
                MOST_STREAMS,
                MOST_WAITING_EVENTS,
                Duration.ofSeconds(HEARTBEAT_SECONDS));
    }
}
