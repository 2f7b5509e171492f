package dev.scepsy.planner.simulate;

import java.util.List;

/** When executions of a workflow start. Immutable. */
public sealed interface Arrivals {

    /**
     * Open loop: independent of each other and of what is answered.
     *
     * @param executionsPerSecond mean rate, 0 or more
     */
    record Poisson(double executionsPerSecond) implements Arrivals {

        /** @throws IllegalArgumentException if the rate is negative or not finite */
        public Poisson {
            if (!(executionsPerSecond >= 0 && executionsPerSecond < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "The executionsPerSecond (" + executionsPerSecond + ") must be 0 or more and finite.");
            }
        }
    }

    /**
     * Open loop, at given times.
     *
     * @param seconds in rising order, from 0 on
     */
    record Recorded(List<Double> seconds) implements Arrivals {

        /** @throws IllegalArgumentException if a time is negative or before the one before */
        public Recorded {
            seconds = List.copyOf(seconds);
            double last = 0;
            for (double at : seconds) {
                if (!(at >= last)) {
                    throw new IllegalArgumentException("The arrival (" + at + " s) must not be before " + last + " s.");
                }
                last = at;
            }
        }
    }

    /**
     * Closed loop: every client starts an execution, waits for its end, thinks for an exponential time, and starts the next.
     * At the beginning all of them think.
     *
     * @param clients 1 or more
     * @param meanThinkSeconds 0 or more
     */
    record Clients(int clients, double meanThinkSeconds) implements Arrivals {

        /** @throws IllegalArgumentException naming the value outside its range */
        public Clients {
            if (clients < 1 || !(meanThinkSeconds >= 0 && meanThinkSeconds < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("There must be at least 1 client (" + clients
                        + ") and a think time (" + meanThinkSeconds + ") of 0 or more, finite.");
            }
        }
    }
}
