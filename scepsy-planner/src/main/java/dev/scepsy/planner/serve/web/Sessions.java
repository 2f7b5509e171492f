package dev.scepsy.planner.serve.web;

import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Cookies of pages: each stands for the token it was got with, for 12 hours, until it is ended, the service restarts, or the
 * token is no longer in the file, whatever the wall's clock does. Kept in memory under their digests; the oldest go first. Thread-safe.
 */
final class Sessions {

    static final Duration LASTS = Duration.ofHours(12);
    private static final String COOKIE = "scepsy_session";

    private record Session(String token, long endNanos) {
        boolean over(long steadyNanos) {
            return steadyNanos - endNanos >= 0;
        }
    }

    private final Guard guard;
    private final ServiceTime time;
    private final Map<String, Session> byDigest = new LinkedHashMap<>();

    Sessions(Guard guard, ServiceTime time) {
        this.guard = guard;
        this.time = time;
    }

    /** The cookie's value for one who has shown {@code token}. */
    String begin(String token) {
        String value = Secrets.random();
        synchronized (byDigest) {
            long now = time.steadyNanos();
            byDigest.values().removeIf(session -> session.over(now));
            if (byDigest.size() >= WebLimits.MOST_SESSIONS) {
                byDigest.remove(byDigest.keySet().iterator().next());
            }
            byDigest.put(Secrets.digest(value), new Session(token, now + LASTS.toNanos()));
        }
        return value;
    }

    /** Whose session it is, if it still holds. */
    Optional<Actor> actor(String digest) {
        Session session;
        synchronized (byDigest) {
            session = byDigest.get(digest);
        }
        if (session == null) {
            return Optional.empty();
        }
        Optional<Actor> actor = session.over(time.steadyNanos()) ? Optional.empty() : guard.actor(session.token());
        if (actor.isEmpty()) {
            end(digest);
        }
        return actor;
    }

    void end(String digest) {
        synchronized (byDigest) {
            byDigest.remove(digest);
        }
    }

    /** Digest of the session's cookie in a {@code Cookie} header. */
    static Optional<String> digestIn(String cookies) {
        for (String each : cookies.split(";", -1)) {
            String cookie = each.strip();
            if (cookie.startsWith(COOKIE + "=")) {
                return Optional.of(Secrets.digest(cookie.substring(COOKIE.length() + 1)));
            }
        }
        return Optional.empty();
    }

    /** The header that sets the cookie. */
    String setting(String value, boolean tls) {
        return header(value, Math.max(1, time.real(LASTS).toSeconds()), tls);
    }

    /** The header that takes it away. */
    static String removing(boolean tls) {
        return header("", 0, tls);
    }

    private static String header(String value, long seconds, boolean tls) {
        return COOKIE + "=" + value + "; Path=/; Max-Age=" + seconds + "; HttpOnly; SameSite=Strict"
                + (tls ? "; Secure" : "");
    }
}
