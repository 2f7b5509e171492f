package dev.scepsy.planner.serve.store;

import static dev.scepsy.planner.serve.store.Entries.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Freeze;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.Pin;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.journal.ServiceEvent;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The journal on H2 and on a real PostgreSQL. */
class JournalsTest {

    /** Names that somebody may have given: NUL, half a surrogate pair, what SQL means something by, long ones. */
    private static final List<String> TEXTS = List.of(
            "plain",
            "",
            "nul \u0000 in it",
            "half \ud83d",
            "whole \ud83d\ude00",
            "back\\slash \\u0000",
            "'; drop table scepsy_pin; --",
            "? :name ${key}",
            "long ".repeat(2_000));

    private static final long SEED = Long.getLong("scepsy.seed", 15);

    enum Kind {
        H2,
        POSTGRES;

        StoreUrl url(Path folder) {
            return this == H2 ? Opened.h2(folder) : RunningPostgres.orNotRun().database();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatWasWrittenIsReadAgainAlsoAfterOpeningItAgain(Kind kind, @TempDir Path folder) throws Exception {
        StoreUrl url = kind.url(folder);
        Proposal open = Entries.proposal("p-2", ProposalState.OPEN, "text");
        Proposal rejected = Entries.proposal("p-1", ProposalState.REJECTED, "text");
        PlanEntry plan = Entries.plan("a-1", ProposalState.KEPT, "text");
        try (JdbcStore store = Opened.store(url)) {
            assertThat(store.leads()).isTrue();
            assertThat(store.leader()).isEmpty();
            assertThat(store.trouble()).isEmpty();
            store.journal()
                    .write(new Change()
                            .proposal(rejected)
                            .proposal(open)
                            .plan(plan)
                            .pin(Entries.pin("critic", "why"))
                            .freeze(Entries.freeze("why"))
                            .event(T0, "proposal", Map.of("id", "p-2"))
                            .answer(new Journal.Answered("key", "POST /x", 200, "{}"), Instant.now())
                            .note("drift", "7"));
        }
        try (JdbcStore store = Opened.store(url)) {
            Journal journal = store.journal();
            assertThat(journal.proposal("p-2")).contains(open);
            assertThat(journal.proposal("p-3")).isEmpty();
            assertThat(journal.proposals(10)).containsExactly(open, rejected);
            assertThat(journal.proposals(1)).containsExactly(open);
            assertThat(journal.liveProposals()).containsExactly(open);
            assertThat(journal.plan("a-1")).contains(plan);
            assertThat(journal.plans(10)).containsExactly(plan);
            assertThat(journal.pins()).containsExactly(Entries.pin("critic", "why"));
            assertThat(journal.freeze()).contains(Entries.freeze("why"));
            assertThat(journal.eventsAfter(0))
                    .containsExactly(new ServiceEvent(1, T0, "proposal", Documents.parse("{\"id\":\"p-2\"}")));
            assertThat(journal.answered("key")).contains(new Journal.Answered("key", "POST /x", 200, "{}"));
            assertThat(journal.note("drift")).contains("7");
            assertThat(journal.note("other")).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoWasStoppedWhileTheTablesWereMadeBeginsAgain(Kind kind, @TempDir Path folder) throws Exception {
        StoreUrl url = kind.url(folder);
        Opened.store(url).close();
        try (var connection = Sources.of(url, Opened.credentials(url)).patient().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("delete from \"scepsy_schema\"");
            statement.execute("drop table scepsy_settled");
        }
        try (JdbcStore store = Opened.store(url)) {
            assertThat(store.statistics().load(T0).settled()).isEmpty();
            store.journal().write(new Change().note("n", "1"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aChangeThatCannotBeWrittenLeavesNothingBehind(Kind kind, @TempDir Path folder) throws Exception {
        try (JdbcStore store = Opened.store(kind.url(folder))) {
            Journal journal = store.journal();
            List<ServiceEvent> heard = new ArrayList<>();
            journal.listen(heard::add);
            Change bad = new Change().note("a", "1").event(T0, "step", 1).event(T0, "x".repeat(200), 2);
            assertThatThrownBy(() -> journal.write(bad)).hasMessageContaining("short word");
            assertThat(journal.note("a")).isEmpty();
            assertThat(journal.eventsAfter(0)).isEmpty();
            assertThat(heard).isEmpty();
            assertThat(store.trouble()).isEmpty();
            journal.write(new Change().note("a", "2").event(T0, "step", 3));
            assertThat(heard).extracting(ServiceEvent::id).containsExactly(1L);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theLastThousandEventsAreToldAgainInOrderAndListenersHearThemOnce(Kind kind, @TempDir Path folder)
            throws Exception {
        try (JdbcStore store = Opened.store(kind.url(folder))) {
            Journal journal = store.journal();
            List<Long> heard = new ArrayList<>();
            AutoCloseable listening = journal.listen(event -> heard.add(event.id()));
            journal.listen(event -> {
                throw new IllegalStateException("a listener that fails harms nobody");
            });
            for (int i = 0; i < 13; i++) {
                Change change = new Change();
                for (int j = 0; j < 100; j++) {
                    change.event(T0, "step", Map.of("n", i));
                }
                journal.write(change);
            }
            listening.close();
            journal.write(new Change().event(T0, "step", "last"));
            assertThat(heard).hasSize(1_300).isSorted().startsWith(1L).endsWith(1_300L);
            assertThat(journal.eventsAfter(0))
                    .hasSize(1_000)
                    .extracting(ServiceEvent::id)
                    .isSorted()
                    .startsWith(302L)
                    .endsWith(1_301L);
            assertThat(journal.eventsAfter(1_299)).extracting(ServiceEvent::id).containsExactly(1_300L, 1_301L);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAnswerStandsForADayOfServiceTime(Kind kind, @TempDir Path folder) throws Exception {
        Instant[] now = {T0};
        ServiceTime time = new ServiceTime() {
            @Override
            public Instant instant() {
                return now[0];
            }

            @Override
            public Duration real(Duration serviceTime) {
                return serviceTime;
            }
        };
        try (JdbcStore store = Opened.store(kind.url(folder), "test", Opened.LEASE, time)) {
            Journal journal = store.journal();
            Journal.Answered answer = new Journal.Answered("k", "POST /a", 201, "body");
            journal.write(new Change().answer(answer, T0));
            now[0] = T0.plus(Duration.ofHours(24)).minusNanos(1);
            assertThat(journal.answered("k")).contains(answer);
            now[0] = T0.plus(Duration.ofHours(24));
            assertThat(journal.answered("k")).isEmpty();
            journal.write(new Change().note("tidied", "yes"));
            now[0] = T0;
            assertThat(journal.answered("k")).isEmpty();
        }
    }

    /** Against a model in memory, opened again now and then. */
    @ParameterizedTest
    @EnumSource
    void randomChangesLeaveWhatAModelInMemoryHas(Kind kind, @TempDir Path folder) throws Exception {
        StoreUrl url = kind.url(folder);
        Random random = new Random(SEED);
        Model model = new Model();
        JdbcStore store = Opened.store(url);
        try {
            int rounds = Boolean.getBoolean("scepsy.full") ? 2_000 : 60;
            for (int round = 0; round < rounds; round++) {
                Change change = new Change();
                int items = 1 + random.nextInt(6);
                for (int i = 0; i < items; i++) {
                    model.randomItem(random, change);
                }
                store.journal().write(change);
                if (round % 20 == 19) {
                    store.close();
                    store = Opened.store(url);
                    model.assertSame(store.journal());
                }
            }
            model.assertSame(store.journal());
        } finally {
            store.close();
        }
    }

    private static final class Model {
        final Map<String, Proposal> proposals = new TreeMap<>(Comparator.reverseOrder());
        final Map<String, PlanEntry> plans = new TreeMap<>(Comparator.reverseOrder());
        final Map<String, Pin> pins = new TreeMap<>();
        final Map<String, String> notes = new TreeMap<>();
        final Map<String, Journal.Answered> answers = new TreeMap<>();
        final List<ServiceEvent> events = new ArrayList<>();
        Optional<Freeze> freeze = Optional.empty();

        void randomItem(Random random, Change change) {
            String text = TEXTS.get(random.nextInt(TEXTS.size()));
            String id = "2026-" + (10 + random.nextInt(20));
            ProposalState state = ProposalState.values()[random.nextInt(ProposalState.values().length)];
            switch (random.nextInt(8)) {
                case 0 -> {
                    proposals.put(id, Entries.proposal(id, state, text));
                    change.proposal(Entries.proposal(id, state, text));
                }
                case 1 -> {
                    plans.put(id, Entries.plan(id, state, text));
                    change.plan(Entries.plan(id, state, text));
                }
                case 2 -> {
                    pins.put(text, Entries.pin(text, text));
                    change.pin(Entries.pin(text, text));
                }
                case 3 -> {
                    pins.remove(text);
                    change.removePin(text);
                }
                case 4 -> {
                    freeze = random.nextBoolean() ? Optional.of(Entries.freeze(text)) : Optional.empty();
                    change.freeze(freeze.orElse(null));
                }
                case 5 -> {
                    events.add(new ServiceEvent(events.size() + 1, T0, "step", Documents.tree(Map.of("text", text))));
                    change.event(T0, "step", Map.of("text", text));
                }
                case 6 -> {
                    Journal.Answered answer = new Journal.Answered(text, text, 200 + random.nextInt(300), text);
                    answers.put(text, answer);
                    change.answer(answer, Instant.now());
                }
                default -> {
                    notes.put(text, id + text);
                    change.note(text, id + text);
                }
            }
        }

        void assertSame(Journal journal) {
            assertThat(journal.proposals(Integer.MAX_VALUE)).containsExactlyElementsOf(proposals.values());
            assertThat(journal.liveProposals())
                    .containsExactlyElementsOf(proposals.values().stream()
                            .filter(proposal -> !proposal.state().ended())
                            .toList());
            assertThat(journal.plans(Integer.MAX_VALUE)).containsExactlyElementsOf(plans.values());
            assertThat(journal.pins()).containsExactlyElementsOf(pins.values());
            assertThat(journal.freeze()).isEqualTo(freeze);
            assertThat(journal.eventsAfter(0)).containsExactlyElementsOf(events);
            for (String text : TEXTS) {
                assertThat(journal.note(text)).isEqualTo(Optional.ofNullable(notes.get(text)));
                assertThat(journal.answered(text)).isEqualTo(Optional.ofNullable(answers.get(text)));
            }
        }
    }
}
