package dev.scepsy.planner.serve.store;

import java.sql.SQLException;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Connections of a store.
 *
 * @param working bounded in time
 * @param patient for what is done once and may take long: making and updating tables
 * @param initial SQL of each new working connection; empty: none
 */
record Sources(DataSource working, DataSource patient, String initial) {

    /** Time for connecting, s. */
    static final int CONNECT_SECONDS = 3;

    /** Without a word from PostgreSQL for so long, s, a connection is given up. */
    static final int SOCKET_SECONDS = 5;

    /** PostgreSQL ends a statement, or the wait for a lock, after so long, ms. */
    static final int STATEMENT_MILLIS = 4_000;

    /** H2 ends the wait for a lock after so long, ms. */
    static final int FILE_LOCK_MILLIS = 4_000;

    private static final int H2_CACHE_KIB = 16_384;

    /** Texts and bytes up to this size lie in the row itself. */
    private static final int H2_IN_ROW = 65_536;

    static Sources of(StoreUrl url, Stores.Credentials credentials) throws Stores.RefusedException {
        return url instanceof StoreUrl.H2File h2 ? h2(h2, credentials) : postgres((StoreUrl.Postgres) url, credentials);
    }

    /** For looking only: the file is not written to. */
    static DataSource readingOnly(StoreUrl.H2File url, DataSource source) {
        JdbcDataSource given = (JdbcDataSource) source;
        JdbcDataSource reading = new JdbcDataSource();
        reading.setURL(base(url) + ";ACCESS_MODE_DATA=r");
        reading.setUser(given.getUser());
        reading.setPassword(given.getPassword());
        return reading;
    }

    /**
     * The service closes H2 itself, after everything else. Nothing is traced to files. H2 commits to its own memory first; who
     * writes adds {@code CHECKPOINT SYNC}. Its writer in the background stays, since that is what clears up the file.
     */
    private static Sources h2(StoreUrl.H2File url, Stores.Credentials credentials) {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL(base(url) + ";MAX_LENGTH_INPLACE_LOB=" + H2_IN_ROW + ";CACHE_SIZE=" + H2_CACHE_KIB
                + ";LOCK_TIMEOUT=" + FILE_LOCK_MILLIS);
        source.setUser(credentials.user().orElse("scepsy"));
        source.setPassword(credentials.password().orElse(""));
        return new Sources(source, source, "");
    }

    private static String base(StoreUrl.H2File url) {
        return "jdbc:h2:" + url.fileSystem() + ":" + url.file()
                + ";DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;TRACE_LEVEL_SYSTEM_OUT=0";
    }

    private static Sources postgres(StoreUrl.Postgres url, Stores.Credentials credentials)
            throws Stores.RefusedException {
        try {
            PGSimpleDataSource working = postgresSource(url, credentials);
            if (!url.states(PGProperty.SOCKET_TIMEOUT.getName())) {
                working.setSocketTimeout(SOCKET_SECONDS);
            }
            return new Sources(working, postgresSource(url, credentials), settingsOfAConnection());
        } catch (SQLException | IllegalArgumentException e) {
            throw Stores.RefusedException.badInput("store: " + url.shown()
                    + " has parameters that the PostgreSQL driver does not take (" + e.getMessage() + "). Mend them.");
        }
    }

    private static PGSimpleDataSource postgresSource(StoreUrl.Postgres url, Stores.Credentials credentials)
            throws SQLException {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(url.url());
        credentials.user().ifPresent(source::setUser);
        credentials.password().ifPresent(source::setPassword);
        source.setApplicationName("scepsy");
        source.setTcpKeepAlive(true);
        source.setReWriteBatchedInserts(true);
        source.setLogServerErrorDetail(false);
        if (!url.states(PGProperty.CONNECT_TIMEOUT.getName())) {
            source.setConnectTimeout(CONNECT_SECONDS);
        }
        if (!url.states(PGProperty.LOGIN_TIMEOUT.getName())) {
            source.setLoginTimeout(CONNECT_SECONDS);
        }
        if (url.severalServers() && !url.states(PGProperty.TARGET_SERVER_TYPE.getName())) {
            source.setProperty(PGProperty.TARGET_SERVER_TYPE, "primary");
        }
        return source;
    }

    /**
     * A commit is on the server's disk when it returns, whatever the server's default; a stronger default stays. A leader that
     * is paused in the middle of a write does not keep the others out.
     */
    private static String settingsOfAConnection() {
        return "set statement_timeout = " + STATEMENT_MILLIS + "; set lock_timeout = " + STATEMENT_MILLIS
                + "; set idle_in_transaction_session_timeout = " + STATEMENT_MILLIS
                + "; select set_config('synchronous_commit', 'on', false)"
                + " where current_setting('synchronous_commit') in ('off', 'local', 'remote_write')";
    }
}
