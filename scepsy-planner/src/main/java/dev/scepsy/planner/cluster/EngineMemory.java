package dev.scepsy.planner.cluster;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.profile.AdapterSlots;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.Precision;
import dev.scepsy.planner.profile.ReportedMemory;
import dev.scepsy.planner.profile.ServedModel;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What of a card's memory an engine is told to take. A card reports less than the size it is sold by, CUDA keeps some, and
 * engines look at what is free before anything else: so everything here is of the reported memory, less {@link #SLACK}. Immutable.
 */
final class EngineMemory {

    /** Part of the card that stays free: contexts, fragmentation (contract, section 10). */
    private static final double SLACK = 0.02;

    /** The most that an engine on a card of its own is told to take, vLLM's own default (contract, section 10). */
    private static final double HIGHEST_SHARE = 0.92;

    private static final double BYTES_PER_GIB = 1L << 30;
    private static final int DIGITS = 3;

    private final ServedModel model;
    private final LlmAllocation allocation;
    private final double reportedGiB;
    private final Optional<ModelArchitecture> architecture;

    /** @param gpuMemoryGiB of the card, as the cluster file says */
    EngineMemory(
            ServedModel model,
            LlmAllocation allocation,
            double gpuMemoryGiB,
            Optional<ModelArchitecture> architecture) {
        this.model = model;
        this.allocation = allocation;
        this.reportedGiB = ReportedMemory.gib(allocation.gpu(), gpuMemoryGiB);
        this.architecture = architecture;
    }

    /** Part of the card's memory that has to be free at the start, and that the engine then takes. */
    BigDecimal share() {
        double planned = allocation.memoryGiBPerGpu() / reportedGiB - SLACK;
        double most = allocation.gpuFraction().isWhole() ? HIGHEST_SHARE : 1 - SLACK;
        return rounded(Math.min(planned, most));
    }

    /** Part of the card's memory for weights and cache, where an engine counts its overhead apart. */
    BigDecimal staticShare() {
        return rounded(share().doubleValue() - overheadBytes() / (reportedGiB * BYTES_PER_GIB));
    }

    /**
     * Part for the cache of what is free beside the weights, for engines that load first and look then; they have to see their
     * own share of the card alone.
     */
    BigDecimal shareOfFree() {
        OptionalLong cache = cacheBytesPerGpu();
        if (cache.isEmpty() || architecture.isEmpty()) {
            return share();
        }
        double seen = Math.min(
                        allocation.memoryGiBPerGpu(),
                        reportedGiB * allocation.gpuFraction().toDouble())
                * BYTES_PER_GIB;
        double weights = Precision.of(model.weightPrecision())
                .map(precision -> architecture.get().weightBytesPerGpu(precision, allocation.tensorParallel()))
                .orElse(0.0);
        return rounded(Math.min(HIGHEST_SHARE, cache.getAsLong() / (seen - weights)));
    }

    private static BigDecimal rounded(double share) {
        BigDecimal step = BigDecimal.ONE.movePointLeft(DIGITS);
        return BigDecimal.valueOf(share)
                .setScale(DIGITS, RoundingMode.DOWN)
                .max(step)
                .stripTrailingZeros();
    }

    private double overheadBytes() {
        return EngineSetup.OVERHEAD_BYTES
                + (allocation.tensorParallel() > 1 ? EngineSetup.COLLECTIVE_OVERHEAD_BYTES : 0);
    }

    /**
     * The cache of one shard: what weights / t, adapters, overhead and slack leave of the plan's memory, but not less than one
     * request of {@code maxModelLength} takes, which the plan knows to fit. Empty where the architecture is unknown, caches
     * nothing, or leaves nothing.
     */
    OptionalLong cacheBytesPerGpu() {
        Optional<Precision> weights = Precision.of(model.weightPrecision());
        if (architecture.isEmpty() || architecture.get().isEncoder() || weights.isEmpty()) {
            return OptionalLong.empty();
        }
        ModelArchitecture shape = architecture.get();
        int degree = allocation.tensorParallel();
        double others = shape.weightBytesPerGpu(weights.get(), degree)
                + AdapterSlots.of(model.adapters()).bytesPerGpu(shape, degree)
                + overheadBytes();
        double planned = allocation.memoryGiBPerGpu() * BYTES_PER_GIB - others;
        double real = Math.min(
                        allocation.memoryGiBPerGpu(),
                        reportedGiB * allocation.gpuFraction().toDouble())
                * BYTES_PER_GIB;
        double left = real - SLACK * reportedGiB * BYTES_PER_GIB - others;
        Precision cache = model.kvCachePrecision().flatMap(Precision::of).orElse(Precision.BF16);
        double longest = model.maxModelLength().isEmpty()
                ? 0
                : EngineSetup.bytesOfRequest(shape, model.maxModelLength().getAsInt(), degree, cache);
        double bytes = longest <= planned ? Math.max(left, longest) : left;
        return bytes > 0 ? OptionalLong.of((long) bytes) : OptionalLong.empty();
    }
}
