package dev.scepsy.planner.serve.store;

import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.StatisticsStore;
import dev.scepsy.planner.serve.journal.Store;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.util.Optional;

/** A store in a database. Thread-safe. */
final class JdbcStore implements Store {

    private final Database database;
    private final Leadership leadership;
    private final Optional<H2Owner> owner;
    private final JdbcJournal journal;
    private final JdbcStatistics statistics;
    private boolean closed;

    JdbcStore(Database database, Leadership leadership, Optional<H2Owner> owner, ServiceTime time, ServiceLog log) {
        this.database = database;
        this.leadership = leadership;
        this.owner = owner;
        this.journal = new JdbcJournal(database, leadership, time, log);
        this.statistics = new JdbcStatistics(database, leadership);
    }

    @Override
    public Journal journal() {
        return journal;
    }

    @Override
    public StatisticsStore statistics() {
        return statistics;
    }

    @Override
    public Optional<String> trouble() {
        return database.trouble();
    }

    @Override
    public boolean leads() {
        return leadership.leads();
    }

    @Override
    public long term() {
        return leadership.term();
    }

    @Override
    public Optional<String> leader() {
        return leadership.leader();
    }

    /** For tests: the part that says who leads. */
    Leadership leadership() {
        return leadership;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            leadership.close();
            database.close();
            owner.ifPresent(H2Owner::close);
        }
    }
}
