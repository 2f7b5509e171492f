package dev.scepsy.samples.cluster.api;

/**
 * Who writes, and how.
 *
 * @param manager field manager the changed fields are booked on
 * @param force server-side apply takes conflicting fields over
 * @param dryRun everything is checked and computed, nothing stored
 */
public record WriteOptions(String manager, boolean force, boolean dryRun) {
    public static WriteOptions by(String manager) {
        return new WriteOptions(manager, false, false);
    }
}
