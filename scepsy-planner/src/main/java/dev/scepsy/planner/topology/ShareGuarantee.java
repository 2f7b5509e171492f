package dev.scepsy.planner.topology;

import dev.scepsy.planner.allocation.GpuFraction;
import java.util.Optional;

/**
 * What really holds a shard to its part of a GPU, for people: plans promise fractions, mechanisms keep them to different
 * degrees. Gathered from the mechanisms' own documentation and issue trackers, November 2026. Immutable.
 *
 * @param computeEnforced whether anything limits the share of compute
 * @param memoryEnforced whether anything but the engine's own setting limits the share of memory
 * @param compute what limits the share of compute
 * @param memory what limits the share of memory
 * @param warning what to know before relying on it; empty when there is nothing
 */
public record ShareGuarantee(
        boolean computeEnforced, boolean memoryEnforced, String compute, String memory, Optional<String> warning) {

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
            return new ShareGuarantee(true, true, "whole GPU", "whole GPU", Optional.empty());
        }
        if (sharing instanceof Sharing.EqualParts) {
            return sharing.mode() == Sharing.Mode.MPS
                    ? enforced(
                            "MPS through the device plugin, equal parts",
                            "MPS through the device plugin, equal parts",
                            Optional.empty())
                    : unenforced(
                            "nothing: equal time slices",
                            "nothing: engine setting only",
                            "one crash takes all engines of the GPU with it");
        }
        return switch (sharing.mode()) {
            case NONE ->
                unenforced("nothing", "nothing", "the node does not share its GPUs; the share is a promise only");
            case MPS ->
                enforced(
                        "MPS thread percentage " + percent(fraction) + " %: a ceiling, not a reservation",
                        "engine setting and MPS memory limit",
                        Optional.of("memory bandwidth and L2 cache are not partitioned" + rounding(fraction)));
            case TIME_SLICING ->
                unenforced(
                        "nothing: equal time slices",
                        "nothing: engine setting only",
                        "time slices are equal, whatever the share; give replicas: N instead of a step");
            case HAMI ->
                enforced(
                        "HAMi core limit " + percent(fraction) + " %, by interception (soft)",
                        "HAMi memory limit",
                        Optional.of(
                                tensorParallel > 1
                                        ? "tensor parallelism on HAMi shares is known to hang or crash vLLM"
                                        : "bursts beyond the core limit are possible" + rounding(fraction)));
            case KAI ->
                unenforced(
                        "nothing: KAI keeps books only",
                        "nothing: engine setting only",
                        "neither compute nor memory is enforced");
            case DRA ->
                enforced(
                        "MPS thread percentage " + percent(fraction) + " % within the shared resource claim",
                        "MPS memory limit of the shared resource claim",
                        Optional.of("the driver's MPS support is behind a feature gate" + rounding(fraction)));
        };
    }

    private static ShareGuarantee enforced(String compute, String memory, Optional<String> warning) {
        return new ShareGuarantee(true, true, compute, memory, warning);
    }

    private static ShareGuarantee unenforced(String compute, String memory, String warning) {
        return new ShareGuarantee(false, false, compute, memory, Optional.of(warning));
    }

    /** Whole per cents, rounded down: rounded up, neighbours would together be given more than the GPU. */
    private static long percent(GpuFraction fraction) {
        return Math.max(1, 100 * fraction.numerator() / fraction.denominator());
    }

    private static String rounding(GpuFraction fraction) {
        return 100 * fraction.numerator() % fraction.denominator() == 0
                ? ""
                : "; the share is rounded down to a whole per cent";
    }
}
