package dev.scepsy.planner.cluster;

import dev.scepsy.planner.transition.Engine;
import dev.scepsy.planner.transition.Step;
import dev.scepsy.planner.transition.Step.Start;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** Says how long steps are expected to take, from what the cluster has shown and else from {@link StartEstimate}. */
final class Forecaster {

    /** Answers that are under way when an engine leaves its service, s; assumed. */
    private static final double ASSUMED_DRAIN_SECONDS = 15;

    private final List<Intent> intents;
    private final MeasuredTimes times;
    private final Timing timing;
    private final Set<String> serving = new HashSet<>();

    /**
     * @param intents where the specifications of engines are looked up, the most recent first
     * @param live engines that serve now have their weights in the model cache
     */
    Forecaster(List<Intent> intents, MeasuredTimes times, Timing timing, LiveEngines live) {
        this.intents = List.copyOf(intents);
        this.times = times;
        this.timing = timing;
        live.groups().stream()
                .filter(group -> group.serving() > 0)
                .forEach(group ->
                        serving.add(place(group.engine().node(), group.engine().model())));
    }

    private static String place(String node, String model) {
        return node + "\n" + model;
    }

    /** What the cluster had shown when this was made. */
    MeasuredTimes times() {
        return times;
    }

    Forecast of(List<List<Step>> waves) {
        Set<String> loaded = new HashSet<>(serving);
        List<List<StepTime>> all = new ArrayList<>();
        for (List<Step> wave : waves) {
            all.add(wave.stream()
                    .map(step -> step instanceof Start
                            ? start(step.engine(), from(step.engine(), loaded))
                            : stop(step.engine()))
                    .toList());
            wave.stream()
                    .filter(Start.class::isInstance)
                    .map(Step::engine)
                    .forEach(engine -> loaded.add(place(engine.node(), engine.model())));
        }
        return new Forecast(all);
    }

    /** What a start of {@code engine} now would take. */
    StepTime start(Engine engine) {
        return start(engine, from(engine));
    }

    WeightsFrom from(Engine engine) {
        return from(engine, serving);
    }

    private WeightsFrom from(Engine engine, Set<String> loaded) {
        Optional<EngineSpec> spec = spec(engine);
        String cache = options(engine).modelCache();
        if (spec.isPresent() && spec.get().source().startsWith("/")) {
            return WeightsFrom.PATH;
        }
        boolean shared =
                cache.startsWith("claim:") && loaded.stream().anyMatch(place -> place.endsWith("\n" + engine.model()));
        boolean remembered =
                spec.isPresent() && times.holds(engine.node(), cache, spec.get().source());
        boolean there = shared || remembered || loaded.contains(place(engine.node(), engine.model()));
        return there && !cache.equals("none") ? WeightsFrom.CACHE : WeightsFrom.DOWNLOAD;
    }

    private StepTime start(Engine engine, WeightsFrom from) {
        OptionalDouble measured = times.start(engine.model(), gpu(engine), degree(engine), from);
        OptionalDouble longest = times.start(engine.model(), gpu(engine), degree(engine), WeightsFrom.DOWNLOAD);
        if (measured.isEmpty() && from == WeightsFrom.CACHE && longest.isPresent()) {
            return start(engine, from, measured).orAtMost(longest.getAsDouble());
        }
        return start(engine, from, measured);
    }

    private StepTime start(Engine engine, WeightsFrom from, OptionalDouble measured) {
        return spec(engine)
                .map(spec -> StartEstimate.of(spec, from, measured))
                .orElseGet(() -> new StepTime(
                        measured.orElse(StartEstimate.LEAST_DEADLINE_SECONDS / StartEstimate.DEADLINE_MULTIPLE),
                        measured.isPresent(),
                        "no record says what it loads"));
    }

    private StepTime stop(Engine engine) {
        OptionalDouble measured = times.stop(engine.model(), gpu(engine), degree(engine));
        double pause = timing.endpoints().toMillis() / 1000.0;
        return measured.isPresent()
                ? new StepTime(measured.getAsDouble(), true, "stopping took this long here before")
                : new StepTime(
                        pause + Math.min(ASSUMED_DRAIN_SECONDS, options(engine).drainSeconds()),
                        false,
                        "leave the service, finish requests");
    }

    /** What {@code engine} took, kept for the next time. */
    MeasuredTimes learned(MeasuredTimes before, Step step, WeightsFrom from, double took) {
        Engine engine = step.engine();
        if (!(step instanceof Start)) {
            return before.withStop(engine.model(), gpu(engine), degree(engine), took);
        }
        MeasuredTimes now = before.withStart(engine.model(), gpu(engine), degree(engine), from, took);
        Optional<EngineSpec> spec = spec(engine);
        return from == WeightsFrom.PATH || spec.isEmpty()
                ? now
                : now.withCached(
                        engine.node(), options(engine).modelCache(), spec.get().source());
    }

    private static int degree(Engine engine) {
        return engine.shape().tensorParallel();
    }

    private String gpu(Engine engine) {
        return intents.stream()
                .flatMap(intent -> intent.cluster().nodes().stream())
                .filter(node -> node.name().equals(engine.node()))
                .map(node -> node.gpu().name())
                .findFirst()
                .orElse("unknown");
    }

    private ServingOptions options(Engine engine) {
        return intents.stream()
                .filter(intent -> intent.knows(engine))
                .findFirst()
                .orElse(intents.get(0))
                .options();
    }

    private Optional<EngineSpec> spec(Engine engine) {
        return intents.stream().flatMap(intent -> intent.spec(engine).stream()).findFirst();
    }
}
