package dev.scepsy.planner.simulate;

/**
 * A time in which a replica computes more slowly. Those of one replica must not overlap: the last change counts. Immutable.
 *
 * @param model name of its model
 * @param replica number of the replica, from 0
 * @param atSeconds simulated time of the beginning, 0 or more
 * @param lastsSeconds how long, above 0; infinite: for good
 * @param factor how many times as long its steps take, 1 or more
 */
public record Slowdown(String model, int replica, double atSeconds, double lastsSeconds, double factor) {

    /** @throws IllegalArgumentException naming the value outside its range */
    public Slowdown {
        if (replica < 0
                || !(atSeconds >= 0)
                || !(lastsSeconds > 0)
                || !(factor >= 1 && factor < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("The slowdown of " + model + "#" + replica + " by " + factor + " at "
                    + atSeconds + " s for " + lastsSeconds + " s must name a replica from 0 on, a factor of at least 1,"
                    + " a time of 0 or more and a length above 0.");
        }
    }
}
