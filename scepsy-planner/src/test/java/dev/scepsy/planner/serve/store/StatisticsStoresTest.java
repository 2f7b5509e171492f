package dev.scepsy.planner.serve.store;

import static dev.scepsy.planner.serve.store.Entries.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.planner.serve.journal.StatisticsStore;
import dev.scepsy.planner.serve.journal.StatisticsStore.Batch;
import dev.scepsy.planner.serve.journal.StatisticsStore.Bucket;
import dev.scepsy.planner.serve.journal.StatisticsStore.Kept;
import dev.scepsy.planner.serve.journal.StatisticsStore.Settled;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Statistics on H2 and on a real PostgreSQL. */
class StatisticsStoresTest {

    private static final String ODD = "nul \u0000 half \ud83d long " + "x".repeat(5_000);

    @ParameterizedTest
    @EnumSource(JournalsTest.Kind.class)
    void valuesReplaceThoseOfTheSameKeyHoweverOddTheNames(JournalsTest.Kind kind, @TempDir Path folder)
            throws Exception {
        StoreUrl url = kind.url(folder);
        try (JdbcStore store = Opened.store(url)) {
            StatisticsStore statistics = store.statistics();
            statistics.save(new Batch(
                    List.of(bucket("rag", "", 0, "old"), bucket("rag", "a", 0, "a"), bucket(ODD, ODD, 1, "odd")),
                    List.of(),
                    List.of(new Settled("e-1", T0), new Settled(ODD, T0))));
            statistics.save(new Batch(
                    List.of(bucket("rag", "", 0, "first"), bucket("rag", "", 0, "new"), bucket("rag", "", 2, "later")),
                    List.of(),
                    List.of(new Settled("e-1", T0.plusSeconds(1)))));
            statistics.save(new Batch(List.of(), List.of(), List.of(new Settled("e-1", T0.plusSeconds(1)))));
            statistics.save(new Batch(List.of(), List.of(), List.of()));
        }
        try (JdbcStore store = Opened.store(url)) {
            StatisticsStore.Recovered all = store.statistics().load(Instant.MIN);
            assertThat(all.buckets().stream().map(StatisticsStoresTest::shown))
                    .containsExactlyInAnyOrder("rag//0/new", "rag/a/0/a", ODD + "/" + ODD + "/1/odd", "rag//2/later");
            assertThat(all.settled())
                    .containsExactlyInAnyOrder(
                            new Settled("e-1", T0), new Settled("e-1", T0.plusSeconds(1)), new Settled(ODD, T0));
            StatisticsStore.Recovered late = store.statistics().load(minute(1));
            assertThat(late.buckets()).hasSize(2);
            assertThat(late.settled()).isEmpty();
            assertThatThrownBy(() -> store.statistics()
                            .save(new Batch(
                                    List.of(bucket("rag", "", 9, "x"), new Bucket("rag", "", T0, "", new byte[0])),
                                    List.of(),
                                    List.of())))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(JournalsTest.Kind.class)
    void keptExecutionsArePagedNewestFirstAndForgottenBeyondTheirNumber(JournalsTest.Kind kind, @TempDir Path folder)
            throws Exception {
        StoreUrl url = kind.url(folder);
        try (JdbcStore store = Opened.store(url)) {
            StatisticsStore statistics = store.statistics();
            List<Kept> kept = new ArrayList<>();
            for (int i = 0; i < 25; i++) {
                // Three at each time: ids decide.
                kept.add(kept(String.format("t%02d", i), "rag", i / 3));
            }
            kept.add(kept("other", "chat", 100));
            statistics.save(new Batch(
                    List.of(bucket("rag", "", 0, "x"), bucket("rag", "", 5, "y")),
                    kept,
                    List.of(new Settled("old", minute(0)), new Settled("new", minute(5)))));
            List<String> paged = new ArrayList<>();
            Optional<String> before = Optional.empty();
            for (List<Kept> page = statistics.executions("rag", "", 4, before);
                    !page.isEmpty();
                    page = statistics.executions("rag", "", 4, before)) {
                page.forEach(one -> paged.add(one.id()));
                before = Optional.of(page.get(page.size() - 1).id());
            }
            assertThat(paged)
                    .containsExactlyElementsOf(kept.subList(0, 25).stream()
                            .map(Kept::id)
                            .sorted(java.util.Comparator.reverseOrder())
                            .toList());
            assertThat(statistics.execution("t07")).contains(kept.get(7));
            assertThat(statistics.execution("none")).isEmpty();
            assertThat(statistics.executions("rag", "", 4, Optional.of("none"))).isEmpty();
            assertThat(statistics.executions("rag", "other", 4, Optional.empty()))
                    .isEmpty();

            statistics.retain(minute(1), 10);
            assertThat(statistics.executions("rag", "", 100, Optional.empty()))
                    .extracting(Kept::id)
                    .containsExactlyElementsOf(paged.subList(0, 10));
            assertThat(statistics.execution("other")).isPresent();
            StatisticsStore.Recovered rest = statistics.load(Instant.MIN);
            assertThat(rest.buckets()).hasSize(1);
            assertThat(rest.settled()).extracting(Settled::id).containsExactly("new");

            // as many again: none has to wait for the next round of forgetting
            List<Kept> newer = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                newer.add(kept(String.format("u%02d", i), "rag", 20 + i));
            }
            statistics.save(new Batch(List.of(), newer, List.of()));
            assertThat(statistics.executions("rag", "", 100, Optional.empty()))
                    .extracting(Kept::id)
                    .hasSize(10)
                    .startsWith("u29")
                    .endsWith("u20");

            statistics.save(new Batch(List.of(), List.of(kept("t99", "rag", 50)), List.of()));
            statistics.retain(minute(1), 10);
            assertThat(statistics.executions("rag", "", 100, Optional.empty()))
                    .hasSize(10)
                    .first()
                    .isEqualTo(kept("t99", "rag", 50));
        }
    }

    /** More than a page of each, with values beyond what lies in a row. */
    @ParameterizedTest
    @EnumSource(JournalsTest.Kind.class)
    void manyBucketsAreLoadedWhole(JournalsTest.Kind kind, @TempDir Path folder) throws Exception {
        try (JdbcStore store = Opened.store(kind.url(folder))) {
            List<Bucket> buckets = new ArrayList<>();
            List<Settled> settled = new ArrayList<>();
            for (int i = 0; i < 1_200; i++) {
                byte[] value = new byte[i % 400 == 0 ? 2_000_000 : 300];
                java.util.Arrays.fill(value, (byte) i);
                buckets.add(new Bucket("w" + i % 40, "", minute(i / 40), "statistics", value));
            }
            for (int i = 0; i < 4_100; i++) {
                settled.add(new Settled("e-" + i, T0.plusNanos(i / 2)));
            }
            store.statistics().save(new Batch(buckets, List.of(), settled));
            StatisticsStore.Recovered all = store.statistics().load(Instant.MIN);
            assertThat(all.settled()).containsExactlyInAnyOrderElementsOf(settled);
            assertThat(all.buckets()).hasSize(1_200).allSatisfy(found -> {
                int i = (int) Duration.between(T0, found.minute()).toMinutes() * 40
                        + Integer.parseInt(found.workflow().substring(1));
                assertThat(found.value()).isEqualTo(buckets.get(i).value());
            });
        }
    }

    private static Bucket bucket(String workflow, String service, int minute, String value) {
        return new Bucket(workflow, service, minute(minute), "statistics", value.getBytes(StandardCharsets.UTF_8));
    }

    private static Kept kept(String id, String workflow, int second) {
        return new Kept(id, workflow, "", T0.plusSeconds(second), "{\"id\":\"" + id + "\"}");
    }

    private static Instant minute(int minute) {
        return T0.plus(Duration.ofMinutes(minute));
    }

    private static String shown(Bucket bucket) {
        return bucket.workflow() + "/" + bucket.service() + "/"
                + Duration.between(T0, bucket.minute()).toMinutes() + "/"
                + new String(bucket.value(), StandardCharsets.UTF_8);
    }
}
