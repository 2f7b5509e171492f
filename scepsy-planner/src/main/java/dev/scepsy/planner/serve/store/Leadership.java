package dev.scepsy.planner.serve.store;

import dev.scepsy.planner.serve.journal.StoreException;
import dev.scepsy.planner.serve.log.ServiceLog;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Who may write: the one whose term stands in the only row of {@code scepsy_leader}. Every write takes that row first, and holds it
 * until its commit; who takes over raises the term in the same row. So an older leader's write is refused whatever its clock, its
 * pauses or its network do, and two never write at once.
 *
 * <p>With PostgreSQL the row has an expiry by the database's clock, which the leader moves on each third of the lease; a stand-by takes
 * over once it has passed. {@link #leads} is this service's belief, by its own monotonic clock, from before the question was sent on: on
 * the safe side, and no more than a belief. H2 belongs to one process, which always leads. Thread-safe.
 */
final class Leadership implements AutoCloseable {

    /** Without a lease (H2): how often it is tried, s, whether a store in trouble can be used again. */
    static final int TRY_AGAIN_SECONDS = 2;

    /** Letters that say who leads. */
    static final int LONGEST_HOLDER = 1000;

    private static final int PARTS_OF_LEASE = 3;
    private static final int WRITE_SECONDS = 4;
    private static final long JOIN_MILLIS = 1_000;
    private static final double MILLIS = 1e3;
    private static final Duration SHORTEST_TICK = Duration.ofMillis(20);

    private final Database database;
    private final String holder;
    private final Optional<Duration> lease;
    private final ServiceLog log;
    private final Thread keeper;
    private volatile boolean closed;
    /** 0: none. */
    private volatile long term;

    private volatile long untilNanoTime;
    private volatile @Nullable String other;

    Leadership(Database database, String holder, Optional<Duration> lease, ServiceLog log) {
        this.database = database;
        this.holder =
                Stored.text(holder.length() <= LONGEST_HOLDER / 2 ? holder : holder.substring(0, LONGEST_HOLDER / 2));
        this.lease = lease;
        this.log = log;
        this.keeper = new Thread(this::keep, "scepsy-store-leader");
        keeper.setDaemon(true);
    }

    /** Leads if nobody else does; from then on keeps at it. */
    void begin() {
        tick();
        keeper.start();
    }

    boolean leads() {
        return !closed && term != 0 && (lease.isEmpty() || System.nanoTime() - untilNanoTime < 0);
    }

    Optional<String> leader() {
        return leads() ? Optional.empty() : Optional.ofNullable(other);
    }

    /** 0 where it has none. */
    long term() {
        return term;
    }

    /**
     * Takes the row for the rest of the transaction.
     *
     * @return the last event's id
     * @throws StoreException where another leads, or has led since
     */
    long enter(Handle handle) {
        Row row = handle.select("select term, holder, last_event from scepsy_leader where one = 1 for update")
                .map((found, context) ->
                        new Row(found.getLong(1), Optional.ofNullable(found.getString(2)), found.getLong(3)))
                .one();
        if (closed || term == 0 || row.term != term) {
            throw StoreException.standby(row.holder.map(Stored::plain).orElse("nobody does yet"));
        }
        return row.lastEvent;
    }

    /** Once more about it; failures are the database's trouble. */
    void tick() {
        try {
            if (lease.isEmpty()) {
                lead();
            } else if (term == 0 || !renew(lease.get())) {
                takeOver(lease.get());
            }
        } catch (StoreException e) {
            // Told by the database; it is tried again.
        }
    }

    /** Gives it back at once. */
    @Override
    public void close() {
        long mine = term;
        closed = true;
        keeper.interrupt();
        try {
            // A renewal that is under way would be written after what follows.
            keeper.join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (mine != 0 && lease.isPresent()) {
            try {
                database.write(
                        WRITE_SECONDS,
                        handle -> handle.execute(
                                "update scepsy_leader set holder = null, expires = clock_timestamp()"
                                        + " where one = 1 and term = ?",
                                mine));
            } catch (StoreException e) {
                // It runs out by itself.
            }
        }
    }

    private void keep() {
        Duration wait = lease.map(time -> time.dividedBy(PARTS_OF_LEASE)).orElse(Duration.ofSeconds(TRY_AGAIN_SECONDS));
        long millis = Math.max(SHORTEST_TICK.toMillis(), wait.toMillis());
        while (!closed) {
            try {
                Thread.sleep(millis);
            } catch (InterruptedException e) {
                return;
            }
            if (!closed && (lease.isPresent() || database.trouble().isPresent())) {
                tick();
            }
        }
    }

    /** H2: a new term for each process, and a write that shows whether the store can be used. */
    private void lead() {
        long next = database.write(Database.WRITE_SECONDS, handle -> {
            if (term != 0) {
                handle.execute("update scepsy_leader set holder = ? where one = 1", holder);
                return term;
            }
            handle.execute("update scepsy_leader set holder = ?, term = term + 1 where one = 1", holder);
            return termNow(handle);
        });
        term = next;
    }

    private boolean renew(Duration time) {
        long sent = System.nanoTime();
        long mine = term;
        int renewed = database.write(
                WRITE_SECONDS,
                handle -> handle.execute(
                        "update scepsy_leader set expires = clock_timestamp() + make_interval(secs => ?)"
                                + " where one = 1 and term = ?",
                        time.toMillis() / MILLIS,
                        mine));
        if (renewed == 1) {
            untilNanoTime = sent + time.toNanos();
            return true;
        }
        term = 0;
        log.warn("another service leads: this one stands by from now on");
        return false;
    }

    private void takeOver(Duration time) {
        long sent = System.nanoTime();
        Optional<Long> next = database.write(WRITE_SECONDS, handle -> {
            int taken = handle.execute(
                    "update scepsy_leader set holder = ?, term = term + 1,"
                            + " expires = clock_timestamp() + make_interval(secs => ?)"
                            + " where one = 1 and (expires is null or expires < clock_timestamp())",
                    holder,
                    time.toMillis() / MILLIS);
            if (taken == 1) {
                return Optional.of(termNow(handle));
            }
            other = handle.select("select holder from scepsy_leader where one = 1")
                    .map((found, context) -> Optional.ofNullable(found.getString(1)))
                    .one()
                    .map(Stored::plain)
                    .orElse(null);
            return Optional.empty();
        });
        if (next.isPresent()) {
            untilNanoTime = sent + time.toNanos();
            term = next.get();
            other = null;
            log.info("this service leads", Map.of("store", database.shown(), "term", String.valueOf(term)));
        }
    }

    private static long termNow(Handle handle) {
        return handle.select("select term from scepsy_leader where one = 1")
                .mapTo(Long.class)
                .one();
    }

    private record Row(long term, Optional<String> holder, long lastEvent) {}
}
