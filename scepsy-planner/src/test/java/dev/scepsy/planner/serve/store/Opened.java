package dev.scepsy.planner.serve.store;

import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Stores for tests, and what their log says. */
final class Opened {

    static final Duration LEASE = Duration.ofSeconds(2);
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private static final ByteArrayOutputStream LOGGED = new ByteArrayOutputStream();
    static final ServiceLog LOG =
            new ServiceLog(new PrintStream(LOGGED, true, StandardCharsets.UTF_8), false, Instant::now);

    private Opened() {}

    static StoreUrl.H2File h2(Path folder) {
        return new StoreUrl.H2File(folder.resolve("scepsy"), "file");
    }

    static JdbcStore store(StoreUrl url) throws Stores.RefusedException {
        return store(url, "test", LEASE, ServiceTime.WALL);
    }

    static JdbcStore store(StoreUrl url, String holder, Duration lease, ServiceTime time)
            throws Stores.RefusedException {
        return Stores.open(url, credentials(url), holder, time, LOG, lease);
    }

    static Stores.Credentials credentials(StoreUrl url) {
        return new Stores.Credentials(
                url instanceof StoreUrl.Postgres ? Optional.of("postgres") : Optional.empty(), Optional.empty());
    }

    static String logged() {
        return LOGGED.toString(StandardCharsets.UTF_8);
    }

    /** Polls. */
    static void until(String what, BooleanSupplier holds) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + DEADLINE + ": " + what);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
    }
}
