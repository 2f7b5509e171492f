package dev.scepsy.samples.demo;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** Share of the machine's processor time that the demo's own processes used since it was started. */
final class CpuMeter {

    /** Above this the emulated engines fall behind their clock, and a load says nothing. */
    static final double LIMIT = 0.85;

    private final Supplier<List<ProcessHandle>> processes;
    private final int cores = Runtime.getRuntime().availableProcessors();
    private long startNanos;
    private long startCpuNanos;

    CpuMeter(Supplier<List<ProcessHandle>> processes) {
        this.processes = processes;
        restart();
    }

    void restart() {
        startNanos = System.nanoTime();
        startCpuNanos = cpuNanos();
    }

    /** In [0, 1]: 1 is all cores. */
    double used() {
        return (double) (cpuNanos() - startCpuNanos) / Math.max(1, System.nanoTime() - startNanos) / cores;
    }

    private long cpuNanos() {
        return processes.get().stream()
                .mapToLong(process ->
                        process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L))
                .sum();
    }
}
