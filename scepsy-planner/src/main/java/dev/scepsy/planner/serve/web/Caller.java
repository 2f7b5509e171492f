package dev.scepsy.planner.serve.web;

import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.serve.settings.Role;
import java.util.function.BooleanSupplier;

/**
 * Who asks.
 *
 * @param session tells those apart who share a name: of a cookie its session, else the name
 * @param stays whether what was shown still holds; asked while an answer goes on for long
 */
record Caller(Actor actor, String session, BooleanSupplier stays) {

    /** Nobody in particular: for what is open to all. */
    static final Caller NOBODY = new Caller(new Actor("nobody", Role.SENDER), "nobody", () -> true);

    /** Refuses where the role does not do. */
    void mustBe(Role needed) {
        if (!actor.role().may(needed)) {
            String role = needed.name().toLowerCase(java.util.Locale.ROOT);
            throw new Refusal(
                            403,
                            "This needs the role " + role + ", and the token of " + actor.name() + " has the role "
                                    + actor.role().name().toLowerCase(java.util.Locale.ROOT) + ".")
                    .member("role", role);
        }
    }
}
