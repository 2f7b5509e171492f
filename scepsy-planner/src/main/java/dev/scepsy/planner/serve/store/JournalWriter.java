package dev.scepsy.planner.serve.store;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Freeze;
import dev.scepsy.planner.serve.journal.ServiceEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** What a change writes, in the transaction of whoever holds the leader's row: nobody else writes meanwhile, so that updating before inserting is safe. */
final class JournalWriter {

    private static final int TRIMMED_EVERY = 250;

    private JournalWriter() {}

    /** In the order of {@code items}; events get the ids after {@code last}, and are what is returned. */
    static List<ServiceEvent> write(Handle handle, List<Change.Item> items, long last) {
        List<ServiceEvent> events = new ArrayList<>();
        for (Change.Item item : items) {
            if (item instanceof Change.Item.PutProposal put) {
                document(
                        handle,
                        "scepsy_proposal",
                        put.proposal().id(),
                        !put.proposal().state().ended(),
                        put.proposal());
            } else if (item instanceof Change.Item.PutPlan put) {
                document(
                        handle,
                        "scepsy_plan",
                        put.plan().id(),
                        !put.plan().state().ended(),
                        put.plan());
            } else if (item instanceof Change.Item.PutPin put) {
                pin(handle, put.pin().model(), json(put.pin()));
            } else if (item instanceof Change.Item.RemovePin remove) {
                handle.execute("delete from scepsy_pin where id = ?", Stored.key(remove.model()));
            } else if (item instanceof Change.Item.PutFreeze put) {
                freeze(handle, put.freeze());
            } else if (item instanceof Change.Item.AddEvent add) {
                events.add(event(handle, last + events.size() + 1, add));
            } else if (item instanceof Change.Item.PutAnswer put) {
                String id = Stored.key(put.answer().key());
                handle.execute("delete from scepsy_answer where id = ?", id);
                handle.execute(
                        "insert into scepsy_answer (id, at_nanos, document) values (?, ?, ?)",
                        id,
                        Stored.nanos(put.at()),
                        json(put.answer()));
            } else if (item instanceof Change.Item.PutNote put) {
                note(handle, put.name(), put.value());
            }
        }
        if (!events.isEmpty()) {
            long now = last + events.size();
            handle.execute("update scepsy_leader set last_event = ? where one = 1", now);
            if (now / TRIMMED_EVERY != last / TRIMMED_EVERY) {
                handle.execute("delete from scepsy_event where id <= ?", now - JdbcJournal.MOST_EVENTS);
            }
        }
        return List.copyOf(events);
    }

    /** Forgets answers from before {@code oldest}, and the oldest of what has ended. */
    static void tidy(Handle handle, Instant oldest) {
        handle.execute("delete from scepsy_answer where at_nanos <= ?", Stored.nanos(oldest));
        for (String table : List.of("scepsy_proposal", "scepsy_plan")) {
            handle.select(
                            "select id from " + table
                                    + " where live = false order by id desc offset ? rows fetch next 1 rows only",
                            JdbcJournal.MOST_ENDED)
                    .mapTo(String.class)
                    .findOne()
                    .ifPresent(
                            first -> handle.execute("delete from " + table + " where live = false and id <= ?", first));
        }
    }

    private static void document(Handle handle, String table, String id, boolean live, Object value) {
        String key = Stored.key(id);
        String json = json(value);
        if (handle.execute("update " + table + " set live = ?, document = ? where id = ?", live, json, key) == 0) {
            handle.execute("insert into " + table + " (id, live, document) values (?, ?, ?)", key, live, json);
        }
    }

    private static void pin(Handle handle, String model, String json) {
        String key = Stored.key(model);
        if (handle.execute("update scepsy_pin set document = ? where id = ?", json, key) == 0) {
            handle.execute("insert into scepsy_pin (id, document) values (?, ?)", key, json);
        }
    }

    private static void freeze(Handle handle, @Nullable Freeze freeze) {
        handle.execute("delete from scepsy_freeze");
        if (freeze != null) {
            handle.execute("insert into scepsy_freeze (one, document) values (1, ?)", json(freeze));
        }
    }

    private static void note(Handle handle, String name, String value) {
        String key = Stored.key(name);
        String content = Stored.text(value);
        if (handle.execute("update scepsy_note set content = ? where id = ?", content, key) == 0) {
            handle.execute(
                    "insert into scepsy_note (id, name, content) values (?, ?, ?)", key, Stored.text(name), content);
        }
    }

    private static ServiceEvent event(Handle handle, long id, Change.Item.AddEvent add) {
        if (!Stored.plainKey(add.type())) {
            throw new IllegalArgumentException("An event's type is a short word, not " + add.type());
        }
        String json = Stored.json(Documents.text(add.data()));
        Instant at = Stored.instant(Stored.nanos(add.at()));
        handle.execute(
                "insert into scepsy_event (id, at_nanos, kind, document) values (?, ?, ?, ?)",
                id,
                Stored.nanos(at),
                add.type(),
                json);
        JsonNode data = Documents.parse(json);
        return new ServiceEvent(id, at, add.type(), data);
    }

    private static String json(Object value) {
        return Stored.json(Documents.text(value));
    }
}
