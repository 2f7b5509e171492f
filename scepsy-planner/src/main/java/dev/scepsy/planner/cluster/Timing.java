package dev.scepsy.planner.cluster;

import java.time.Duration;

/**
 * How long the client waits for what. Immutable.
 *
 * @param poll between two looks at the cluster
 * @param endpoints for every proxy to stop sending requests to a pod that was taken out of its service
 * @param patience for an API server that stopped answering in the middle of a push
 * @param lease how long a push may be silent before another one may take over
 */
public record Timing(Duration poll, Duration endpoints, Duration patience, Duration lease) {

    /** 0.5 s, 3 s, 60 s, 30 s. */
    public static final Timing DEFAULT =
            new Timing(Duration.ofMillis(500), Duration.ofSeconds(3), Duration.ofSeconds(60), Duration.ofSeconds(30));

    /** The same where proxies need {@code atLeast} to stop. */
    Timing withEndpoints(Duration atLeast) {
        return atLeast.compareTo(endpoints) > 0 ? new Timing(poll, atLeast, patience, lease) : this;
    }
}
