package dev.scepsy.planner.serve.store;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/**
 * The store's tables, made and updated by Flyway from the SQL files in {@code schema}. A store that a newer service has updated is
 * refused before anything is written to it. Updates only add: a service of the version before can stand by, or finish, beside them.
 */
final class Schema {

    /** The newest file's. */
    static final int VERSION = 2;

    /** For another service that is making or updating the tables, s. */
    static final int LONGEST_WAIT_SECONDS = 60;

    /** Of this program's only. */
    private static final long ALONE = 0x7363_6570_7379L;

    private static final String HISTORY = "scepsy_schema";
    private static final String FILES = "classpath:dev/scepsy/planner/serve/store/schema";

    private Schema() {}

    /** {@code owner} of an H2 file, which knows whether it was whole before. */
    static void prepare(StoreUrl url, Sources sources, Optional<H2Owner> owner) throws Stores.RefusedException {
        if (url instanceof StoreUrl.H2File h2
                && Files.exists(h2.database())
                && owner.isPresent()
                && owner.get().made()) {
            lookFirst(h2, sources);
        }
        try (Connection connection = sources.patient().getConnection()) {
            // Held until the tables are there: H2 closes its file with the last connection.
            OptionalInt found = version(connection);
            refuseNewer(url, found);
            if (found.isEmpty() || found.getAsInt() < VERSION) {
                alone(url, connection);
                migrate(url, sources.patient(), version(connection));
            }
            if (owner.isPresent()) {
                owner.get().makeMade();
            }
        } catch (SQLException | FlywayException | IOException e) {
            throw Failures.refusal(url, e);
        }
    }

    /**
     * H2 writes to its file on opening it, and takes one whose end is missing for a new one. A file that was whole once can be looked at
     * without that, also after a crash; where it cannot, it is damaged.
     */
    private static void lookFirst(StoreUrl.H2File url, Sources sources) throws Stores.RefusedException {
        OptionalInt found;
        try (Connection connection = Sources.readingOnly(url, sources.patient()).getConnection()) {
            found = version(connection);
        } catch (SQLException e) {
            throw Failures.refusal(url, e);
        }
        refuseNewer(url, found);
    }

    private static void refuseNewer(StoreUrl url, OptionalInt found) throws Stores.RefusedException {
        if (found.isPresent() && found.getAsInt() > VERSION) {
            throw Stores.RefusedException.badInput("store: " + url.shown() + " has schema version " + found.getAsInt()
                    + ", made by a newer service; this one knows version " + VERSION
                    + ". Start the newer service, or name another store; nothing was changed.");
        }
    }

    /** Of what was updated without a failure. */
    private static OptionalInt version(Connection connection) throws SQLException {
        try (ResultSet tables = connection
                .getMetaData()
                .getTables(null, connection.getSchema(), HISTORY, new String[] {"TABLE", "BASE TABLE"})) {
            if (!tables.next()) {
                return OptionalInt.empty();
            }
        }
        try (Statement statement = connection.createStatement();
                ResultSet versions = statement.executeQuery(
                        "select \"version\" from \"" + HISTORY + "\" where \"success\" = true")) {
            int newest = 0;
            while (versions.next()) {
                String version = versions.getString(1);
                if (version != null) {
                    newest = Math.max(newest, Integer.parseInt(version.replaceFirst("\\..*", "")));
                }
            }
            return OptionalInt.of(newest);
        }
    }

    /** Until the connection ends: several services may start at once. */
    private static void alone(StoreUrl url, Connection connection) throws SQLException {
        if (url instanceof StoreUrl.Postgres) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("set lock_timeout = '" + LONGEST_WAIT_SECONDS + "s'");
                statement.execute("select pg_advisory_lock(" + ALONE + ")");
            }
        }
    }

    /**
     * A database in which others have tables needs a beginning of its own (a baseline). Flyway makes that in two steps; who was killed
     * between them finds a history without entries, and needs none any more.
     */
    private static void migrate(StoreUrl url, DataSource source, OptionalInt found) {
        boolean h2 = url instanceof StoreUrl.H2File;
        Flyway flyway = Flyway.configure(Schema.class.getClassLoader())
                .dataSource(source)
                .locations(FILES)
                .failOnMissingLocations(true)
                .table(HISTORY)
                .baselineOnMigrate(found.isEmpty())
                .baselineVersion("0")
                .placeholders(Map.of(
                        "key", h2 ? "varchar(120)" : "varchar(120) collate \"C\"",
                        "text", h2 ? "clob" : "text",
                        "bytes", h2 ? "blob" : "bytea"))
                .load();
        if (h2) {
            // H2 commits table by table; what failed midway, on a full disk, is taken up again: the files can be met
            // twice.
            flyway.repair();
        }
        flyway.migrate();
    }
}
