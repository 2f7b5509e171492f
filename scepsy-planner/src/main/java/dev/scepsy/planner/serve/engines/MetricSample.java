package dev.scepsy.planner.serve.engines;

import java.util.Map;

/** One line of an exposition. Immutable. */
record MetricSample(String name, Map<String, String> labels, double value) {

    /** A label's value; empty where there is none, as Prometheus means it. */
    String label(String key) {
        return labels.getOrDefault(key, "");
    }
}
