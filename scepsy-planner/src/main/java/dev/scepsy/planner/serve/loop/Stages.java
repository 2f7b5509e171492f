package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.loop.Operations.StageTime;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/** How long the loop's stages took, on the wall. Thread-safe. */
final class Stages {

    private static final double NANOS = 1e9;

    private final Map<String, StageTime> times = new TreeMap<>();
    private final StageListener listener;

    Stages(StageListener listener) {
        this.listener = listener;
    }

    <T> T measure(String stage, Callable<T> work) throws Exception {
        long begin = System.nanoTime();
        boolean failed = true;
        try {
            T result = work.call();
            failed = false;
            return result;
        } finally {
            add(stage, System.nanoTime() - begin, failed);
        }
    }

    /** @param nanos that it took until now */
    void add(String stage, long nanos, boolean failed) {
        Instant end = Instant.now();
        listener.ended(stage, end.minusNanos(nanos), end, failed);
        merge(stage, nanos / NANOS);
    }

    private synchronized void merge(String stage, double seconds) {
        times.merge(
                stage,
                new StageTime(1, seconds),
                (old, more) -> new StageTime(old.count() + 1, old.sumSeconds() + more.sumSeconds()));
    }

    synchronized Map<String, StageTime> snapshot() {
        return new TreeMap<>(times);
    }
}
