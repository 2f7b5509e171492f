package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.detect.Change;
import dev.scepsy.planner.detect.SlowEngineDetector;
import dev.scepsy.planner.detect.Slowness;
import dev.scepsy.planner.serve.engines.EngineLoads;
import dev.scepsy.planner.serve.engines.EngineLoads.EngineWork;
import dev.scepsy.planner.serve.journal.Suspect;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.loop.Operations.EngineView;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Engines that have become slow. What a {@link SlowEngineDetector} tells is asked of {@link Slowness}, with what engines did since: one to which no work
 * explains it makes its GPUs suspect, and is a change to plan for. What cannot be confirmed within {@link #PATIENCE} is said and dropped. For
 * one thread; its knowledge is of minutes, but for {@link Suspects}.
 */
final class SlowEngines {

    /** How long what was told may take to be confirmed. */
    static final Duration PATIENCE = Duration.ofMinutes(30);

    /** What engines did is looked at over so long a time at most. */
    private static final Duration WINDOW = Duration.ofMinutes(15);

    /** An engine without siblings is compared with itself over so long before. */
    private static final Duration BEFORE = Duration.ofMinutes(30);

    /** Below this factor a slow engine is fast again. */
    static final double FAST_AGAIN = 1.15;

    private record Told(Change.Cluster change, Instant at) {}

    private final EngineLoads loads;
    private final Suspects suspects;
    private final InstantSource clock;
    private final Consumer<String> say;
    private final Map<String, SlowEngineDetector> detectors = new TreeMap<>();
    private final Map<String, Told> told = new TreeMap<>();
    private Map<String, Map<String, Double>> fed = Map.of();

    /** @param say tells people, durably */
    SlowEngines(EngineLoads loads, Suspects suspects, InstantSource clock, Consumer<String> say) {
        this.loads = loads;
        this.suspects = suspects;
        this.clock = clock;
        this.say = say;
    }

    /** Another plan serves now. */
    void planned() {
        detectors.values().forEach(SlowEngineDetector::planned);
        told.clear();
    }

    /** What is new; {@code engines} that there are, of a plan that serves and is not being moved. */
    List<Trigger> look(List<EngineView> engines) {
        Instant now = clock.instant();
        suspects.look(engines);
        detect(now);
        recover(now, engines);
        return confirm(now, engines);
    }

    private void detect(Instant now) {
        Map<String, Map<String, Double>> speeds = loads.secondsPerToken();
        if (speeds.equals(fed)) {
            return; // no engine was asked since
        }
        fed = new HashMap<>(speeds);
        speeds.forEach((model, byEngine) -> {
            List<SlowEngineDetector.Sample> samples = byEngine.entrySet().stream()
                    .map(each -> new SlowEngineDetector.Sample(each.getKey(), each.getValue()))
                    .toList();
            detectors
                    .computeIfAbsent(model, SlowEngineDetector::new)
                    .take(nanos(now), samples, OptionalDouble.empty())
                    .forEach(change -> told.putIfAbsent(change.subject(), new Told(change, now)));
        });
    }

    private static long nanos(Instant at) {
        return at.getEpochSecond() * 1_000_000_000 + at.getNano();
    }

    private void recover(Instant now, List<EngineView> engines) {
        for (Suspect suspect : suspects.now()) {
            if (now.isBefore(suspect.since().plus(WINDOW))) {
                continue; // what is measured reaches back to before it was slow
            }
            List<EngineView> there = engines.stream()
                    .filter(engine -> engine.model().equals(suspect.model()) && Suspects.holds(suspect, engine))
                    .toList();
            List<EngineWork> works = loads.work(now.minus(WINDOW), now);
            for (EngineWork work : works) {
                if (place(work, there).isPresent()) {
                    List<Slowness.Work> siblings = siblings(works, work);
                    Optional<Slowness> beside = Slowness.compared(of(work), siblings);
                    double measured = of(work).secondsPerToken();
                    boolean fast = siblings.isEmpty()
                            ? work.requests() >= Slowness.LEAST_REQUESTS
                                    && measured <= FAST_AGAIN * suspect.expectedSecondsPerToken()
                            : beside.isPresent() && beside.get().factor() <= FAST_AGAIN;
                    if (fast) {
                        suspects.recovered(suspect, measured);
                    }
                }
            }
        }
    }

    private List<Trigger> confirm(Instant now, List<EngineView> engines) {
        List<Trigger> found = new ArrayList<>();
        for (Iterator<Told> open = told.values().iterator(); open.hasNext(); ) {
            Told each = open.next();
            Optional<Trigger> confirmed = confirmed(each.change(), now, engines);
            confirmed.ifPresent(found::add);
            boolean over = !now.isBefore(each.at().plus(PATIENCE));
            if (confirmed.isEmpty() && over) {
                say.accept(
                        each.change().sentence()
                                + " Since then too few requests ended there, or what it has to do explains it: its GPUs are not left out of plans.");
            }
            if (confirmed.isPresent() || over) {
                open.remove();
            }
        }
        return found;
    }

    private Optional<Trigger> confirmed(Change.Cluster change, Instant now, List<EngineView> engines) {
        Instant since = change.since();
        Instant from = since.isBefore(now.minus(WINDOW)) ? now.minus(WINDOW) : since;
        List<EngineWork> works = loads.work(from, now);
        Optional<EngineWork> engine = named(works, change.subject());
        if (engine.isEmpty()) {
            return Optional.empty();
        }
        List<Slowness.Work> siblings = siblings(works, engine.get());
        Optional<Slowness> slow = siblings.isEmpty()
                ? Slowness.of(
                        of(engine.get()),
                        named(loads.work(since.minus(BEFORE), since), change.subject()).stream()
                                .map(SlowEngines::of)
                                .toList(),
                        Slowness.SLOW_ALONE)
                : Slowness.of(of(engine.get()), siblings, Slowness.SLOW);
        return slow.map(blamed -> blame(change, engine.get(), blamed, engines));
    }

    private Trigger blame(Change.Cluster change, EngineWork engine, Slowness slow, List<EngineView> engines) {
        Optional<EngineView> place = place(engine, engines);
        Suspect suspect = new Suspect(
                place.map(EngineView::node).orElse(""),
                place.map(EngineView::gpus).orElse(List.of()),
                engine.model(),
                engine.engine(),
                slow.measuredSeconds(),
                slow.expectedSeconds(),
                slow.requests(),
                change.since(),
                null,
                null);
        if (place.isPresent()) {
            suspects.suspect(suspect);
        } else {
            say.accept(
                    "Where engine " + engine.engine()
                            + " runs is not known, and its GPUs cannot be left out of plans: it is none of the cluster's own engines.");
        }
        return new Trigger(
                change.kind(),
                null,
                engine.model(),
                clock.instant(),
                Suspects.sentence(suspect),
                Map.of(
                        "measuredSecondsPerToken",
                        slow.measuredSeconds(),
                        "expectedSecondsPerToken",
                        slow.expectedSeconds(),
                        "factor",
                        slow.factor(),
                        "requests",
                        slow.requests(),
                        Drifted.SINCE,
                        (double) change.since().getEpochSecond()),
                engine.engine());
    }

    /** The one of {@code engines} that did the work; empty where it is none of the cluster's. */
    private static Optional<EngineView> place(EngineWork work, List<EngineView> engines) {
        @Nullable String pod = work.pod();
        return pod == null
                ? Optional.empty()
                : engines.stream().filter(view -> pod.equals(view.pod())).findFirst();
    }

    private static Optional<EngineWork> named(List<EngineWork> works, String engine) {
        return works.stream().filter(work -> work.engine().equals(engine)).findFirst();
    }

    private static List<Slowness.Work> siblings(List<EngineWork> works, EngineWork engine) {
        return works.stream()
                .filter(work ->
                        work.model().equals(engine.model()) && !work.engine().equals(engine.engine()))
                .map(SlowEngines::of)
                .toList();
    }

    private static Slowness.Work of(EngineWork work) {
        return new Slowness.Work(
                work.seconds(), work.requests(), work.decodeSeconds(), work.decodedTokens(), work.promptTokens());
    }
}
