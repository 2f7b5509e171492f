package dev.scepsy.planner.serve.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;

/**
 * A real PostgreSQL, one for all tests of this JVM, with a database for each. As root its programs run in a user namespace of their
 * own ({@code unshare}), since PostgreSQL refuses root. Where it cannot be started here, its tests are NOT RUN and say why.
 */
final class RunningPostgres {

    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static Optional<RunningPostgres> running = Optional.empty();
    private static Optional<String> why = Optional.empty();

    private final Path data;
    private EmbeddedPostgres server;

    private RunningPostgres(Path data, EmbeddedPostgres server) {
        this.data = data;
        this.server = server;
    }

    /** The shared one. */
    static synchronized RunningPostgres orNotRun() {
        if (running.isEmpty() && why.isEmpty()) {
            try {
                running = Optional.of(started());
            } catch (IOException | RuntimeException e) {
                why = Optional.of("NOT RUN: no PostgreSQL can be started here (" + e.getMessage() + ")");
                System.out.println(why.get());
            }
        }
        Assumptions.assumeTrue(running.isPresent(), () -> why.orElse(""));
        return running.get();
    }

    private static RunningPostgres started() throws IOException {
        Path data = Files.createTempDirectory("scepsy-postgres");
        return new RunningPostgres(data, start(data, 0));
    }

    private static EmbeddedPostgres start(Path data, int port) throws IOException {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(data.resolve("data"))
                .setCleanDataDirectory(false)
                .setOverrideWorkingDirectory(new File(System.getProperty("java.io.tmpdir"), "scepsy-postgres-binaries"))
                .setServerConfig("max_connections", "60")
                .setServerConfig("shared_buffers", "16MB")
                .setPGStartupWait(Duration.ofSeconds(30));
        return (port == 0 ? builder : builder.setPort(port)).start();
    }

    int port() {
        return server.getPort();
    }

    /** An empty database. */
    StoreUrl.Postgres database() {
        String name = "scepsy" + DATABASES.incrementAndGet();
        execute("create database " + name);
        return at(port(), name);
    }

    /** With a network that is given up soon. */
    static StoreUrl.Postgres through(Proxy network, StoreUrl.Postgres url) {
        return new StoreUrl.Postgres(at(network.port(), name(url)).url() + "?socketTimeout=1");
    }

    static StoreUrl.Postgres at(int port, String name) {
        return new StoreUrl.Postgres("jdbc:postgresql://127.0.0.1:" + port + "/" + name);
    }

    static String name(StoreUrl.Postgres url) {
        return url.shown().replaceFirst(".*/", "");
    }

    /** As the superuser. */
    void execute(String sql) {
        in("postgres", sql);
    }

    void in(String database, String sql) {
        try (var connection = server.getDatabase("postgres", database).getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    void stop() throws IOException {
        server.close();
    }

    /** On the same port, with the same data. */
    void startAgain() throws IOException {
        int port = server.getPort();
        server = start(data, port);
    }
}
