package dev.scepsy.planner.serve.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.StoreException;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is H2's own: one process, its file, its disk. */
class H2StoreTest {

    @Test
    void aSecondServiceIsRefusedWithTheFirstOnesNameAndTheNextOneAfterItIsNot(@TempDir Path folder) throws Exception {
        StoreUrl url = Opened.h2(folder);
        JdbcStore first = Opened.store(url, "host-a, process 17, since 10:00", Opened.LEASE, ServiceTime.WALL);
        assertThatThrownBy(() -> Opened.store(url))
                .isInstanceOfSatisfying(
                        Stores.RefusedException.class,
                        e -> assertThat(e.exitCode()).as(e.getMessage()).isEqualTo(4))
                .hasMessageContaining("host-a, process 17, since 10:00")
                .hasMessageContaining(folder.resolve("scepsy.mv.db").toString());
        first.journal().write(new Change().note("n", "still there"));
        first.close();
        first.close();
        try (JdbcStore second = Opened.store(url)) {
            assertThat(second.journal().note("n")).contains("still there");
            assertThat(first.leads()).isFalse();
        }
    }

    @Test
    void aProgramThatHasTheFileOpenIsNamedToo(@TempDir Path folder) throws Exception {
        StoreUrl.H2File url = Opened.h2(folder);
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        WritingProgram.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        try {
            other.inputReader().readLine();
            assertThatThrownBy(() -> Opened.store(url))
                    .isInstanceOfSatisfying(
                            Stores.RefusedException.class,
                            e -> assertThat(e.exitCode()).as(e.getMessage()).isEqualTo(4))
                    .hasMessageContaining("belongs to another service (test)");
            Files.delete(url.owner());
            assertThatThrownBy(() -> Opened.store(url))
                    .isInstanceOfSatisfying(
                            Stores.RefusedException.class,
                            e -> assertThat(e.exitCode()).as(e.getMessage()).isEqualTo(4))
                    .hasMessageContaining("has it open");
        } finally {
            other.destroyForcibly();
            other.waitFor();
        }
    }

    @Test
    void aStoreOfANewerVersionIsRefusedAndNotTouched(@TempDir Path folder) throws Exception {
        StoreUrl.H2File url = Opened.h2(folder);
        Opened.store(url).close();
        try (var connection = DriverManager.getConnection("jdbc:h2:file:" + url.file(), "scepsy", "");
                var statement = connection.createStatement()) {
            statement.execute("update \"scepsy_schema\" set \"version\" = '7' where \"version\" = '2'");
        }
        byte[] before = Files.readAllBytes(url.database());
        assertThatThrownBy(() -> Opened.store(url))
                .isInstanceOfSatisfying(
                        Stores.RefusedException.class,
                        e -> assertThat(e.exitCode()).as(e.getMessage()).isEqualTo(2))
                .hasMessageContaining("schema version 7")
                .hasMessageContaining("knows version 2");
        assertThat(Files.readAllBytes(url.database())).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"garbage", "overwritten", "torn"})
    void aDamagedFileIsRefusedByNameAndLeftAlone(String how, @TempDir Path folder) throws Exception {
        StoreUrl.H2File url = Opened.h2(folder);
        Opened.store(url).close();
        byte[] bytes = Files.readAllBytes(url.database());
        byte[] damaged = switch (how) {
            case "garbage" ->
                "this is no database\n".repeat(1_000).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            case "overwritten" -> {
                java.util.Arrays.fill(bytes, 8_192, bytes.length, (byte) 'x');
                yield bytes;
            }
            default -> java.util.Arrays.copyOf(bytes, 9_000);
        };
        Files.write(url.database(), damaged);
        assertThatThrownBy(() -> Opened.store(url))
                .isInstanceOfSatisfying(
                        Stores.RefusedException.class,
                        e -> assertThat(e.exitCode()).as(e.getMessage()).isEqualTo(2))
                .hasMessageContaining(url.database().toString())
                .hasMessageContaining("Restore it, or move it away");
        assertThat(Files.readAllBytes(url.database())).isEqualTo(damaged);
        Files.move(url.database(), folder.resolve("away"));
        Opened.store(url).close();
    }

    @Test
    void anotherPasswordIsRefusedWithoutSayingEither(@TempDir Path folder) throws Exception {
        StoreUrl url = Opened.h2(folder);
        open(url, "ann", "correct-horse").close();
        assertThatThrownBy(() -> open(url, "ann", "battery-staple"))
                .isInstanceOfSatisfying(
                        Stores.RefusedException.class,
                        e -> assertThat(e.exitCode()).as(e.getMessage()).isEqualTo(2))
                .hasMessageContaining("SCEPSY_STORE_PASSWORD")
                .hasMessageNotContainingAny("correct-horse", "battery-staple");
        assertThat(Opened.logged()).doesNotContain("correct-horse", "battery-staple");
    }

    @ParameterizedTest
    @ValueSource(strings = {"No space left on device", "Input/output error"})
    void aDiskThatFailsIsToldAndTheStoreGoesOnByItselfAfterwards(String failure, @TempDir Path folder)
            throws Exception {
        FaultyFiles.register();
        StoreUrl.H2File url = new StoreUrl.H2File(folder.resolve("scepsy"), "faulty");
        try (JdbcStore store = Opened.store(url)) {
            store.journal().write(new Change().note("n", "1").event(Entries.T0, "step", 1));
            FaultyFiles.FAILURE.set(failure);
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> store.journal()
                                .write(new Change().note("n", "2").event(Entries.T0, "step", 2)))
                        .isInstanceOf(StoreException.class)
                        .hasMessageContaining(url.database().toString())
                        .hasMessageContaining(failure.startsWith("No space") ? "Free space" : "See to the disk");
            }
            assertThat(store.trouble()).isPresent();
            FaultyFiles.FAILURE.set("");
            Opened.until("usable again", () -> store.trouble().isEmpty());
            assertThat(store.journal().note("n")).contains("1");
            assertThat(store.journal().eventsAfter(0)).hasSize(1);
            store.journal().write(new Change().note("n", "3").event(Entries.T0, "step", 3));
        } finally {
            FaultyFiles.FAILURE.set("");
        }
        try (JdbcStore store = Opened.store(url)) {
            assertThat(store.journal().note("n")).contains("3");
            assertThat(store.journal().eventsAfter(0)).hasSize(2);
        }
    }

    @Test
    void aThreadThatIsInterruptedDoesNotCloseTheFile(@TempDir Path folder) throws Exception {
        try (JdbcStore store = Opened.store(Opened.h2(folder))) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> store.journal().write(new Change().note("n", "1")))
                    .isInstanceOf(StoreException.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(store.trouble()).isEmpty();
            store.journal().write(new Change().note("n", "2"));
            assertThat(store.journal().note("n")).contains("2");
        }
    }

    private static JdbcStore open(StoreUrl url, String user, String password) throws Stores.RefusedException {
        return Stores.open(
                url,
                new Stores.Credentials(Optional.of(user), Optional.of(password)),
                "test",
                ServiceTime.WALL,
                Opened.LOG,
                Opened.LEASE);
    }
}
