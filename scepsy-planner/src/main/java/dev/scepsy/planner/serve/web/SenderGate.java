package dev.scepsy.planner.serve.web;

import dev.scepsy.planner.receive.Gate;
import dev.scepsy.planner.receive.Outcome;
import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.serve.settings.Role;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Who may send OTLP: while this service leads, who shows a token with the role {@code sender}; all, where no access rules are configured. */
public final class SenderGate implements Gate {

    private static final Duration COME_AGAIN = Duration.ofSeconds(1);

    private final Optional<Guard> guard;
    private final BooleanSupplier leads;

    /**
     * @param guard empty: all may send
     * @param leads whether this service leads; the stand-by takes nothing
     */
    public SenderGate(Optional<Guard> guard, BooleanSupplier leads) {
        this.guard = guard;
        this.leads = leads;
    }

    @Override
    public Optional<Outcome> turnAway(Function<String, @Nullable String> header) {
        if (guard.isPresent()) {
            String authorization = header.apply("authorization");
            if (authorization == null) {
                return Optional.of(new Outcome.Unauthenticated(
                        "it shows no token. Set OTEL_EXPORTER_OTLP_HEADERS=\"authorization=Bearer TOKEN\"."));
            }
            Optional<Actor> actor = Doorkeeper.tokenIn(authorization).flatMap(guard.get()::actor);
            if (actor.isEmpty()) {
                return Optional.of(new Outcome.Unauthenticated(
                        "its token is nobody's. `scepsy serve token --name N --role sender` makes one."));
            }
            if (!actor.get().role().may(Role.SENDER)) {
                return Optional.of(new Outcome.Forbidden("the token of "
                        + actor.get().name() + " has the role "
                        + actor.get().role().name().toLowerCase(Locale.ROOT) + ", and sending needs the role sender."));
            }
        }
        return leads.getAsBoolean()
                ? Optional.empty()
                : Optional.of(new Outcome.TryLater(COME_AGAIN, "this service stands by, another one leads"));
    }
}
