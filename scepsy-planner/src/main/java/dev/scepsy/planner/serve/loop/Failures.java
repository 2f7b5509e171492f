package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.log.ServiceLog;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The loop's own failures: counted, each kind logged once until it works again. Thread-safe. */
final class Failures {

    private final ServiceLog log;
    private final AtomicLong count = new AtomicLong();
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    Failures(ServiceLog log) {
        this.log = log;
    }

    /** @param doing what failed, such as {@code planning} */
    void failed(String doing, Throwable failure) {
        count.incrementAndGet();
        if (told.add(doing + " " + failure.getClass().getName())) {
            log.error(
                    "The loop failed at " + doing + " (" + failure.getMessage()
                            + "); it goes on, and failures alike are only counted.",
                    failure);
        }
    }

    /** It works again: the next failure at it is logged. */
    void works(String doing) {
        told.removeIf(kind -> kind.startsWith(doing + " "));
    }

    long count() {
        return count.get();
    }
}
