package dev.scepsy.samples.cluster.control;

import java.util.Locale;
import java.util.Optional;

/**
 * Memory of one GPU as a starting vLLM sees it. Before anything else, also where {@code --kv-cache-memory-bytes} is given, it asks
 * that {@code --gpu-memory-utilization} of the card be free (0.32: {@code v1/worker/gpu_worker.py}, {@code request_memory}).
 *
 * @param takenBytes what the engine takes once it runs
 * @param utilisation {@code --gpu-memory-utilization}
 * @param cardBytes what the card reports
 * @param alone whether the rest of the card is hidden from it (HAMi)
 */
record GpuMemory(double takenBytes, double utilisation, double cardBytes, boolean alone) {

    /** vLLM 0.32's. */
    static final double DEFAULT_UTILISATION = 0.92;

    /** CUDA's own context of the starting process. */
    private static final double CONTEXT_BYTES = 0.5e9;

    private static final double BYTES_PER_GIB = 1024.0 * 1024 * 1024;

    /** What vLLM says, and stops, where {@code others} take too much already. */
    Optional<String> refusal(double others) {
        double free = cardBytes - CONTEXT_BYTES - (alone ? 0 : others);
        if (free >= utilisation * cardBytes) {
            return Optional.empty();
        }
        return Optional.of(String.format(
                Locale.ROOT,
                "ValueError: Free memory on device cuda:0 (%.2f/%.2f GiB) on startup is less than desired GPU memory"
                        + " utilization (%s, %.2f GiB). Decrease GPU memory utilization or reduce GPU memory used by other"
                        + " processes.",
                free / BYTES_PER_GIB,
                cardBytes / BYTES_PER_GIB,
                utilisation,
                utilisation * cardBytes / BYTES_PER_GIB));
    }
}
