package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.settings.ServiceTime;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long ago what is on record happened, though the wall's clock may have jumped since. Until this process sees it first its age is what
 * the record and the wall say, 0 at least; from then on a clock that never jumps counts.
 *
 * <pre>
 * age(t) = max(0, wall(s) − at) + steady(t) − steady(s),  s: when it was seen first
 * </pre>
 *
 * Thread-safe.
 */
final class Ages {

    /** Further than this the wall's clock does not move away from the steady one without having jumped. */
    private static final Duration JUMP = Duration.ofMinutes(1);

    private static final int MOST = 1_000;

    private final ServiceTime time;
    private final Map<Object, Seen> seen = new LinkedHashMap<>();

    Ages(ServiceTime time) {
        this.time = time;
    }

    private record Seen(Duration ageThen, long steadyNanos, long offsetNanos) {
        Duration age(long steadyNow) {
            return ageThen.plusNanos(steadyNow - steadyNanos);
        }
    }

    /**
     * One age of what is measured by windows of the wall's time.
     *
     * @param whole since it happened
     * @param unbroken of that, the part since the wall's clock last jumped
     */
    record Measured(Duration whole, Duration unbroken) {}

    /** The age of what happened {@code at}. */
    synchronized Duration since(Instant at) {
        return seen(at, at).age(time.steadyNanos());
    }

    /**
     * The age of what is measured since {@code at}.
     *
     * @param what whose measurement it is
     */
    synchronized Measured measured(String what, Instant at) {
        Duration whole = since(at);
        Seen first = seen(what, at);
        if (Math.abs(offsetNanos() - first.offsetNanos) > JUMP.toNanos()) {
            seen.remove(what);
            first = seen(what, time.instant());
        }
        return new Measured(whole, first.age(time.steadyNanos()));
    }

    private Seen seen(Object key, Instant at) {
        Seen known = seen.get(key);
        if (known == null) {
            Duration age = Duration.between(at, time.instant());
            known = new Seen(age.isNegative() ? Duration.ZERO : age, time.steadyNanos(), offsetNanos());
            if (seen.size() >= MOST) {
                seen.remove(seen.keySet().iterator().next());
            }
            seen.put(key, known);
        }
        return known;
    }

    private long offsetNanos() {
        Instant now = time.instant();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano() - time.steadyNanos();
    }
}
