package dev.scepsy.planner.profile;

import dev.scepsy.planner.kernel.GpuKernels;
import dev.scepsy.planner.kernel.KernelSurfaces;
import dev.scepsy.planner.kernel.KernelThinning;
import dev.scepsy.planner.kernel.Roofline;
import dev.scepsy.planner.topology.GpuType;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Physical facts of one type of GPU, data-sheet values. Immutable.
 *
 * @param name catalogue key
 * @param memoryGiB memory one card has, GiB
 * @param memoryBandwidthGBps peak, GB/s (10^9)
 * @param bf16Tflops dense peak, TFLOP/s
 * @param fp8Tflops dense peak; empty: no such arithmetic
 * @param fp4Tflops dense peak; empty: no such arithmetic
 * @param nvlinkOneWayGBps per card and direction; empty: none
 * @param pcieOneWayGBps per card and direction
 * @param interNodeGBps network share of one card
 * @param typicalDomainSize cards joined by the fast link
 * @param computeCapability as CUDA counts, 9.0 for Hopper; 0 where unknown
 * @param source where the figures are from
 * @param allReduce what was measured of its links on one's own machines
 * @param ownSurfaces kernel times that somebody measured; empty: those that ship
 */
public record GpuFacts(
        String name,
        double memoryGiB,
        double memoryBandwidthGBps,
        double bf16Tflops,
        OptionalDouble fp8Tflops,
        OptionalDouble fp4Tflops,
        OptionalDouble nvlinkOneWayGBps,
        double pcieOneWayGBps,
        double interNodeGBps,
        int typicalDomainSize,
        double computeCapability,
        String source,
        AllReduce allReduce,
        Optional<KernelSurfaces> ownSurfaces) {

    /** Of the size a card is sold by, the least that it reports (contract, section 11). */
    public static final double LEAST_REPORTED = 0.9;

    private static final double BYTES_PER_GIB = 1024.0 * 1024 * 1024;

    /** @throws IllegalArgumentException if memory, bandwidth or arithmetic is not above 0 */
    public GpuFacts {
        requirePositive(name, "memoryGiB", memoryGiB);
        requirePositive(name, "memoryBandwidthGBps", memoryBandwidthGBps);
        requirePositive(name, "bf16Tflops", bf16Tflops);
    }

    private GpuFacts with(double reportedGiB, AllReduce links, Optional<KernelSurfaces> surfaces) {
        return new GpuFacts(
                name,
                reportedGiB,
                memoryBandwidthGBps,
                bf16Tflops,
                fp8Tflops,
                fp4Tflops,
                nvlinkOneWayGBps,
                pcieOneWayGBps,
                interNodeGBps,
                typicalDomainSize,
                computeCapability,
                source,
                links,
                surfaces);
    }

    /** The same with links that were measured. */
    public GpuFacts withAllReduce(AllReduce measured) {
        return with(memoryGiB, measured, ownSurfaces);
    }

    /** The same with as much memory as the card reports. */
    public GpuFacts withMemoryGiB(double reported) {
        return with(reported, allReduce, ownSurfaces);
    }

    /** The same with kernel times that somebody measured. */
    public GpuFacts withSurfaces(KernelSurfaces measured) {
        return with(memoryGiB, allReduce, Optional.of(measured));
    }

    private static void requirePositive(String gpu, String fact, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(
                    "The " + fact + " (" + value + ") of GPU (" + gpu + ") must be above 0.");
        }
    }

    /** What the search needs of it. */
    public GpuType type() {
        return new GpuType(name, memoryGiB);
    }

    /** What the card could do at best, as kernels see it. */
    Roofline roofline() {
        return new Roofline(
                bandwidthBytesPerSecond() / 1e6,
                bf16Tflops * 1e6,
                fp8Tflops.orElse(bf16Tflops) * 1e6,
                fp4Tflops.orElse(bf16Tflops) * 1e6);
    }

    /** Times of its kernels, from the surfaces that ship and those that somebody measured. */
    GpuKernels kernels() {
        return GpuKernels.of(
                ownSurfaces.map(own -> KernelSurfaces.builtIn().with(own)).orElseGet(KernelSurfaces::builtIn),
                name,
                computeCapability,
                roofline(),
                fp8Tflops.isPresent(),
                fp4Tflops.isPresent(),
                linkBytesPerSecond() / 1e6,
                nvlinkOneWayGBps.isPresent());
    }

    /** A sentence where the kernel times of another card speak for this one, for want of its own; else empty. */
    public Optional<String> borrowedKernels() {
        String source = kernels().source();
        return source.equals(name)
                ? Optional.empty()
                : Optional.of("no kernel times of " + name + ": those of " + source + " over the facts of " + name);
    }

    /** An empty set of this card's kernel times, to be filled from tables. */
    public KernelThinning thinning() {
        return new KernelThinning(
                name, computeCapability, roofline(), linkBytesPerSecond() / 1e6, nvlinkOneWayGBps.isPresent());
    }

    double memoryBytes() {
        return memoryGiB * BYTES_PER_GIB;
    }

    double bandwidthBytesPerSecond() {
        return memoryBandwidthGBps * 1e9;
    }

    /**
     * Peak arithmetic for weights of {@code precision}, FLOP/s. Formats the card cannot compute in are widened: int4
     * always to 16 bit, fp4 and fp8 where there is no such arithmetic.
     */
    double flopsPerSecond(Precision precision) {
        double tflops = switch (precision) {
            case FP32 -> bf16Tflops / 2;
            case BF16, INT4 -> bf16Tflops;
            case FP8, INT8 -> fp8Tflops.orElse(bf16Tflops);
            case FP4 -> fp4Tflops.orElse(bf16Tflops);
        };
        return tflops * 1e12;
    }

    /** The link that tensor parallelism inside a domain uses, bytes/s and direction. */
    public double linkBytesPerSecond() {
        return nvlinkOneWayGBps.orElse(pcieOneWayGBps) * 1e9;
    }

    static double bytesPerGiB() {
        return BYTES_PER_GIB;
    }
}
