package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.engines.EngineLoads;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Engines that publish what a test states. */
final class FakeLoads implements EngineLoads {

    volatile Map<String, Double> finished = Map.of();

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
        return Map.of();
    }

    @Override
    public List<String> troubles() {
        return List.of();
    }
}
