package dev.scepsy.planner.serve.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.planner.serve.engines.EngineLoads.EngineWork;
import dev.scepsy.planner.serve.journal.ServiceEvent;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.loop.Operations.EngineView;
import dev.scepsy.planner.serve.loop.Operations.UnknownException;
import dev.scepsy.planner.serve.settings.Actor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Engines a, b and c of one model, a sample every ten seconds, of which one becomes slow or busy. */
class SlowEnginesTest {

    private static final double TOKEN_SECONDS = 0.02;

    private final MemoryStore store = new MemoryStore();
    private final FakeLoads loads = new FakeLoads();
    private final Random random = new Random(5);
    private final Map<String, Double> times = new HashMap<>();
    private final Map<String, Double> busier = new HashMap<>();
    private final List<String> names = new ArrayList<>(List.of("a", "b", "c"));
    private final List<String> said = new ArrayList<>();
    private Instant now = Examples.BEGIN;
    private final Suspects suspects = new Suspects(store, () -> now);
    private final SlowEngines slow = new SlowEngines(loads, suspects, () -> now, said::add);
    private List<EngineView> engines = views("a", "b", "c");

    private List<EngineView> views(String... pods) {
        List<EngineView> views = new ArrayList<>();
        for (String pod : pods) {
            views.add(new EngineView(
                    "chat",
                    views.size(),
                    "node-" + pod,
                    List.of(0),
                    1,
                    1,
                    80,
                    true,
                    true,
                    List.of(),
                    null,
                    "pod-" + pod));
        }
        return views;
    }

    private double seconds(String name) {
        return TOKEN_SECONDS * times.getOrDefault(name, 1.0);
    }

    /** What engines do now is what they did in any time that is asked for, but an engine without siblings, which was fast before it was slow. */
    private EngineWork work(String name, Instant from, Instant to) {
        double length = Duration.between(from, to).toSeconds();
        double requests = 0.5 * length * busier.getOrDefault(name, 1.0);
        return new EngineWork(
                "chat",
                "Pod " + name,
                "pod-" + name,
                length,
                requests,
                requests * 100 * seconds(name),
                requests * 100,
                requests * 300);
    }

    private List<Trigger> rounds(int count) {
        List<Trigger> found = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            now = now.plusSeconds(10);
            loads.speeds = Map.of(
                    "chat",
                    names.stream()
                            .collect(Collectors.toMap(
                                    name -> "Pod " + name,
                                    name -> seconds(name) * Math.exp(0.1 * random.nextGaussian()))));
            loads.works = (from, to) -> Duration.between(from, to).toSeconds() < 60
                    ? List.of()
                    : names.stream().map(name -> work(name, from, to)).toList();
            found.addAll(slow.look(engines));
        }
        return found;
    }

    private List<String> events() {
        return store.eventsAfter(0).stream().map(ServiceEvent::toString).toList();
    }

    @Test
    void anEngineThatBecomesSlowIsFoundItsGpusAreSuspectAndItIsToldOnce() {
        assertThat(rounds(100)).isEmpty();
        times.put("b", 3.0);
        List<Trigger> found = rounds(100);
        assertThat(found).singleElement().satisfies(trigger -> {
            assertThat(trigger.kind()).isEqualTo("cluster");
            assertThat(trigger.model()).isEqualTo("chat");
            assertThat(trigger.subject()).isEqualTo("Pod b");
            assertThat(trigger.sentence())
                    .startsWith("Engine Pod b of chat on GPU 0 of node-b takes 3 times as long for a token as it should"
                            + " (0.06 s, expected 0.02 s; ");
            assertThat(trigger.evidence().get("requests")).isGreaterThanOrEqualTo(20);
        });
        assertThat(suspects.now()).singleElement().satisfies(suspect -> {
            assertThat(suspect.node()).isEqualTo("node-b");
            assertThat(suspect.gpus()).containsExactly(0);
            assertThat(suspect.leftAt()).isNull();
        });
        assertThat(events()).anyMatch(event -> event.contains("GPUs are suspect: Engine Pod b"));
        assertThat(new Suspects(store, () -> now).now()).as("after a restart").hasSize(1);

        suspects.planned(found, "The best move brings 1 %.");
        assertThat(suspects.notes())
                .singleElement()
                .asString()
                .contains("Nothing is proposed for it: The best move brings 1 %.");

        times.clear();
        rounds(200);
        assertThat(suspects.now()).as("it is fast again").isEmpty();
        assertThat(events())
                .anyMatch(event -> event.contains("Plans may use GPU 0 of node-b again: engine Pod b takes 0.02 s"));
    }

    @Test
    void anEngineThatIsSlowBecauseItIsGivenMoreIsNotBlamedAndThatIsSaid() {
        rounds(100);
        times.put("b", 2.0);
        busier.put("b", 1.8);
        assertThat(rounds(250)).isEmpty();
        assertThat(suspects.now()).isEmpty();
        assertThat(said)
                .singleElement()
                .asString()
                .contains("Pod b")
                .contains("what it has to do explains it: its GPUs are not left out of plans");
    }

    @Test
    void anEngineWithoutSiblingsIsComparedWithItselfBefore() {
        names.retainAll(List.of("a"));
        engines = views("a");
        rounds(100);
        Instant changed = now;
        times.put("a", 3.0);
        List<Trigger> found = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            found.addAll(rounds(1));
            loads.works = (from, to) -> {
                boolean before = !to.isAfter(changed.plusSeconds(60));
                EngineWork now = work("a", from, to);
                return List.of(
                        before
                                ? new EngineWork(
                                        now.model(),
                                        now.engine(),
                                        now.pod(),
                                        now.seconds(),
                                        now.requests(),
                                        now.decodeSeconds() / 3,
                                        now.decodedTokens(),
                                        now.promptTokens())
                                : now);
            };
            found.addAll(slow.look(engines));
        }
        assertThat(found)
                .singleElement()
                .satisfies(
                        trigger -> assertThat(trigger.evidence().get("factor")).isBetween(2.9, 3.1));
    }

    @Test
    void emptyGpusAreTriedAgainAfterADayAndAtOnceWhereAPersonSaysSo() throws Exception {
        rounds(100);
        times.put("b", 3.0);
        rounds(100);
        assertThat(suspects.now()).hasSize(1);
        engines = views("a", "c");
        names.remove("b");
        rounds(1);
        Instant left = suspects.now().get(0).leftAt();
        assertThat(left).isEqualTo(now);
        now = now.plus(Duration.ofHours(23));
        suspects.look(engines);
        assertThat(suspects.now()).hasSize(1);
        now = now.plus(Duration.ofHours(1));
        suspects.look(engines);
        assertThat(suspects.now()).isEmpty();
        assertThat(events()).anyMatch(event -> event.contains("it has rested for 24 h"));

        engines = views("a", "b", "c");
        names.add("b");
        slow.planned();
        rounds(100);
        assertThat(suspects.now()).as("slow from the start").hasSize(1);
        assertThatThrownBy(() -> suspects.trust(Actor.LOCAL, "node-a", null)).isInstanceOf(UnknownException.class);
        suspects.trust(Actor.LOCAL, "node-b", "the card was replaced");
        assertThat(suspects.now()).isEmpty();
        assertThat(events()).anyMatch(event -> event.contains("the card was replaced"));
    }

    @Test
    void enginesThatAreAlikeAreNeverBlamed() {
        int suspected = 0;
        for (int day = 0; day < 20; day++) {
            suspected += rounds(1_000).size();
        }
        assertThat(suspected).isZero();
        assertThat(suspects.now()).isEmpty();
    }
}
