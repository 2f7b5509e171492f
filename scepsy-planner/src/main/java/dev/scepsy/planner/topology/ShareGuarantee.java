package dev.scepsy.planner.topology;

import dev.scepsy.planner.allocation.GpuFraction;
import java.util.Optional;

/**
 * What really holds a shard to its part of a GPU, for people: plans promise fractions, mechanisms keep them to different
 * degrees. Gathered from the mechanisms' own documentation and issue trackers, November 2026.
 *
 * @param compute what limits the share of compute
 * @param memory what limits the share of memory
 * @param warning what to know before relying on it; empty when there is nothing
 */
public record ShareGuarantee(String compute, String memory, Optional<String> warning) {

    /**
     * Why shards of f &lt; 1 cannot be joined to groups under this mechanism, with the remedy; empty where they can. MPS by
     * percentage and DRA claims name the GPUs of every shard; the others cannot, or break.
     *
     * @param equalParts whether the device plugin deals out equal parts, 1/replicas each
     */
    public static Optional<String> whyNoSharedGroups(Sharing.Mode mode, boolean equalParts) {
        String why;
        if (equalParts) {
            why = "The device plugin may deal two parts of the same GPU to one engine";
        } else {
            why = switch (mode) {
                case NONE, MPS, DRA -> "";
                case TIME_SLICING -> "Time slices of two GPUs do not run at the same time";
                case HAMI -> "Tensor parallelism on HAMi shares is known to hang or crash vLLM";
                case KAI -> "KAI gives a pod parts of one GPU only";
            };
        }
        return why.isEmpty()
                ? Optional.empty()
                : Optional.of(why + ", so tensorParallel on shares is refused. Leave it out, or share with mode mps and"
                        + " a step, or dra.");
    }

    /** What {@code sharing} does for shards of {@code fraction} in groups of {@code tensorParallel}. */
    public static ShareGuarantee of(Sharing sharing, GpuFraction fraction, int tensorParallel) {
        if (fraction.isWhole()) {
            return new ShareGuarantee("whole GPU", "whole GPU", Optional.empty());
        }
        boolean equalParts = sharing instanceof Sharing.EqualParts;
        return switch (sharing.mode()) {
            case NONE ->
                new ShareGuarantee(
                        "nothing",
                        "nothing",
                        Optional.of("the node does not share its GPUs; the share is a promise only"));
            case MPS ->
                equalParts
                        ? new ShareGuarantee(
                                "MPS through the device plugin, equal parts",
                                "MPS through the device plugin, equal parts",
                                Optional.empty())
                        : new ShareGuarantee(
                                "MPS thread percentage " + Math.round(fraction.toDouble() * 100)
                                        + " %: a ceiling, not a" + " reservation",
                                "engine setting and MPS memory limit",
                                Optional.of("memory bandwidth and L2 cache are not partitioned"));
            case TIME_SLICING ->
                new ShareGuarantee(
                        "nothing: equal time slices",
                        "nothing: engine setting only",
                        Optional.of(
                                equalParts
                                        ? "one crash takes all engines of the GPU with it"
                                        : "time slices are equal, whatever the share; give replicas: N instead of a"
                                                + " step"));
            case HAMI ->
                new ShareGuarantee(
                        "HAMi core limit, by interception (soft)",
                        "HAMi memory limit",
                        tensorParallel > 1
                                ? Optional.of("tensor parallelism on HAMi shares is known to hang or crash vLLM")
                                : Optional.empty());
            case KAI ->
                new ShareGuarantee(
                        "nothing: KAI keeps books only",
                        "nothing: engine setting only",
                        Optional.of("neither compute nor memory is enforced"));
            case DRA ->
                new ShareGuarantee(
                        "MPS default of the shared resource claim",
                        "MPS memory limit of the shared resource claim",
                        Optional.of("the driver's MPS support is behind a feature gate; unequal shares need a lower"
                                + " percentage per container"));
        };
    }
}
