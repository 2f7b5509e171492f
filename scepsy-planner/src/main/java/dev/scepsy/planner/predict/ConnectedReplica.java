package dev.scepsy.planner.predict;

import dev.scepsy.planner.profile.LatencyProfile;
import java.util.Arrays;

/**
 * One replica that requests reach over k connections, each of which carries one request at a time (HTTP/1.1).
 *
 * <pre>
 *   x(m)  rate at which m requests are inside on average under independent arrivals: x · L(x) = m (Little); the saturation
 *         beyond what is inside there
 *   G(m)  = m / x(m), G(0) = L(0)                  a request's time with m others inside on average
 *   m     : x(m) = ρ · (k − 1 − m)                 of k − 1 others, as an arriving request sees them (arrival theorem)
 *   x_k(ρ) = ρ · k / (1 + ρ · G(m))                 a connection is idle for 1 / ρ, then busy for G(m)
 * </pre>
 *
 * With one connection a request is alone in the engine, with ever more of them at ever less ρ the replica is that of the
 * profile. ρ is what an idle connection gets, requests/s. Immutable and thread-safe.
 */
final class ConnectedReplica {

    private static final int INTERVALS = 2000;

    /** x, ascending, and m = x · L(x) at it, ascending. */
    private final double[] rates = new double[INTERVALS + 1];

    private final double[] inside = new double[INTERVALS + 1];
    private final double aloneSeconds;

    /**
     * @param profile of a replica
     * @param replicas how many of them there are, for fan-outs
     */
    ConnectedReplica(LatencyProfile profile, int replicas) {
        double saturation = profile.saturationRequestsPerSecond();
        for (int i = 0; i <= INTERVALS; i++) {
            rates[i] = saturation * i / INTERVALS;
            inside[i] = rates[i] * profile.meanLatencySeconds(rates[i], replicas);
        }
        aloneSeconds = profile.meanLatencySeconds(0, replicas);
    }

    /**
     * The ρ at which k connections bring the replica the part {@code utilisation} of its saturation; infinite where not even all
     * of them busy do.
     */
    double idleRateAt(double utilisation, double connections) {
        double rate = utilisation * rates[INTERVALS];
        double seconds = secondsWith(insideAt(rate * Math.max(0, connections - 1) / connections));
        double idle = connections - rate * seconds;
        return idle > 0 ? rate / idle : Double.POSITIVE_INFINITY;
    }

    /** G: a request's seconds inside; {@code idleRate} ρ may be infinite: every connection is busy. */
    double seconds(double connections, double idleRate) {
        double most = connections - 1;
        if (!(most > 0) || idleRate == 0) {
            return aloneSeconds;
        }
        if (idleRate == Double.POSITIVE_INFINITY) {
            return secondsWith(most);
        }
        // the first point of the table at which the replica takes more than its idle connections bring
        int low = 0;
        int high = INTERVALS + 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (rates[middle] - idleRate * (most - inside[middle]) >= 0) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        if (low > INTERVALS) {
            return secondsWith(most - rates[INTERVALS] / idleRate);
        }
        if (low == 0) {
            return aloneSeconds;
        }
        double before = rates[low - 1] - idleRate * (most - inside[low - 1]);
        double after = rates[low] - idleRate * (most - inside[low]);
        return secondsWith(inside[low - 1] + (inside[low] - inside[low - 1]) * -before / (after - before));
    }

    /** x_k(ρ), requests/s; {@code idleRate} ρ may be infinite: every connection is busy. */
    double throughput(double connections, double idleRate) {
        double seconds = seconds(connections, idleRate);
        return idleRate == Double.POSITIVE_INFINITY
                ? connections / seconds
                : idleRate * connections / (1 + idleRate * seconds);
    }

    private double insideAt(double rate) {
        double at = INTERVALS * rate / rates[INTERVALS];
        int below = (int) Math.min(INTERVALS - 1, Math.floor(at));
        return inside[below] + (at - below) * (inside[below + 1] - inside[below]);
    }

    /** G(m). */
    private double secondsWith(double others) {
        if (others >= inside[INTERVALS]) {
            return others / rates[INTERVALS];
        }
        int found = Arrays.binarySearch(inside, others);
        int above = found >= 0 ? found : -found - 1;
        if (above == 0) {
            return aloneSeconds;
        }
        double along = (others - inside[above - 1]) / (inside[above] - inside[above - 1]);
        // between the points' seconds, not over their quotient: that is 0 / 0 at the first
        double low = above == 1 ? aloneSeconds : inside[above - 1] / rates[above - 1];
        return low + along * (inside[above] / rates[above] - low);
    }
}
