package dev.scepsy.planner.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Since when engines have been in the trouble that they are in: one that lasts longer than its outlook allows is hopeless. */
final class Troubles {

    private record Trouble(Outlook outlook, Instant since) {}

    private final Duration poll;
    private final Map<String, Trouble> troubles = new HashMap<>();
    private final Map<String, String> told = new HashMap<>();

    Troubles(Duration poll) {
        this.poll = poll;
    }

    /** Whether {@code engine}, seen with {@code outlook} at {@code now}, is beyond waiting for. */
    boolean hopeless(String engine, Outlook outlook, Instant now) {
        Trouble before = troubles.get(engine);
        if (before == null || before.outlook() != outlook) {
            // what was doubtful keeps its time: an image that cannot be pulled alternates between two reasons
            before = new Trouble(outlook, now);
            troubles.put(engine, before);
        }
        return outlook != Outlook.OPEN && !now.isBefore(before.since().plus(outlook.patience(poll)));
    }

    /** Whether {@code text} is news of {@code engine}. */
    boolean isNews(String engine, String text) {
        return !text.equals(told.put(engine, text));
    }
}
