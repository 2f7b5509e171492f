package dev.scepsy.planner.cli;

import dev.scepsy.planner.predict.ConnectionRouting;
import dev.scepsy.planner.profile.Balancing;
import dev.scepsy.planner.simulate.Routing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How calls reach a model's replicas, as the command line writes it.
 *
 * @param written least-requests, round-robin, power-of-two, connections=N or connections=N,last-used
 * @param simulated what the simulator does with it
 * @param balancing what the closed form knows of it; empty: nothing, it is simulated only
 * @param connections N; empty where requests are routed
 */
record RoutingRule(String written, Routing simulated, Optional<Balancing> balancing, OptionalInt connections) {

    static final String DEFAULT = "least-requests";

    private static final String BY_CONNECTION = "connections=";
    private static final String LAST_USED = ",last-used";

    static final RoutingRule LEAST_REQUESTS = rule(DEFAULT, Routing.LEAST_LOADED, Optional.of(Balancing.POOLED));

    private static final List<RoutingRule> RULES = List.of(
            LEAST_REQUESTS,
            rule("round-robin", Routing.ROUND_ROBIN, Optional.of(Balancing.DEALT)),
            rule("power-of-two", Routing.POWER_OF_TWO, Optional.empty()));

    private static RoutingRule rule(String written, Routing simulated, Optional<Balancing> balancing) {
        return new RoutingRule(written, simulated, balancing, OptionalInt.empty());
    }

    /**
     * The rule that {@code text} says.
     *
     * @param onlySimulated whether rules that the closed form does not know will do
     * @throws IllegalArgumentException saying what is wrong, starting with what {@code name} calls it
     */
    static RoutingRule of(String name, String text, boolean onlySimulated) {
        if (text.startsWith(BY_CONNECTION)) {
            return byConnection(name, text, onlySimulated);
        }
        String asked = text.equals("least-loaded") ? DEFAULT : text;
        List<String> known = new ArrayList<>();
        for (RoutingRule rule : RULES) {
            if (onlySimulated || rule.balancing.isPresent()) {
                if (rule.written.equals(asked)) {
                    return rule;
                }
                known.add(rule.written);
            }
        }
        throw new IllegalArgumentException(
                name + " (" + text + ") must be " + String.join(", ", known) + " or " + BY_CONNECTION + "N.");
    }

    private static RoutingRule byConnection(String name, String text, boolean onlySimulated) {
        boolean lastUsed = text.endsWith(LAST_USED);
        if (lastUsed && !onlySimulated) {
            throw new IllegalArgumentException(
                    name + " (" + text + ") can be simulated only: leave " + LAST_USED + " out, or use simulate.");
        }
        String number = text.substring(BY_CONNECTION.length(), text.length() - (lastUsed ? LAST_USED.length() : 0));
        int connections = number.matches("\\d{1,9}") ? Integer.parseInt(number) : 0;
        if (connections < 1 || connections > ConnectionRouting.MOST_CONNECTIONS) {
            throw new IllegalArgumentException(
                    name + " (" + text + ") must say a whole number of connections from 1 to "
                            + ConnectionRouting.MOST_CONNECTIONS + ", all clients' of one model together: "
                            + BY_CONNECTION + "16.");
        }
        return new RoutingRule(
                BY_CONNECTION + connections + (lastUsed ? LAST_USED : ""),
                lastUsed ? Routing.lastUsedConnections(connections) : Routing.connections(connections),
                Optional.of(Balancing.DEALT),
                OptionalInt.of(connections));
    }

    @Override
    public String toString() {
        return written;
    }
}
