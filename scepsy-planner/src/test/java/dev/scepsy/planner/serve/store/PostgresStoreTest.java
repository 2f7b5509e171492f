package dev.scepsy.planner.serve.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.StoreException;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is PostgreSQL's own: a network, a server that restarts, rights. */
class PostgresStoreTest {

    @Test
    void aServerThatIsRestartedIsToldAndTheServiceLeadsOnAfterwards() throws Exception {
        RunningPostgres postgres = RunningPostgres.orNotRun();
        try (JdbcStore store = Opened.store(postgres.database())) {
            store.journal().write(new Change().note("n", "1"));
            postgres.stop();
            assertThatThrownBy(() -> store.journal().write(new Change().note("n", "2")))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.isStandby()).isFalse())
                    .hasMessageContaining("cannot be reached");
            assertThatThrownBy(() -> store.journal().note("n")).isInstanceOf(StoreException.class);
            assertThat(store.trouble())
                    .hasValueSatisfying(text -> assertThat(text)
                            .contains("jdbc:postgresql://127.0.0.1")
                            .contains("goes on by itself"));
            Opened.until("it does not say any more that it leads", () -> !store.leads());
            postgres.startAgain();
            Opened.until(
                    "it leads again", () -> store.leads() && store.trouble().isEmpty());
            assertThat(store.journal().note("n")).contains("1");
            store.journal().write(new Change().note("n", "3"));
            assertThat(store.journal().note("n")).contains("3");
        }
    }

    @Test
    void aNetworkThatSaysNothingIsNotWaitedForLong() throws Exception {
        RunningPostgres postgres = RunningPostgres.orNotRun();
        StoreUrl.Postgres url = postgres.database();
        try (Proxy network = new Proxy(postgres.port());
                JdbcStore store = Opened.store(RunningPostgres.through(network, url))) {
            store.journal().write(new Change().note("n", "1"));
            network.stop();
            assertThatThrownBy(() -> store.journal().note("n")).isInstanceOf(StoreException.class);
            assertThat(store.trouble()).isPresent();
            network.restore();
            Opened.until(
                    "it leads again", () -> store.leads() && store.trouble().isEmpty());
            network.cut();
            assertThatThrownBy(() -> store.journal().write(new Change().note("n", "2")))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("cannot be reached");
            network.restore();
            Opened.until(
                    "it leads again", () -> store.leads() && store.trouble().isEmpty());
            assertThat(store.journal().note("n")).contains("1");
        }
    }

    @Test
    void commitsAreOnTheServersDiskWhateverItsDefault() throws Exception {
        RunningPostgres postgres = RunningPostgres.orNotRun();
        StoreUrl.Postgres url = postgres.database();
        postgres.execute("alter database " + RunningPostgres.name(url) + " set synchronous_commit = off");
        Database database = new Database(url, Sources.of(url, Opened.credentials(url)), Opened.LOG);
        try {
            assertThat(database.<String>read(handle -> handle.select("select current_setting('synchronous_commit')")
                            .mapTo(String.class)
                            .one()))
                    .isEqualTo("on");
        } finally {
            database.close();
        }
    }

    @Test
    void aFullDiskIsToldAsOne() {
        assertThat(Failures.sentence(
                        RunningPostgres.at(5432, "scepsy"),
                        new java.sql.SQLException("could not extend file: No space left on device", "53100")))
                .isEqualTo("The store jdbc:postgresql://127.0.0.1:5432/scepsy cannot be written: the disk is full. Free"
                        + " space there. The service goes on by itself as soon as it can.");
    }

    @Test
    void aWrongPasswordMissingRightsAMissingDatabaseAndANewerVersionAreRefusedInASentence() throws Exception {
        RunningPostgres postgres = RunningPostgres.orNotRun();
        StoreUrl.Postgres url = postgres.database();
        refused(2, "nobody-of-this-name", url, "refuses the service's user or password");
        postgres.execute("create role guest" + postgres.port() + " login");
        refused(2, "guest" + postgres.port(), url, "Grant its user the rights");
        refused(2, "postgres", RunningPostgres.at(postgres.port(), "not_there"), "is not there");
        refused(4, "postgres", RunningPostgres.at(1, "scepsy"), "cannot be reached");
        Opened.store(url).close();
        postgres.in(RunningPostgres.name(url), "update scepsy_schema set version = '7' where version = '2'");
        refused(2, "postgres", url, "schema version 7");
        postgres.in(RunningPostgres.name(url), "select 1 / (count(*) - 1) from scepsy_schema where version = '2'");
    }

    @Test
    void othersTablesInTheSameDatabaseAreNoObstacle() throws Exception {
        RunningPostgres postgres = RunningPostgres.orNotRun();
        StoreUrl.Postgres url = postgres.database();
        postgres.in(RunningPostgres.name(url), "create table somebody_elses (id int)");
        try (JdbcStore store = Opened.store(url)) {
            store.journal().write(new Change().note("n", "1"));
        }
    }

    private static void refused(int exitCode, String user, StoreUrl url, String says) {
        assertThatThrownBy(() -> Stores.open(
                        url,
                        new Stores.Credentials(Optional.of(user), Optional.of("secret-horse")),
                        "test",
                        ServiceTime.WALL,
                        Opened.LOG,
                        Duration.ofSeconds(2)))
                .isInstanceOfSatisfying(
                        Stores.RefusedException.class,
                        e -> assertThat(e.exitCode()).as(e.getMessage()).isEqualTo(exitCode))
                .hasMessageContaining(says)
                .hasMessageNotContaining("secret-horse")
                .message()
                .startsWith("store: ")
                .doesNotContain("goes on by itself");
    }
}
