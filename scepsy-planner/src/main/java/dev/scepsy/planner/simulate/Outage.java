package dev.scepsy.planner.simulate;

/**
 * A time in which a replica serves nothing: it fails, everything inside is lost, and after the restart it is empty. Outages
 * of one replica may overlap. Immutable.
 *
 * @param model name of its model
 * @param replica number of the replica, from 0
 * @param atSeconds simulated time of the failure, 0 or more
 * @param lastsSeconds time until it serves again, above 0; infinite: it never comes back
 */
public record Outage(String model, int replica, double atSeconds, double lastsSeconds) {

    /** @throws IllegalArgumentException naming the value outside its range */
    public Outage {
        if (replica < 0 || !(atSeconds >= 0) || !(lastsSeconds > 0)) {
            throw new IllegalArgumentException("The outage of " + model + "#" + replica + " at " + atSeconds + " s for "
                    + lastsSeconds + " s must name a replica from 0 on, a time of 0 or more and a length above 0.");
        }
    }
}
