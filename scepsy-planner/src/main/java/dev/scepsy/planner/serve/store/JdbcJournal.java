package dev.scepsy.planner.serve.store;

import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Freeze;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.Pin;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ServiceEvent;
import dev.scepsy.planner.serve.journal.StoreException;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jspecify.annotations.Nullable;

/** The journal in a database: documents, and beside them what is asked for. */
final class JdbcJournal implements Journal {

    /** Events that are told again. */
    static final int MOST_EVENTS = 1_000;

    /** Ended proposals, and plans, that are kept; the oldest go first. */
    static final int MOST_ENDED = 10_000;

    /** How long an answer stands for its key. */
    static final Duration LONGEST_ANSWERED = Duration.ofHours(24);

    private static final Duration TIDIED_EVERY = Duration.ofHours(1);
    private static final int PAGE = 500;

    private static final RowMapper<ServiceEvent> EVENT = (row, context) -> new ServiceEvent(
            row.getLong(1), Stored.instant(row.getLong(2)), row.getString(3), Documents.parse(row.getString(4)));

    private final Database database;
    private final Leadership leadership;
    private final ServiceTime time;
    private final ServiceLog log;
    private final ReentrantLock writing = new ReentrantLock(true);
    private final List<Consumer<ServiceEvent>> listeners = new CopyOnWriteArrayList<>();
    private @Nullable Instant tidied;
    /** The last event that listeners know; −1: none was written here yet. */
    private long told = -1;

    JdbcJournal(Database database, Leadership leadership, ServiceTime time, ServiceLog log) {
        this.database = database;
        this.leadership = leadership;
        this.time = time;
        this.log = log;
    }

    @Override
    public Optional<Proposal> proposal(String id) {
        return document("scepsy_proposal", id, Proposal.class);
    }

    @Override
    public List<Proposal> proposals(int limit) {
        return newest("scepsy_proposal", limit, Proposal.class);
    }

    @Override
    public List<Proposal> liveProposals() {
        return database.read(
                handle -> handle.select("select document from scepsy_proposal where live = true order by id desc")
                        .map((row, context) -> Documents.value(row.getString(1), Proposal.class))
                        .list());
    }

    @Override
    public Optional<PlanEntry> plan(String id) {
        return document("scepsy_plan", id, PlanEntry.class);
    }

    @Override
    public List<PlanEntry> plans(int limit) {
        return newest("scepsy_plan", limit, PlanEntry.class);
    }

    @Override
    public List<Pin> pins() {
        return database
                .read(handle -> handle.select("select document from scepsy_pin")
                        .map((row, context) -> Documents.value(row.getString(1), Pin.class))
                        .list())
                .stream()
                .sorted(Comparator.comparing(Pin::model))
                .toList();
    }

    @Override
    public Optional<Freeze> freeze() {
        return database.read(handle -> handle.select("select document from scepsy_freeze")
                .map((row, context) -> Documents.value(row.getString(1), Freeze.class))
                .findOne());
    }

    @Override
    public List<ServiceEvent> eventsAfter(long id) {
        return database.read(handle -> eventsAfter(handle, id));
    }

    @Override
    public Optional<Answered> answered(String idempotencyKey) {
        long oldest = Stored.nanos(time.instant().minus(LONGEST_ANSWERED));
        return database.read(handle -> handle.select(
                        "select document from scepsy_answer where id = ? and at_nanos > ?",
                        Stored.key(idempotencyKey),
                        oldest)
                .map((row, context) -> Documents.value(row.getString(1), Answered.class))
                .findOne());
    }

    @Override
    public Optional<String> note(String name) {
        return database.read(handle -> handle.select("select content from scepsy_note where id = ?", Stored.key(name))
                .map((row, context) -> Stored.plain(row.getString(1)))
                .findOne());
    }

    @Override
    public AutoCloseable listen(Consumer<ServiceEvent> listener) {
        Consumer<ServiceEvent> own = listener::accept;
        listeners.add(own);
        return () -> listeners.remove(own);
    }

    /** Listeners are told before it returns; they must not write. After a {@link StoreException} what was written has to be read again. */
    @Override
    public void write(Change change) {
        List<Change.Item> items = change.items();
        if (items.isEmpty()) {
            return;
        }
        lock();
        try {
            Instant now = time.instant();
            boolean tidies = tidied == null || now.isAfter(tidied.plus(TIDIED_EVERY));
            Written written = database.write(Database.WRITE_SECONDS, handle -> {
                long last = leadership.enter(handle);
                List<ServiceEvent> missed = told >= 0 && told < last ? eventsAfter(handle, told) : List.of();
                List<ServiceEvent> events = JournalWriter.write(handle, items, last);
                if (tidies) {
                    JournalWriter.tidy(handle, now.minus(LONGEST_ANSWERED));
                }
                return new Written(last, missed, events);
            });
            if (tidies) {
                tidied = now;
            }
            told = written.last + written.events.size();
            written.missed.forEach(this::tell);
            written.events.forEach(this::tell);
        } finally {
            writing.unlock();
        }
    }

    private void lock() {
        try {
            if (!writing.tryLock(Database.WRITE_SECONDS, TimeUnit.SECONDS)) {
                throw new StoreException(
                        "The store " + database.shown() + " is still busy with the write before. Try again.",
                        new TimeoutException());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("The service stops: nothing was written.", e);
        }
    }

    private void tell(ServiceEvent event) {
        for (Consumer<ServiceEvent> listener : listeners) {
            try {
                listener.accept(event);
            } catch (RuntimeException e) {
                log.error("a listener to the journal's events failed", e);
            }
        }
    }

    private static List<ServiceEvent> eventsAfter(Handle handle, long id) {
        return handle.select(
                        "select id, at_nanos, kind, document from scepsy_event"
                                + " where id > ? and id > (select last_event from scepsy_leader where one = 1) - ?"
                                + " order by id",
                        id,
                        MOST_EVENTS)
                .map(EVENT)
                .list();
    }

    private <T> Optional<T> document(String table, String id, Class<T> type) {
        return database.read(handle -> handle.select("select document from " + table + " where id = ?", Stored.key(id))
                .map((row, context) -> Documents.value(row.getString(1), type))
                .findOne());
    }

    /** In pages, each within its time. */
    private <T> List<T> newest(String table, int limit, Class<T> type) {
        List<T> found = new ArrayList<>();
        Optional<String> before = Optional.empty();
        while (found.size() < limit) {
            int page = Math.min(PAGE, limit - found.size());
            Optional<String> from = before;
            List<Row> rows = database.read(handle -> (from.isPresent()
                            ? handle.select(
                                    "select id, document from " + table + " where id < ? order by id desc limit ?",
                                    from.get(),
                                    page)
                            : handle.select("select id, document from " + table + " order by id desc limit ?", page))
                    .map((row, context) -> new Row(row.getString(1), row.getString(2)))
                    .list());
            rows.forEach(row -> found.add(Documents.value(row.document, type)));
            if (rows.size() < page) {
                break;
            }
            before = Optional.of(rows.get(rows.size() - 1).id);
        }
        return List.copyOf(found);
    }

    private record Row(String id, String document) {}

    private record Written(long last, List<ServiceEvent> missed, List<ServiceEvent> events) {}
}
