package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.Trigger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was noticed and not planned for yet. Written down with its event, so that it outlives a restart. The same change at the same place
 * is noticed once, and again only a cooldown after it was planned for. For one thread.
 */
final class Pending {

    private static final String NOTE = "pending";

    private final Journal journal;
    private final Duration cooldown;
    private final Map<String, Instant> planned = new HashMap<>();

    Pending(Journal journal, Duration cooldown) {
        this.journal = journal;
        this.cooldown = cooldown;
    }

    List<Trigger> triggers() {
        return journal.note(NOTE)
                .filter(text -> !text.isEmpty())
                .map(text -> List.of(Documents.value(text, Trigger[].class)))
                .orElse(List.of());
    }

    /** Writes down what is new among {@code noticed}; {@code keep}: also to plan for it. */
    List<Trigger> notice(List<Trigger> noticed, boolean keep, Instant now) {
        List<Trigger> waiting = new ArrayList<>(triggers());
        List<Trigger> fresh = noticed.stream()
                .filter(trigger ->
                        waiting.stream().noneMatch(known -> Evidence.same(known).equals(Evidence.same(trigger))))
                .filter(trigger -> !lately(planned.get(Evidence.same(trigger)), now))
                .toList();
        if (fresh.isEmpty()) {
            return fresh;
        }
        Change change = new Change();
        fresh.forEach(trigger -> change.event(trigger.at(), "trigger", trigger));
        if (keep) {
            waiting.addAll(fresh);
            change.note(NOTE, Documents.text(waiting));
        } else {
            fresh.forEach(trigger -> planned.put(Evidence.same(trigger), now));
        }
        journal.write(change);
        return fresh;
    }

    /** What lies in the future was before the clock was put back. */
    private boolean lately(@Nullable Instant at, Instant now) {
        return at != null && !at.isAfter(now) && now.isBefore(at.plus(cooldown));
    }

    /** {@code done} were planned for. */
    void planned(List<Trigger> done, Instant now) {
        List<Trigger> left = triggers().stream()
                .filter(trigger ->
                        done.stream().noneMatch(each -> Evidence.same(each).equals(Evidence.same(trigger))))
                .toList();
        journal.write(new Change().note(NOTE, left.isEmpty() ? "" : Documents.text(left)));
        done.forEach(trigger -> planned.put(Evidence.same(trigger), now));
    }
}
