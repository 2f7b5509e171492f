package dev.scepsy.planner.cluster;

import java.time.Duration;

/** Whether waiting helps an engine that is not ready. */
enum Outlook {
    /** It may become ready by itself. */
    OPEN(Integer.MAX_VALUE),
    /** Hiccups look like this, and so do faults: it is given up when it lasts. */
    DOUBTFUL(120),
    /** Somebody has to change something: it is given up soon. */
    POOR(20),
    /** Given up at once. */
    NONE(0);

    private final int looks;

    Outlook(int looks) {
        this.looks = looks;
    }

    /** How long it may last at {@code poll} between two looks; 60 s and 10 s by default. */
    Duration patience(Duration poll) {
        return this == OPEN ? Duration.ofDays(365) : poll.multipliedBy(looks);
    }

    Outlook worse(Outlook other) {
        return compareTo(other) >= 0 ? this : other;
    }

    /** What {@code FailedScheduling} says, which every node contributes its reason to. */
    static Outlook unschedulable(String message) {
        if (message.contains("Insufficient")
                || message.contains("PersistentVolume")
                || message.contains("free ports")) {
            return OPEN; // others may leave
        }
        if (message.contains("not-ready")
                || message.contains("not ready")
                || message.contains("unreachable")
                || message.contains("were unschedulable")
                || message.contains("node.kubernetes.io/unschedulable")) {
            return DOUBTFUL; // a node that restarts, or is serviced
        }
        return message.contains("untolerated taint")
                        || message.contains("didn't match")
                        || message.contains("didn't satisfy")
                ? POOR
                : OPEN;
    }

    /** What the Deployment's {@code ReplicaFailure} says. */
    static Outlook refusedPods(String message) {
        return message.contains("exceeded quota") ? DOUBTFUL : POOR;
    }
}
