package dev.scepsy.planner.serve.web;

import static dev.scepsy.planner.serve.web.Route.Access.OPERATOR;
import static dev.scepsy.planner.serve.web.Route.Access.PROBE;
import static dev.scepsy.planner.serve.web.Route.Access.PUBLIC;
import static dev.scepsy.planner.serve.web.Route.Access.VIEWER;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** All addresses. {@code openapi.json} describes each of them; a test holds the two together. */
final class Addresses {

    /** Answered with a stream, not here. */
    static final String EVENTS = "/api/v1/events";

    private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private Addresses() {}

    static List<Route> of(
            Health health,
            Readings readings,
            Decisions decisions,
            SessionAddresses sessions,
            StaticFiles files,
            Supplier<String> metrics) {
        return List.of(
                get("/", PUBLIC, exchange -> files.index(seen(exchange))),
                get("/assets/{path*}", PUBLIC, exchange -> files.asset(exchange.of("path"), seen(exchange))),
                get("/openapi.json", PUBLIC, exchange -> files.openApi(seen(exchange))),
                get("/healthz", PROBE, exchange -> health.alive()),
                get("/readyz", PROBE, exchange -> health.ready()),
                get("/metrics", VIEWER, exchange -> Answer.text(200, METRICS_TYPE, metrics.get())),
                get("/api/v1/statistics", VIEWER, readings::statistics),
                get("/api/v1/shares", VIEWER, readings::shares),
                get("/api/v1/executions", VIEWER, readings::executions),
                get("/api/v1/executions/{id}", VIEWER, readings::execution),
                get("/api/v1/models", VIEWER, readings::models),
                get("/api/v1/cluster", VIEWER, readings::cluster),
                get("/api/v1/proposals", VIEWER, readings::proposals),
                // what if needs a viewer; planning checks for an operator itself
                new Route(HttpMethod.POST, "/api/v1/proposals", VIEWER, decisions::propose),
                get("/api/v1/proposals/{id}", VIEWER, readings::proposal),
                new Route(HttpMethod.POST, "/api/v1/proposals/{id}/approve", OPERATOR, decisions::approve),
                new Route(HttpMethod.POST, "/api/v1/proposals/{id}/reject", OPERATOR, decisions::reject),
                get("/api/v1/plans", VIEWER, readings::plans),
                get("/api/v1/plans/{id}", VIEWER, readings::plan),
                new Route(HttpMethod.POST, "/api/v1/rollback", OPERATOR, decisions::rollBack),
                new Route(HttpMethod.PUT, "/api/v1/pins/{model}", OPERATOR, decisions::pin),
                new Route(HttpMethod.DELETE, "/api/v1/pins/{model}", OPERATOR, decisions::unpin),
                new Route(HttpMethod.PUT, "/api/v1/freeze", OPERATOR, decisions::freeze),
                new Route(HttpMethod.DELETE, "/api/v1/freeze", OPERATOR, decisions::unfreeze),
                new Route(HttpMethod.DELETE, "/api/v1/suspects/{node}", OPERATOR, decisions::trust),
                get(EVENTS, VIEWER, exchange -> new Answer(200, "text/event-stream", new byte[0], Map.of())),
                get("/api/v1/session", VIEWER, sessions::who),
                new Route(HttpMethod.POST, "/api/v1/session", PUBLIC, sessions::begin),
                new Route(HttpMethod.DELETE, "/api/v1/session", PUBLIC, sessions::end));
    }

    private static Route get(String template, Route.Access access, Route.Work work) {
        return new Route(HttpMethod.GET, template, access, work);
    }

    private static @Nullable String seen(Exchange exchange) {
        return exchange.headers().get(HttpHeaderNames.IF_NONE_MATCH);
    }
}
