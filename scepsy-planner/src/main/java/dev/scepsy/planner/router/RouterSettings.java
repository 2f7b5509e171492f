package dev.scepsy.planner.router;

import java.util.Optional;

/**
 * How requests are to be routed, as {@code models.yaml} says it. Immutable.
 *
 * @param kind empty: {@link RouterKind#HAPROXY} where a model has more than one replica, else {@link RouterKind#NONE}
 * @param replicas pods of the router, at least 1
 * @param image container image; empty: the kind's own
 * @param clusterDomain DNS domain of the cluster
 * @param maxRequestKiB longest body of a request, KiB
 * @param maxConnections most connections of clients at once, to one pod
 * @param dnsSeconds how long the cluster's DNS may still name an engine that has left its service, s
 * @param gateway the Gateway that routes are attached to; only for {@link RouterKind#INFERENCE_EXTENSION}
 */
public record RouterSettings(
        Optional<RouterKind> kind,
        int replicas,
        Optional<String> image,
        String clusterDomain,
        int maxRequestKiB,
        int maxConnections,
        int dnsSeconds,
        Optional<String> gateway) {

    /** What is meant where the file says nothing: kubeadm's DNS keeps names for 30 s. */
    public static final RouterSettings DEFAULT =
            new RouterSettings(Optional.empty(), 2, Optional.empty(), "cluster.local", 512, 2000, 30, Optional.empty());

    /** Most pods of a router. */
    public static final int MOST_REPLICAS = 100;

    /** Longest body of a request that can be asked for, KiB. */
    public static final int MOST_REQUEST_KIB = 65_536;

    /** Most connections to one pod that can be asked for. */
    public static final int MOST_CONNECTIONS = 100_000;

    /** Longest time that DNS can be said to keep names, s. */
    public static final int MOST_DNS_SECONDS = 3600;

    /** The same with another kind. */
    public RouterSettings withKind(RouterKind other) {
        return new RouterSettings(
                Optional.of(other), replicas, image, clusterDomain, maxRequestKiB, maxConnections, dnsSeconds, gateway);
    }
}
