package dev.scepsy.planner.serve.settings;

/**
 * Who asks for something.
 *
 * @param name of the token, {@code local} without access rules, {@code scepsy} for the service itself
 */
public record Actor(String name, Role role) {

    /** Anybody on this machine, where no access rules are configured. */
    public static final Actor LOCAL = new Actor("local", Role.OPERATOR);

    /** The service itself. */
    public static final Actor SERVICE = new Actor("scepsy", Role.OPERATOR);
}
