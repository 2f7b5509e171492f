package dev.scepsy.planner.receive;

import java.time.Duration;

/** What becomes of a request. */
public sealed interface Outcome {

    /** Taken; the sender may forget it. */
    record Accepted() implements Outcome {}

    /**
     * Not taken now; nothing of it was kept, and the sender is asked to send it again.
     *
     * @param after how long it should wait, at least a second
     * @param reason for people
     */
    record TryLater(Duration after, String reason) implements Outcome {}

    /**
     * Never to be taken; the sender is asked to drop it.
     *
     * @param reason for people
     */
    record Refused(String reason) implements Outcome {}

    /**
     * Never to be taken, since it is too large.
     *
     * @param reason for people
     */
    record TooLarge(String reason) implements Outcome {}

    /**
     * Not taken: nobody knows who sends.
     *
     * @param reason for people
     */
    record Unauthenticated(String reason) implements Outcome {}

    /**
     * Not taken: who sends is known and may not.
     *
     * @param reason for people
     */
    record Forbidden(String reason) implements Outcome {}

    Outcome ACCEPTED = new Accepted();
}
