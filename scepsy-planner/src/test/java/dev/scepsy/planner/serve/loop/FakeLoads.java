package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.engines.EngineLoads;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** Engines that publish what a test states. */
final class FakeLoads implements EngineLoads {

    volatile Map<String, Double> finished = Map.of();
    volatile Map<String, Map<String, Double>> speeds = Map.of();
    volatile BiFunction<Instant, Instant, List<EngineWork>> works = (from, to) -> List.of();

    @Override
    public Map<String, ModelLoad> models() {
        return Map.of();
    }

    @Override
    public Map<String, Double> requestsPerSecond(Duration window) {
        return finished;
    }

    @Override
    public Map<String, List<ModelLoad>> samples(Duration window) {
        return Map.of();
    }

    @Override
    public Map<String, Double> hitRatesToPlanBy() {
        return Map.of();
    }

    @Override
    public Map<String, Map<String, Double>> secondsPerToken() {
        return speeds;
    }

    @Override
    public List<EngineWork> work(Instant from, Instant to) {
        return works.apply(from, to);
    }

    @Override
    public List<String> troubles() {
        return List.of();
    }
}
