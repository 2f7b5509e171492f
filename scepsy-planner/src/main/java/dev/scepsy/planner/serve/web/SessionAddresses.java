package dev.scepsy.planner.serve.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpHeaderNames;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.serve.settings.Role;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@code /api/v1/session}: a page exchanges a token for a cookie that scripts cannot read. */
final class SessionAddresses {

    private final Doorkeeper doorkeeper;
    private final Optional<Guard> guard;
    private final boolean readOnly;

    /** @param readOnly whether nothing can be changed here, which the page is told */
    SessionAddresses(Doorkeeper doorkeeper, Optional<Guard> guard, boolean readOnly) {
        this.doorkeeper = doorkeeper;
        this.guard = guard;
        this.readOnly = readOnly;
    }

    Answer begin(Exchange exchange) {
        exchange.query().check();
        Given given = new Given(exchange.body());
        String token = given.text("token", WebLimits.MOST_NAME_CHARACTERS);
        given.check();
        if (token == null) {
            throw Refusal.bad(List.of("The body's token is missing."));
        }
        if (guard.isEmpty() || doorkeeper.sessions().isEmpty()) {
            throw new Refusal(
                            409,
                            "No tokens are configured (access): all on this machine may do all, without a session.")
                    .member("state", "noAccessRules");
        }
        Actor actor = guard.get().actor(token).orElseThrow(() -> doorkeeper.wrongToken(exchange.from()));
        if (!actor.role().may(Role.VIEWER)) {
            throw new Refusal(
                            403,
                            "The token of " + actor.name() + " has the role sender, and a page needs the role viewer"
                                    + " or operator.")
                    .member("role", "viewer");
        }
        Sessions sessions = doorkeeper.sessions().get();
        return who(actor).with("set-cookie", sessions.setting(sessions.begin(token), exchange.tls()));
    }

    Answer who(Exchange exchange) {
        exchange.query().check();
        return who(exchange.caller().actor());
    }

    private Answer who(Actor actor) {
        ObjectNode who = Documents.mapper()
                .createObjectNode()
                .put("name", actor.name())
                .put("role", actor.role().name().toLowerCase(Locale.ROOT));
        return Answer.json(200, readOnly ? who.put("readOnly", true) : who);
    }

    Answer end(Exchange exchange) {
        exchange.query().check();
        new Given(exchange.body()).check();
        doorkeeper
                .sessions()
                .ifPresent(sessions -> Sessions.digestIn(exchange.headers().get(HttpHeaderNames.COOKIE, ""))
                        .ifPresent(sessions::end));
        return Answer.NOTHING.with("set-cookie", Sessions.removing(exchange.tls()));
    }
}
