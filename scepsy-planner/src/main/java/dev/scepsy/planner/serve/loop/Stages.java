package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.loop.Operations.StageTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/** How long the loop's stages took, on the wall. Thread-safe. */
final class Stages {

    private static final double NANOS = 1e9;

    private final Map<String, StageTime> times = new TreeMap<>();

    <T> T measure(String stage, Callable<T> work) throws Exception {
        long begin = System.nanoTime();
        try {
            return work.call();
        } finally {
            add(stage, (System.nanoTime() - begin) / NANOS);
        }
    }

    synchronized void add(String stage, double seconds) {
        times.merge(
                stage,
                new StageTime(1, seconds),
                (old, more) -> new StageTime(old.count() + 1, old.sumSeconds() + more.sumSeconds()));
    }

    synchronized Map<String, StageTime> snapshot() {
        return new TreeMap<>(times);
    }
}
