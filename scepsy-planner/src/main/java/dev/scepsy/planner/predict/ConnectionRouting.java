package dev.scepsy.planner.predict;

import dev.scepsy.planner.profile.LatencyProfile;

/**
 * A model's replicas behind a balancer of connections, not of requests: kube-proxy in iptables mode puts each new TCP
 * connection on one of r replicas uniformly at random and leaves it there (kubernetes/kubernetes#38456). Clients hold N
 * connections, of which each carries one request at a time; a request takes an idle one, each equally likely, or waits for one.
 *
 * <pre>
 *   k        connections of a request's replica; 1 + Binomial(N − 1, 1 / r) where replicas are equally fast, since busy
 *            replicas are met more often; the others are taken to hold (N − k) / (r − 1) each, which is exact for r = 2
 *   ρ        : x_k(ρ) + (r − 1) · x_k'(ρ) = λ             rate at an idle connection, {@link ConnectedReplica}
 *   L(λ)     = Σ_k P(k) · x_k · (G_k + W_k) / Σ_k P(k) · x_k,  P(k) Binomial(N, 1 / r), over the k with which the load holds
 *   W_k      = C(N, Σ_j x_j · G_j) / (x_k(∞) + (r − 1) · x_k'(∞) − λ)      wait for a connection; C: Erlang's delay formula
 *   λ*(m, u) highest rate at which the fullest replica, of m connections, stays within u of its saturation, and within u of
 *            what the connections can carry
 * </pre>
 *
 * As N grows an engine's share settles at λ / r (round robin without its order); with one replica only the bound of N
 * requests at once is left. What makes it wrong: clients that prefer some idle connections to others (the one used last, the
 * first that was made) spread their load over fewer than they hold, and pools that open further connections under load have no
 * fixed N.
 *
 * <p>Immutable and thread-safe.
 */
public final class ConnectionRouting {

    /** Most connections of one model. */
    public static final int MOST_CONNECTIONS = 10_000;

    /** Part of the draws in which a highest rate must hold. */
    public static final double SURE = 0.95;

    private static final double NEGLIGIBLE = 1e-15;

    /** Smaller probabilities are what additions leave. */
    private static final double ROUNDING = 1e-9;

    private static final int HALVINGS = 100;

    private final int connections;
    private final int replicas;
    private final ConnectedReplica replica;
    private final LargestShare largest;

    private ConnectionRouting(LatencyProfile profile, int replicas, int connections) {
        this.connections = connections;
        this.replicas = replicas;
        this.replica = new ConnectedReplica(profile, replicas);
        this.largest = new LargestShare(connections, replicas);
    }

    /**
     * The replicas of one model.
     *
     * @param profile of one replica; of a fan-out each replica must be taken to get its part, not to balance it
     * @param replicas r, at least 1
     * @param connections N over all clients, in [1, {@link #MOST_CONNECTIONS}]
     * @throws IllegalArgumentException if a number is outside its range
     */
    public static ConnectionRouting of(LatencyProfile profile, int replicas, int connections) {
        if (replicas < 1 || connections < 1 || connections > MOST_CONNECTIONS) {
            throw new IllegalArgumentException(
                    "The replicas (" + replicas + ") must be at least 1 and the connections (" + connections
                            + ") lie in [1, " + MOST_CONNECTIONS + "].");
        }
        return new ConnectionRouting(profile, replicas, connections);
    }

    /**
     * Mean seconds of a request, its wait for a connection included, over the draws in which the load holds; where it holds in
     * none, at the highest rate that some draw holds.
     *
     * @param requestsPerSecond λ over all replicas, 0 or more
     */
    public double meanLatencySeconds(double requestsPerSecond) {
        if (requestsPerSecond <= 0) {
            return replica.seconds(1, 0);
        }
        int most = mostHeld(requestsPerSecond);
        if (most < fewest()) {
            return meanLatencySeconds(highestRate(fewest(), 1) * (1 - 1e-9), fewest());
        }
        return meanLatencySeconds(requestsPerSecond, most);
    }

    private double meanLatencySeconds(double rate, int most) {
        double mode = Math.floor((connections + 1.0) / replicas);
        int start = (int) Math.max(1, Math.min(most, mode));
        double requests = 0;
        double seconds = 0;
        double odds = 1.0 / Math.max(1, replicas - 1);
        double weight = 1;
        for (int k = start; k <= most && weight > NEGLIGIBLE; k++) {
            Drawn drawn = drawn(k, rate, most);
            requests += weight * drawn.rate();
            seconds += weight * drawn.rate() * drawn.seconds();
            weight *= replicas == 1 ? 1 : (connections - k) * odds / (k + 1);
        }
        weight = 1;
        for (int k = start; replicas > 1 && k > 1 && weight > NEGLIGIBLE; k--) {
            weight *= k / ((connections - k + 1) * odds);
            Drawn drawn = drawn(k - 1, rate, most);
            requests += weight * drawn.rate();
            seconds += weight * drawn.rate() * drawn.seconds();
        }
        return seconds / requests;
    }

    /**
     * What one replica's requests see.
     *
     * @param rate its share, requests/s
     */
    private record Drawn(double rate, double seconds) {}

    private Drawn drawn(int k, double rate, int most) {
        double rest = rest(k);
        if ((replicas > 1 && rest > most) || (replicas == 1 && k < connections)) {
            return new Drawn(0, 0);
        }
        double carried = together(k, Double.POSITIVE_INFINITY);
        if (rate >= carried) {
            return new Drawn(0, 0);
        }
        double low = 0;
        double high = 1;
        while (together(k, high) < rate) {
            low = high;
            high *= 16;
        }
        for (int i = 0; i < HALVINGS && high - low > 1e-13 * high; i++) {
            double middle = (low + high) / 2;
            if (together(k, middle) < rate) {
                low = middle;
            } else {
                high = middle;
            }
        }
        double own = replica.throughput(k, high);
        double busy = own * replica.seconds(k, high);
        if (replicas > 1) {
            busy += (replicas - 1) * replica.throughput(rest, high) * replica.seconds(rest, high);
        }
        double wait = allBusy(connections, busy) / (carried - rate);
        return new Drawn(own, replica.seconds(k, high) + wait);
    }

    /** Erlang's delay formula: the probability that a request finds none of n connections idle, of which a are busy on average. */
    private static double allBusy(int n, double a) {
        if (a >= n) {
            return 1;
        }
        if (a + 12 * Math.sqrt(a) + 12 < n) {
            return 0;
        }
        double blocked = 1;
        for (int i = 1; i <= n; i++) {
            blocked = a * blocked / (i + a * blocked);
        }
        return blocked / (1 - a / n * (1 - blocked));
    }

    /** The probability, in [0, 1], that a replica is beyond its saturation at λ, or that the connections cannot carry it. */
    public double overloadProbability(double requestsPerSecond) {
        int most = mostHeld(requestsPerSecond);
        double overloaded = most < fewest() ? 1 : 1 - largest.probabilityAtMost(most);
        return overloaded < ROUNDING ? 0 : overloaded;
    }

    /**
     * The highest rate over all replicas that holds in at least the part {@code probability} of the draws, requests/s.
     *
     * @param probability in (0, 1)
     * @param utilisation u, in (0, 1]: the part of its saturation that a replica may reach
     */
    public double highestRate(double probability, double utilisation) {
        return highestRate(largest.quantile(probability), utilisation);
    }

    /** λ*(m, u). */
    private double highestRate(int m, double utilisation) {
        double carried = utilisation * together(m, Double.POSITIVE_INFINITY);
        double idleRate = replica.idleRateAt(utilisation, m);
        return idleRate == Double.POSITIVE_INFINITY ? carried : Math.min(carried, together(m, idleRate));
    }

    /** Most connections that the fullest replica may have at λ; below {@link #fewest} where no draw will do. */
    private int mostHeld(double requestsPerSecond) {
        int low = fewest() - 1;
        int high = connections;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (highestRate(middle, 1) >= requestsPerSecond) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** What the fullest replica has at least. */
    private int fewest() {
        return (connections + replicas - 1) / replicas;
    }

    private double rest(int k) {
        return replicas == 1 ? 0 : (double) (connections - k) / (replicas - 1);
    }

    private double together(int k, double idleRate) {
        double own = replica.throughput(k, idleRate);
        return replicas == 1 ? own : own + (replicas - 1) * replica.throughput(rest(k), idleRate);
    }
}
