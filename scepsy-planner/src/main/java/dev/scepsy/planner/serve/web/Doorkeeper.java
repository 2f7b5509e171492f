package dev.scepsy.planner.serve.web;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.RequestHeaders;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.serve.settings.Role;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Who may. A request is for one of the service's names or shows a token, comes from no other site's page, shows who asks, and
 * has a role that does; one that changes something says so by headers that no other site's page can set. Thread-safe.
 */
final class Doorkeeper {

    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|\\[::1]");
    private static final String CHALLENGE = "Bearer realm=\"scepsy\"";

    private final Optional<Guard> guard;
    private final Set<String> hosts = new TreeSet<>();
    private final Optional<Sessions> sessions;
    private final Attempts attempts = new Attempts(System::nanoTime);
    private final ServiceLog log;
    private final Actor anybody;

    /** @param guard empty: anybody may do all */
    Doorkeeper(Optional<Guard> guard, List<String> hosts, ServiceTime time, ServiceLog log) {
        this(guard, hosts, time, log, Actor.LOCAL);
    }

    /** @param anybody who asks where there is no guard */
    Doorkeeper(Optional<Guard> guard, List<String> hosts, ServiceTime time, ServiceLog log, Actor anybody) {
        this.anybody = anybody;
        this.guard = guard;
        this.sessions = guard.map(known -> new Sessions(known, time));
        this.log = log;
        hosts.forEach(host -> this.hosts.add(host.toLowerCase(Locale.ROOT)));
    }

    Optional<Sessions> sessions() {
        return sessions;
    }

    /**
     * Lets a request in.
     *
     * @throws Refusal 400, 401, 403, 415, 421 or 429
     */
    Caller admit(Route route, RequestHeaders headers, InetAddress from, boolean tls) {
        if (route.access() == Route.Access.PROBE) {
            return Caller.NOBODY;
        }
        Optional<Caller> bearer = bearer(headers, from, route.access() == Route.Access.PUBLIC);
        String authority =
                headers.authority() == null ? "" : headers.authority().toLowerCase(Locale.ROOT);
        if (bearer.isEmpty() && !isOurs(authority)) {
            throw new Refusal(
                    421,
                    "The request is for (" + Query.shortened(authority) + "), which is no name of this service."
                            + " Use a loopback name, list the name under access.hosts, or send a token.");
        }
        refuseForeign(headers, authority, tls);
        if (route.changes()) {
            mustBeOurPages(headers);
        }
        if (route.access() == Route.Access.PUBLIC) {
            return bearer.orElse(Caller.NOBODY);
        }
        Caller caller = bearer.or(() -> visitor(headers)).orElseThrow(() -> unauthenticated(""));
        caller.mustBe(route.access() == Route.Access.OPERATOR ? Role.OPERATOR : Role.VIEWER);
        return caller;
    }

    private boolean isOurs(String authority) {
        String host = authority.replaceFirst(":[0-9]*$", "");
        if (host.endsWith(".")) {
            host = host.substring(0, host.length() - 1);
        }
        return LOOPBACK.matcher(host).matches() || hosts.contains(host);
    }

    /** Scheme, name and port must be this request's own; what ends TLS before the service hands names on as they are. */
    private static void refuseForeign(RequestHeaders headers, String authority, boolean tls) {
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        if (origin == null) {
            return;
        }
        String lower = origin.toLowerCase(Locale.ROOT);
        boolean own = same(lower, "https://", ":443", authority) || (!tls && same(lower, "http://", ":80", authority));
        if (!own) {
            throw new Refusal(
                    403,
                    "The request comes from a page of (" + Query.shortened(origin)
                            + "), and only this service's own page may send any.");
        }
    }

    private static boolean same(String origin, String scheme, String port, String authority) {
        if (!origin.startsWith(scheme)) {
            return false;
        }
        String from = origin.substring(scheme.length());
        return from.equals(authority) || (from + port).equals(authority) || from.equals(authority + port);
    }

    private static void mustBeOurPages(RequestHeaders headers) {
        String type = headers.get(HttpHeaderNames.CONTENT_TYPE, "");
        String media = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!media.equals("application/json")) {
            throw new Refusal(
                    415,
                    "The content type (" + Query.shortened(type)
                            + ") must be application/json on requests that change something, also without a body.");
        }
        if (!headers.get(HttpHeaderNames.CONTENT_ENCODING, "identity")
                .strip()
                .toLowerCase(Locale.ROOT)
                .equals("identity")) {
            throw new Refusal(415, "Bodies are not compressed here: leave Content-Encoding out.");
        }
        if (!headers.get("x-scepsy-request", "").strip().equals("1")) {
            throw new Refusal(
                    403,
                    "Requests that change something need the header X-Scepsy-Request: 1, which no other page sends.");
        }
    }

    /** Who shows a token; empty where none is shown, or anybody may do all. */
    private Optional<Caller> bearer(RequestHeaders headers, InetAddress from, boolean openToAll) {
        String authorization = headers.get(HttpHeaderNames.AUTHORIZATION);
        if (authorization == null || guard.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> token = tokenIn(authorization);
        Optional<Actor> actor = token.flatMap(guard.get()::actor);
        if (actor.isEmpty()) {
            if (openToAll) {
                return Optional.empty();
            }
            throw wrongToken(from);
        }
        Guard known = guard.get();
        return Optional.of(new Caller(
                actor.get(),
                actor.get().name(),
                () -> token.flatMap(known::actor).equals(actor)));
    }

    /** What follows {@code Bearer}. */
    static Optional<String> tokenIn(String authorization) {
        String[] parts = authorization.strip().split(" +", 2);
        return parts.length == 2 && parts[0].equalsIgnoreCase("bearer") ? Optional.of(parts[1]) : Optional.empty();
    }

    /** Who shows a cookie, or anybody. */
    private Optional<Caller> visitor(RequestHeaders headers) {
        if (sessions.isEmpty()) {
            return Optional.of(new Caller(anybody, anybody.name(), () -> true));
        }
        Sessions kept = sessions.get();
        return Sessions.digestIn(headers.get(HttpHeaderNames.COOKIE, ""))
                .flatMap(digest -> kept.actor(digest)
                        .map(actor -> new Caller(
                                actor, digest, () -> kept.actor(digest).equals(Optional.of(actor)))));
    }

    /** Answers a token that is nobody's. */
    Refusal wrongToken(InetAddress from) {
        int failures = attempts.failed(from);
        if (failures <= WebLimits.MOST_FAILURES) {
            return unauthenticated(", error=\"invalid_token\"");
        }
        if (failures == WebLimits.MOST_FAILURES + 1) {
            log.warn("More than " + WebLimits.MOST_FAILURES + " requests with tokens that are nobody's came from "
                    + from.getHostAddress() + " within a minute. Further ones are answered 429.");
        }
        return new Refusal(429, "Too many tokens that are nobody's came from this address. Valid ones are still taken.")
                .header("retry-after", Integer.toString(WebLimits.FAILURES_SECONDS));
    }

    private static Refusal unauthenticated(String error) {
        return new Refusal(
                        401,
                        error.isEmpty()
                                ? "Show who asks: Authorization: Bearer TOKEN, or a session's cookie (POST /api/v1/session)."
                                : "The token is nobody's. `scepsy serve token --name N --role R` makes one.")
                .header("www-authenticate", CHALLENGE + error);
    }
}
