package dev.scepsy.planner.serve.loop;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** Ids that sort by age, whatever the clock does. */
final class Ids {

    private static final int DIGITS = 15;

    private Ids() {}

    /**
     * @param prefix one letter and a dash, such as {@code p-}
     * @param last the youngest id with that prefix
     */
    static String next(String prefix, Instant now, Optional<String> last) {
        long after = last.filter(id -> id.startsWith(prefix))
                .map(id -> Long.parseLong(id.substring(prefix.length())) + 1)
                .orElse(0L);
        return prefix + String.format(Locale.ROOT, "%0" + DIGITS + "d", Math.max(after, now.toEpochMilli()));
    }
}
