package dev.scepsy.planner.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two cards with surfaces of one value each, so that what is chosen shows in the number. */
class GpuKernelsTest {

    private static final Roofline ROOFLINE = new Roofline(1000, 1e6, 2e6, 4e6);

    private static final KernelSurfaces SURFACES = KernelSurfaces.parse(List.of(
            "X\tcard\t9.0 1000.0 1000000.0 100.0 nvlink",
            "X\tgemm\tbfloat16\t\t" + constant(200, "2"),
            "X\tmoe\tvllm bfloat16\t100 100 4 1 3 1\t1 2 4 8 16 32 64 128",
            "X\tmoe\tvllm bfloat16\t100 100 4 1 3 2\t" + constant(8, "7"),
            "X\tmoe\tsglang bfloat16\t400 400 64 4 3 1\t" + constant(8, "3"),
            "X\tgeneration-attention\tbfloat16\t8 2 128\t" + constant(36, "2"),
            "X\tgeneration-attention\tbfloat16\t8 8 128\t" + constant(36, "3"),
            "X\tgeneration-attention\tbfloat16\t8 8 64\t" + constant(36, "4"),
            "X\tcontext-attention\tbfloat16\t16 2 128\t" + constant(6, "2"),
            "X\tcontext-attention\tbfloat16\t4 4 128\t" + constant(6, "3"),
            "X\tallreduce\tvllm\t2\t10 12 14 16 18 20 40 80 160 320 640",
            "X\tallreduce\tsglang\t8\t" + constant(11, "30"),
            "P\tcard\t8.0 500.0 500000.0 10.0 pcie",
            "P\tgemm\tbfloat16\t\t" + constant(200, "8"),
            "P\tallreduce\tvllm\t2\t" + constant(11, "99")));

    private static String constant(int size, String value) {
        return String.join(" ", Collections.nCopies(size, value));
    }

    private static GpuKernels own() {
        return GpuKernels.of(SURFACES, "X", 9, ROOFLINE, true, true, 100, true);
    }

    @Test
    void aProductIsTheSurfaceTimesTheRoofline() {
        // 1000 x 500 x 2 + 3 x 500 x 2 + 2 x 3 x 1000 bytes
        assertThat(own().product(KernelFormat.BF16, 1000, 500).applyAsDouble(3)).isCloseTo(2 * 1009, within(1e-9));
        // a format without surfaces takes those of 16 bit over its own roofline: 4.25 / 8 bytes a weight
        double bytes = 1000 * 500 * 4.25 / 8 + 3 * 500 * 2 + 2 * 3 * 1000;
        assertThat(own().product(KernelFormat.INT4, 1000, 500).applyAsDouble(3))
                .isCloseTo(2 * bytes / 1000, within(1e-9));
        // arithmetic binds: 2 x 1000 x 1000 x 8000 operations
        assertThat(own().product(KernelFormat.BF16, 1000, 1000).applyAsDouble(8000))
                .isCloseTo(2 * 34000, within(1e-6));
    }

    @Test
    void aCardWithoutTablesBorrowsTheNearestGenerationAndReachesMoreOfALowerPeak() {
        Roofline slower = new Roofline(500, 0.5e6, 0.5e6, 0.5e6);
        GpuKernels borrowing = GpuKernels.of(SURFACES, "Y", 8.9, slower, false, false, 50, true);
        assertThat(borrowing.source()).isEqualTo("X");
        double traffic = (1000 * 500 * 2 + 3 * 500 * 2 + 2 * 3 * 1000) / 500.0;
        double arithmetic = 2 * 1000 * 500 * 3 / 0.5e6;
        double share = arithmetic / (arithmetic + traffic);
        double nearest = 2 * Math.pow(0.5, 0.17 * share) * Math.pow(0.5, 0.10 * (1 - share));
        double mean = Math.sqrt(nearest * 8);
        double expected = Math.pow(nearest, 1 - share) * Math.pow(mean, share) * traffic;
        assertThat(borrowing.product(KernelFormat.BF16, 1000, 500).applyAsDouble(3))
                .isCloseTo(expected, within(1e-9));
    }

    @Test
    void expertsOfTheMeasuredShapeAreReadAsTheyAreAndOthersAtEqualTokensPerExpert() {
        ExpertShape measured = new ExpertShape(100, 100, 4, 1, 3);
        assertThat(own().experts("vllm", KernelFormat.BF16, measured, 1).applyAsDouble(4))
                .isCloseTo(2 * ROOFLINE.expertsMicros(KernelFormat.BF16, measured, 1, 4), within(1e-9));
        assertThat(own().experts("vllm", KernelFormat.BF16, measured, 2).applyAsDouble(4))
                .isCloseTo(7 * ROOFLINE.expertsMicros(KernelFormat.BF16, measured, 2, 4), within(1e-9));
        // twice the experts: 32 tokens spread like 16 over the measured ones
        ExpertShape wider = new ExpertShape(100, 100, 8, 1, 3);
        assertThat(own().experts("vllm", KernelFormat.BF16, wider, 1).applyAsDouble(32))
                .isCloseTo(4 * ROOFLINE.expertsMicros(KernelFormat.BF16, wider, 1, 32), within(1e-9));
    }

    @Test
    void anEngineWithoutThatShapeTakesAnothersAndAMissingFormatItsKin() {
        ExpertShape measured = new ExpertShape(100, 100, 4, 1, 3);
        for (String engine : List.of("sglang", "trtllm", "another")) {
            assertThat(own().experts(engine, KernelFormat.FP8_BLOCK, measured, 1)
                            .applyAsDouble(4))
                    .isCloseTo(2 * ROOFLINE.expertsMicros(KernelFormat.FP8_BLOCK, measured, 1, 4), within(1e-9));
        }
        // nobody near NVFP4 was measured: what 16 bit reaches of its own roofline
        double sixteenBit =
                own().experts("vllm", KernelFormat.BF16, measured, 1).applyAsDouble(4)
                        / ROOFLINE.expertsMicros(KernelFormat.BF16, measured, 1, 4);
        assertThat(sixteenBit).isNotEqualTo(1);
        assertThat(own().experts("vllm", KernelFormat.NVFP4, measured, 1).applyAsDouble(4))
                .isCloseTo(sixteenBit * ROOFLINE.expertsMicros(KernelFormat.NVFP4, measured, 1, 4), within(1e-9));
    }

    @Test
    void attentionTakesTheMostAlikeHeads() {
        double read = 3 * 100 * 4 * 128 * 2 * 2 / 1000.0;
        assertThat(own().decodeAttention(2, 16, 4, 128).applyAsDouble(3, 100)).isCloseTo(2 * read, within(1e-9));
        assertThat(own().decodeAttention(2, 4, 4, 128).applyAsDouble(3, 100)).isCloseTo(3 * read, within(1e-9));
        assertThat(own().decodeAttention(2, 4, 4, 80).applyAsDouble(3, 100))
                .isCloseTo(4 * read * 80 / 128, within(1e-9));
        assertThat(own().promptAttention(16, 2, 128).applyAsDouble(100))
                .isCloseTo(2 * 4 * 16 * 128 / 1e6, within(1e-9));
        assertThat(own().promptAttention(4, 4, 128).applyAsDouble(100)).isCloseTo(3 * 4 * 4 * 128 / 1e6, within(1e-9));
    }

    @Test
    void aCardWithoutTimesOfAnEightBitCacheReadsItAsWellAsItsSixteenBitOne() {
        double read = 3 * 100 * 4 * 128 * 2 / 1000.0;
        assertThat(own().decodeAttention(1, 16, 4, 128).applyAsDouble(3, 100)).isCloseTo(2 * read, within(1e-9));
    }

    @Test
    void reductionsGoOverTheKindOfLinkTheCardHasAndScaleBeyondSmallMessages() {
        assertThat(own().allReduce("vllm", 2).applyAsDouble(1 << 10)).isCloseTo(12, within(1e-9));
        // beyond the last message time grows with the bytes
        assertThat(own().allReduce("vllm", 2).applyAsDouble(1 << 29)).isCloseTo(1280, within(1e-9));
        // half the link: what exceeds 10 microseconds doubles
        GpuKernels halfLink = GpuKernels.of(SURFACES, "Y", 9, ROOFLINE, true, true, 50, true);
        assertThat(halfLink.allReduce("vllm", 2).applyAsDouble(1 << 10)).isCloseTo(14, within(1e-9));
        // a Hopper card without NVLink takes the other card's links and its own kernels
        GpuKernels overPcie = GpuKernels.of(SURFACES, "Y", 9, ROOFLINE, true, true, 10, false);
        assertThat(overPcie.allReduce("vllm", 2).applyAsDouble(1 << 10)).isCloseTo(99, within(1e-9));
        assertThat(overPcie.source()).isEqualTo("X");
    }

    @Test
    void anEngineWithoutReductionsTakesAnothers() {
        assertThat(own().allReduce("another", 2).applyAsDouble(256)).isCloseTo(10, within(1e-9));
        assertThat(own().allReduce("vllm", 8).applyAsDouble(256)).isCloseTo(30, within(1e-9));
        assertThat(own().allReduce("vllm", 5).applyAsDouble(256)).isCloseTo(30, within(1e-9));
    }
}
