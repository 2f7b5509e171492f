package dev.scepsy.planner.simulate;

/**
 * A time in which a node is gone, as an autoscaler sees it: what it has started there is lost, and it starts nothing there. What the
 * plan placed there fails by an {@link Outage} each. Immutable.
 *
 * @param node its name
 * @param atSeconds simulated time of the failure, 0 or more
 * @param lastsSeconds time until it serves again, above 0; infinite: it never comes back
 */
public record NodeOutage(String node, double atSeconds, double lastsSeconds) {

    /** @throws IllegalArgumentException naming the value outside its range */
    public NodeOutage {
        if (!(atSeconds >= 0) || !(lastsSeconds > 0)) {
            throw new IllegalArgumentException("The outage of node " + node + " at " + atSeconds + " s for "
                    + lastsSeconds + " s must have a time of 0 or more and a length above 0.");
        }
    }
}
