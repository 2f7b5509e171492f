package dev.scepsy.samples.cluster;

/**
 * One GPU at one moment; times are emulated seconds since the cluster started. Differences of two snapshots give the use
 * between them.
 *
 * @param gpu id on its node
 * @param computeGiven sum of the fractions of the pods on it, in [0, 1]
 * @param memoryGivenGiB memory of the pods on it
 * @param atSeconds when the snapshot was taken
 * @param busySeconds time in which at least one engine on it computed
 * @param computeSeconds time that its engines computed, each weighted with its fraction
 */
public record GpuUsage(
        String node,
        int gpu,
        double computeGiven,
        double memoryGivenGiB,
        double atSeconds,
        double busySeconds,
        double computeSeconds) {}
