package dev.scepsy.planner.profile;

import dev.scepsy.planner.kernel.GpuKernels;
import dev.scepsy.planner.kernel.KernelFormat;
import java.util.Optional;

/**
 * Which kernels an engine runs for weights of a precision on a card. Weights that the card cannot multiply with are widened:
 * read in their own width, computed in 16 bit (Marlin and Triton kernels of vLLM and SGLang on Hopper and before).
 */
final class KernelFormats {

    private final ModelArchitecture model;
    private final Precision precision;
    private final GpuKernels gpu;

    KernelFormats(ModelArchitecture model, Precision precision, GpuKernels gpu) {
        this.model = model;
        this.precision = precision;
        this.gpu = gpu;
    }

    /** Of everything that every token passes: attention, dense blocks, shared experts. */
    KernelFormat resident() {
        if (published().isPresent()) {
            // parts that the checkpoint does not name are in 16 bit
            Optional<Quantisation.Kind> kind = stored(WeightPart.ATTENTION)
                    .or(() -> stored(WeightPart.DENSE))
                    .or(() -> stored(WeightPart.SHARED_EXPERTS));
            return kind.isPresent() ? of(kind, false) : KernelFormat.BF16;
        }
        return model.residentBytesPerParameter(precision) != precision.bytes()
                ? KernelFormat.BF16
                : of(Optional.empty(), false);
    }

    /** Of routed experts. */
    KernelFormat experts() {
        return of(stored(WeightPart.ROUTED_EXPERTS), true);
    }

    /** Bytes of one weight of a routed expert, scales included. */
    double bytesPerExpertWeight() {
        return published()
                .map(quantisation -> quantisation.bytesPerWeight(WeightPart.ROUTED_EXPERTS))
                .orElse(precision.bytes());
    }

    /** The published checkpoint's quantisation, where that is what is served. */
    private Optional<Quantisation> published() {
        return model.publishedPrecision() == precision ? model.quantisation() : Optional.empty();
    }

    private Optional<Quantisation.Kind> stored(WeightPart part) {
        return published().map(quantisation -> quantisation.parts().get(part)).map(Quantisation.Stored::kind);
    }

    private KernelFormat of(Optional<Quantisation.Kind> stored, boolean experts) {
        return switch (precision) {
            case FP32 -> KernelFormat.FP32;
            case BF16 -> KernelFormat.BF16;
            case FP8, INT8 ->
                !gpu.computesInEightBit()
                        ? KernelFormat.EIGHT_BIT_WEIGHTS
                        : stored.map(kind -> kind == Quantisation.Kind.FP8_BLOCK)
                                        .orElse(publishedInBlocks())
                                ? KernelFormat.FP8_BLOCK
                                : KernelFormat.FP8;
            case INT4 -> KernelFormat.INT4;
            case FP4 -> fourBit(stored, experts);
        };
    }

    private KernelFormat fourBit(Optional<Quantisation.Kind> stored, boolean experts) {
        boolean microscaled = stored.filter(Quantisation.Kind.MXFP4::equals).isPresent();
        if (!gpu.computesInFourBit()) {
            return experts ? KernelFormat.MXFP4 : KernelFormat.INT4;
        }
        return microscaled ? KernelFormat.MXFP4_MXFP8 : KernelFormat.NVFP4;
    }

    /** Whether the publisher's own 8-bit checkpoint of a model published in 16 bit has scales per block, as Qwen's have. */
    private boolean publishedInBlocks() {
        return model.weightGroups()
                .filter(groups -> groups.precision() == Precision.FP8)
                .isPresent();
    }
}
