package dev.scepsy.planner.serve.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.ServiceEvent;
import dev.scepsy.planner.serve.journal.StatisticsStore;
import dev.scepsy.planner.serve.journal.StoreException;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Several services on one real PostgreSQL. */
class LeadershipTest {

    private static final Duration SHORT = Duration.ofMillis(600);

    @Test
    void oneLeadsTheOtherFollowsAndTakesOverAtOnceWhenTheFirstGivesBack() throws Exception {
        StoreUrl url = RunningPostgres.orNotRun().database();
        JdbcStore first = store(url, "first", SHORT);
        try (JdbcStore second = store(url, "second", SHORT)) {
            assertThat(first.leads()).isTrue();
            assertThat(first.leader()).isEmpty();
            assertThat(second.leads()).isFalse();
            assertThat(second.leader()).contains("first");
            assertThat(second.trouble()).isEmpty();
            first.journal().write(new Change().note("n", "1"));
            assertThat(second.journal().note("n")).contains("1");
            assertThatThrownBy(() -> second.journal().write(new Change().note("n", "2")))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.isStandby()).isTrue())
                    .hasMessageContaining("first");
            assertThatThrownBy(() -> second.statistics()
                            .save(new StatisticsStore.Batch(
                                    List.of(), List.of(), List.of(new StatisticsStore.Settled("e", Entries.T0)))))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.isStandby()).isTrue());
            first.close();
            Opened.until("the second leads", second::leads);
            second.journal().write(new Change().note("n", "2"));
            assertThat(second.journal().note("n")).contains("2");
            assertThatThrownBy(() -> first.journal().write(new Change().note("n", "3")))
                    .isInstanceOf(StoreException.class);
        }
    }

    /** The network stops in the middle of the old leader's life, the new one leads, and then everything that waited arrives. */
    @Test
    void aLeaderThatWasAwayTooLongWritesNothingMoreHoweverLateItsWritesArrive() throws Exception {
        RunningPostgres postgres = RunningPostgres.orNotRun();
        StoreUrl.Postgres url = postgres.database();
        try (Proxy network = new Proxy(postgres.port());
                JdbcStore old = store(RunningPostgres.through(network, url), "old", SHORT);
                JdbcStore next = store(url, "next", SHORT)) {
            old.journal().write(new Change().note("n", "old").event(Entries.T0, "step", 1));
            network.stop();
            List<Throwable> refused = new ArrayList<>();
            Thread late = new Thread(() -> {
                try {
                    old.journal().write(new Change().note("n", "too late").event(Entries.T0, "step", "late"));
                } catch (StoreException e) {
                    refused.add(e);
                }
            });
            late.start();
            Opened.until("the next one leads", next::leads);
            assertThat(old.leads()).isFalse();
            next.journal().write(new Change().note("n", "next").event(Entries.T0, "step", 2));
            network.restore();
            late.join();
            assertThat(refused).hasSize(1);
            Opened.until("the old one follows", () -> old.leader().equals(java.util.Optional.of("next")));
            assertThatThrownBy(() -> old.journal().write(new Change().note("n", "old again")))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.isStandby()).isTrue());
            assertThat(next.leads()).isTrue();
            assertThat(next.journal().note("n")).contains("next");
            assertThat(next.journal().eventsAfter(0))
                    .extracting(ServiceEvent::id)
                    .containsExactly(1L, 2L);
        }
    }

    /** As after a long pause of the process: it still believes that it leads, by whatever clock. */
    @Test
    void aLeaderThatDoesNotKnowThatItsTermIsOverIsRefusedByTheDatabase() throws Exception {
        RunningPostgres postgres = RunningPostgres.orNotRun();
        StoreUrl.Postgres url = postgres.database();
        try (JdbcStore paused = store(url, "paused", Duration.ofHours(1))) {
            assertThat(paused.leads()).isTrue();
            postgres.in(RunningPostgres.name(url), "update scepsy_leader set expires = now() - interval '1 second'");
            try (JdbcStore next = store(url, "next", Duration.ofHours(1))) {
                assertThat(next.leads()).isTrue();
                assertThat(paused.leads()).isTrue();
                assertThatThrownBy(() -> paused.journal().write(new Change().note("n", "old")))
                        .isInstanceOfSatisfying(
                                StoreException.class,
                                e -> assertThat(e.isStandby()).isTrue())
                        .hasMessageContaining("next");
                next.journal().write(new Change().note("n", "next"));
                assertThat(paused.journal().note("n")).contains("next");
            }
        }
    }

    /** None is lost, no id is given twice, whoever leads; and each hears of all between its own, in order. */
    @Test
    void manyWritersThatTakeTurnsNeverWriteOverEachOther() throws Exception {
        RunningPostgres postgres = RunningPostgres.orNotRun();
        StoreUrl.Postgres url = postgres.database();
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        AtomicInteger acknowledged = new AtomicInteger();
        List<List<Long>> heard = new ArrayList<>();
        List<JdbcStore> stores = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                JdbcStore store = store(url, "service-" + i, SHORT);
                stores.add(store);
                List<Long> own = java.util.Collections.synchronizedList(new ArrayList<>());
                heard.add(own);
                store.journal().listen(event -> own.add(event.id()));
                Thread thread = new Thread(() -> {
                    while (!stop.get()) {
                        try {
                            store.journal().write(new Change().event(Entries.T0, "step", 1));
                            acknowledged.incrementAndGet();
                        } catch (StoreException e) {
                            Thread.onSpinWait();
                        }
                        java.util.concurrent.locks.LockSupport.parkNanos(2_000_000);
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (int turn = 0; turn < 4; turn++) {
                int before = acknowledged.get();
                // Whoever leads loses the row.
                postgres.in(
                        RunningPostgres.name(url),
                        "update scepsy_leader set expires = now() - interval '1 second', term = term + 1");
                Opened.until("somebody writes", () -> acknowledged.get() > before + 5);
            }
            stop.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
            List<Long> found = stores.get(0).journal().eventsAfter(0).stream()
                    .map(ServiceEvent::id)
                    .toList();
            assertThat(found).hasSize(acknowledged.get());
            assertThat(heard).allSatisfy(ids -> assertThat(ids).isSorted().doesNotHaveDuplicates());
            assertThat(heard.stream().flatMap(List::stream).distinct().sorted().toList())
                    .isEqualTo(found);
            assertThat(found.get(found.size() - 1)).isEqualTo(found.size());
        } finally {
            stop.set(true);
            stores.forEach(JdbcStore::close);
        }
    }

    @Test
    void twoThatStartAtOnceOnAnEmptyDatabaseMakeTheTablesOnceAndOneLeads() throws Exception {
        StoreUrl url = RunningPostgres.orNotRun().database();
        List<JdbcStore> stores = java.util.Collections.synchronizedList(new ArrayList<>());
        List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            String name = "service-" + i;
            Thread thread = new Thread(() -> {
                try {
                    stores.add(store(url, name, SHORT));
                } catch (Stores.RefusedException | RuntimeException e) {
                    failures.add(e);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        try {
            assertThat(failures).isEmpty();
            assertThat(stores.stream().filter(JdbcStore::leads)).hasSize(1);
        } finally {
            stores.forEach(JdbcStore::close);
        }
    }

    private static JdbcStore store(StoreUrl url, String holder, Duration lease) throws Stores.RefusedException {
        return Opened.store(url, holder, lease, ServiceTime.WALL);
    }
}
