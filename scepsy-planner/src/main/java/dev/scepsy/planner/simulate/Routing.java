package dev.scepsy.planner.simulate;

/**
 * How a model's calls are spread over its replicas that are up.
 *
 * @param rule what decides
 * @param connections how many connections clients hold to each model, at least 1; 0 where requests are routed
 */
public record Routing(Rule rule, int connections) {

    /** To the replica with the fewest calls inside; ties take turns. */
    public static final Routing LEAST_LOADED = new Routing(Rule.LEAST_LOADED, 0);

    /** To each in turn. */
    public static final Routing ROUND_ROBIN = new Routing(Rule.ROUND_ROBIN, 0);

    /** To the less loaded of two drawn at random. */
    public static final Routing POWER_OF_TWO = new Routing(Rule.POWER_OF_TWO, 0);

    /** Rules of routers, and none. */
    enum Rule {
        LEAST_LOADED,
        ROUND_ROBIN,
        POWER_OF_TWO,
        ANY_CONNECTION,
        LAST_USED_CONNECTION
    }

    /** @throws IllegalArgumentException if there are connections without their rule or the other way round */
    public Routing {
        boolean byConnection = rule == Rule.ANY_CONNECTION || rule == Rule.LAST_USED_CONNECTION;
        if (connections < 0 || (connections > 0) != byConnection) {
            throw new IllegalArgumentException("The connections (" + connections
                    + ") must be at least 1 where calls are shared out by connection, else 0.");
        }
    }

    /**
     * No router of requests: each of {@code number} long-lived connections is put on a replica uniformly at random, as
     * kube-proxy does in iptables mode, and carries one call at a time. A call takes an idle connection, each equally likely,
     * or waits for one. Connections to a replica that goes down are made anew when they are next used.
     */
    public static Routing connections(int number) {
        return new Routing(Rule.ANY_CONNECTION, number);
    }

    /**
     * The same with one pool of connections for all calls that gives out the one used last first, as the HTTP clients of Go and
     * of Apache do: while few calls are inside, few of its connections carry them.
     */
    public static Routing lastUsedConnections(int number) {
        return new Routing(Rule.LAST_USED_CONNECTION, number);
    }
}
