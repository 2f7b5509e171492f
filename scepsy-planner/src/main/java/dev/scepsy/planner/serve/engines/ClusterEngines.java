package dev.scepsy.planner.serve.engines;

import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.ClusterUnreachableException;
import dev.scepsy.planner.cluster.ServingEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The cluster's own engines, in the client's namespace, asked through the API server. The list is asked for anew every few
 * rounds. Beyond {@link #MOST_ENGINES} every model has the same number of engines asked, evenly out of all. One thread lists.
 */
final class ClusterEngines implements EngineSource {

    static final int MOST_ENGINES = 512;

    /** Rounds that one list of pods serves. */
    private static final int ROUNDS_A_LIST = 3;

    private final ClusterClient cluster;
    private List<Target> targets = List.of();
    private volatile List<String> leftOut = List.of();
    private int round;

    ClusterEngines(ClusterClient cluster) {
        this.cluster = cluster;
    }

    @Override
    public List<Target> targets() throws IOException {
        if (round == 0) {
            try {
                targets = some(cluster.servingEngines());
            } catch (ClusterUnreachableException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
        round = (round + 1) % ROUNDS_A_LIST;
        return targets;
    }

    @Override
    public List<String> leftOut() {
        return leftOut;
    }

    private List<Target> some(List<ServingEngine> engines) {
        Map<String, List<ServingEngine>> byModel = new TreeMap<>();
        engines.forEach(engine -> byModel.computeIfAbsent(engine.model(), model -> new ArrayList<>())
                .add(engine));
        int each = Math.max(1, MOST_ENGINES / Math.max(1, byModel.size()));
        List<Target> asked = new ArrayList<>();
        List<String> cut = new ArrayList<>();
        byModel.forEach((model, all) -> {
            int count = engines.size() <= MOST_ENGINES ? all.size() : Math.min(each, all.size());
            for (int i = 0; i < count; i++) {
                asked.add(new InCluster(cluster, all.get((int) ((long) i * all.size() / count))));
            }
            if (count < all.size()) {
                cut.add(model);
            }
        });
        leftOut = List.copyOf(cut);
        return List.copyOf(asked);
    }

    private record InCluster(ClusterClient cluster, ServingEngine engine) implements Target {

        @Override
        public String id() {
            return "Pod " + engine.pod() + " (model " + model() + ")";
        }

        @Override
        public String model() {
            return engine.model();
        }

        @Override
        public Optional<String> pod() {
            return Optional.of(engine.pod());
        }

        @Override
        public List<String> paths() {
            return ListedEngines.PATHS;
        }

        @Override
        public byte[] fetch(String path) throws IOException {
            try {
                return cluster.metrics(engine, path).getBytes(StandardCharsets.UTF_8);
            } catch (ClusterUnreachableException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
    }
}
