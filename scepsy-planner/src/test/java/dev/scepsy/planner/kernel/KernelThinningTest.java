package dev.scepsy.planner.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A few rows of every table on a card of 1000 bytes and 10^6 operations a microsecond; times by hand. */
class KernelThinningTest {

    private static final Roofline ROOFLINE = new Roofline(1000, 1e6, 2e6, 4e6);
    private static final String CARD = "X\tcard\t9.0 1000.0 1000000.0 100.0 nvlink";

    private final KernelThinning thinning = new KernelThinning("X", 9, ROOFLINE, 100, true);

    private void add(String table, String engine, Object... cells) {
        List<String> columns = KernelThinning.columns(table);
        thinning.add(table, engine, column -> Objects.toString(cells[columns.indexOf(column)]));
    }

    /** {@code values}, the last one repeated to {@code size}. */
    private static String filled(int size, String... values) {
        List<String> all = new ArrayList<>(Arrays.asList(values));
        while (all.size() < size) {
            all.add(values[values.length - 1]);
        }
        return String.join(" ", all);
    }

    @Test
    void productsTakeTheQuickestEngineOverTheRooflineAndNothingFromAWarmCache() {
        // 128 x 128 x 2 + 128 x 2 + 2 x 128 bytes: 33.28 microseconds
        add("gemm", "vllm", "bfloat16", 128, 128, 1, 2 * 33.28);
        add("gemm", "sglang", "bfloat16", 128, 128, 1, 1.5 * 33.28);
        // 4 tokens: 34.816, and no memory is quicker
        add("gemm", "trtllm", "bfloat16", 128, 128, 4, 30);
        // off the grid, and of a format nobody knows
        add("gemm", "vllm", "bfloat16", 100, 128, 1, 1);
        add("gemm", "vllm", "bfloat16", 128, 128, 3, 1);
        add("gemm", "vllm", "fp5", 128, 128, 1, 1);
        // what was not measured takes its neighbour's, along tokens first
        String row = filled(8, "1.5", "1.05") + " " + filled(192, "1.5");
        assertThat(thinning.lines()).containsExactly(CARD, "X\tgemm\tbfloat16\t\t" + row);
    }

    @Test
    void eightBitProductsAreLessQuantisingAndTensorRtsScale() {
        // 128 x 128 + 128 + 2 x 128 bytes: 16.768 microseconds
        add("gemm", "trtllm", "fp8", 128, 128, 1, 2 * 16.768 + 2 + 8);
        add("gemm", "sglang", "fp8", 128, 128, 1, 3 * 16.768);
        add("quantize", "trtllm", "fp8", 128, 1, 2);
        add("quantize", "vllm", "fp8", 128, 1, 3);
        add("quantize", "vllm", "bfloat16", 128, 1, 1);
        add("quantize-scale", "trtllm", "fp8", 128, 1, 8);
        add("quantize-scale", "sglang", "fp8", 128, 1, 8);
        assertThat(thinning.lines())
                .containsExactly(
                        CARD, "X\tquantize\tbest\t\t" + filled(40, "2"), "X\tgemm\tfp8\t\t" + filled(200, "2"));
    }

    @Test
    void quantisingThatWouldLeaveLessThanTheCardCanDoWasNoPartOfTheRow() {
        add("gemm", "vllm", "fp8", 128, 128, 1, 20);
        add("quantize", "vllm", "fp8", 128, 1, 19);
        // the row as it is over 16.768 microseconds
        assertThat(thinning.lines()).contains("X\tgemm\tfp8\t\t" + filled(200, "1.19"));
    }

    @Test
    void blockProductsOfVllmAreLeftOut() {
        add("gemm", "vllm", "fp8_block", 128, 128, 1, 17);
        assertThat(thinning.lines()).containsExactly(CARD);
        add("gemm", "sglang", "fp8_block", 128, 128, 1, 4 * 16.768);
        assertThat(thinning.lines()).containsExactly(CARD, "X\tgemm\tfp8_block\t\t" + filled(200, "4"));
    }

    @Test
    void attentionIsLessItsLaunchButTakesOneAndAHalfMicroseconds() {
        // 127 x 2 heads x 128 x 2 (key and value) x 2 bytes: 130.048 microseconds; at 511: 523.264
        add("generation-attention", "vllm", 1, 8, 2, 128, "bfloat16", 0, 127, 5 + 3 * 130.048);
        add("generation-attention", "sglang", 1, 8, 2, 128, "bfloat16", 0, 127, 5 + 2 * 130.048);
        add("generation-attention", "trtllm", 1, 8, 2, 128, "bfloat16", 0, 511, 300);
        add("generation-attention", "trtllm", 1, 8, 2, 128, "bfloat16", 128, 511, 900);
        // 4 x 4 heads x 128 x 16²/2 operations: 0.262144 microseconds; at 64 tokens 4.194304
        add("context-attention", "vllm", 1, 4, 1, 128, "bfloat16", "bfloat16", 0, 16, 6);
        add("context-attention", "vllm", 1, 4, 1, 128, "bfloat16", "bfloat16", 0, 64, 5 + 2 * 4.194304);
        add("context-attention", "vllm", 2, 4, 1, 128, "bfloat16", "bfloat16", 0, 64, 5.1);
        String decode = filled(6, "2", "1.05") + " " + filled(30, "2");
        assertThat(thinning.lines())
                .containsExactly(
                        CARD,
                        "X\tgeneration-attention\tbfloat16\t8 2 128\t" + decode,
                        "X\tcontext-attention\tbfloat16\t4 1 128\t" + filled(6, "5.72", "2"));
    }

    @Test
    void latentAttentionIsLessItsLaunchAndItsTwoProductsAreSummed() {
        // 127 x 576 x 2 bytes: 146.304 microseconds
        add("generation-mla", "vllm", 8, 1, "bfloat16", 127, 5 + 2 * 146.304);
        add("mla-bmm", "vllm", "pre", "bfloat16", 8, 1, 3);
        add("mla-bmm", "sglang", "pre", "bfloat16", 8, 1, 2.5);
        add("mla-bmm", "vllm", "post", "bfloat16", 8, 1, 4);
        add("mla-bmm", "vllm", "post", "fp8", 8, 1, 1);
        assertThat(thinning.lines())
                .containsExactly(
                        CARD,
                        "X\tgeneration-mla\tbfloat16\t8\t" + filled(36, "2"),
                        "X\tmla-bmm\tbest\t8\t" + filled(8, "6.5"));
    }

    @Test
    void expertsAndReductionsStayEachEnginesOwn() {
        // 3 x 100 x 100 weights, one of four experts of 2 bytes: 60 microseconds; four tokens touch 68 %: 164.0625
        add("moe", "vllm", "bfloat16", 100, 100, 4, 1, 1, 1, "power_law_1.01", 1, 120);
        add("moe", "vllm", "bfloat16", 100, 100, 4, 1, 1, 1, "power_law_1.01", 4, 3 * 164.0625);
        add("moe", "vllm", "bfloat16", 100, 100, 4, 1, 1, 1, "balanced", 1, 61);
        add("moe", "vllm", "bfloat16", 100, 100, 4, 1, 1, 2, "power_law_1.01", 1, 61);
        add("moe", "sglang", "bfloat16", 100, 100, 4, 1, 1, 1, "power_law_1.01", 1, 240);
        add("allreduce", "vllm", 2, 256, 10);
        add("allreduce", "vllm", 2, 1024, 12);
        add("allreduce", "sglang", 2, 256, 11);
        assertThat(thinning.lines())
                .containsExactly(
                        CARD,
                        "X\tmoe\tsglang bfloat16\t100 100 4 1 3 1\t" + filled(8, "4"),
                        "X\tmoe\tvllm bfloat16\t100 100 4 1 3 1\t" + filled(8, "2", "3"),
                        "X\tallreduce\tsglang\t2\t" + filled(11, "11"),
                        "X\tallreduce\tvllm\t2\t" + filled(11, "10", "12"));
    }

    @Test
    void whatIsWrittenIsReadAgainAndGivesTheMeasuredTimes() {
        add("gemm", "vllm", "bfloat16", 128, 128, 1, 1.5 * 33.28);
        add("moe", "vllm", "bfloat16", 100, 100, 4, 1, 1, 1, "power_law_1.01", 4, 3 * 164.0625);
        add("allreduce", "vllm", 2, 256, 10);
        GpuKernels kernels =
                GpuKernels.of(KernelSurfaces.parse(thinning.lines()), "X", 9, ROOFLINE, true, true, 100, true);
        assertThat(kernels.source()).isEqualTo("X");
        assertThat(kernels.product(KernelFormat.BF16, 128, 128).applyAsDouble(1))
                .isCloseTo(49.92, within(1e-9));
        assertThat(kernels.experts("vllm", KernelFormat.BF16, new ExpertShape(100, 100, 4, 1, 3), 1)
                        .applyAsDouble(4))
                .isCloseTo(3 * 164.0625, within(1e-9));
        assertThat(kernels.allReduce("vllm", 2).applyAsDouble(256)).isCloseTo(10, within(1e-9));
    }

    @Test
    void aDamagedLineIsNamed() {
        String surface = "X\tallreduce\tvllm\t2\t" + filled(11, "10");
        assertThat(KernelSurfaces.parse(List.of("# comment", "", CARD, surface)).cards())
                .containsExactly("X");
        List<String> bad = List.of(
                surface.replace("X\t", "Y\t"),
                surface.replace("allreduce", "allgather"),
                surface + " 10",
                surface.replace("10 10 10", "10 ten 10"),
                surface.replace("10 10 10", "10 0 10"),
                surface.replace("10 10 10", "10 NaN 10"),
                surface.replace("\t2\t", "\t"),
                "X",
                CARD,
                CARD.replace("X\t", "Y\t").replace(" nvlink", ""),
                CARD.replace("X\t", "Y\t").replace("1000.0 ", "-1 "),
                CARD.replace("X\t", "Y\t").replace("nvlink", "bus"));
        for (String line : bad) {
            assertThatThrownBy(() -> KernelSurfaces.parse(List.of(CARD, surface, line)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("Line 3 is not one of kernel surfaces: ");
        }
    }
}
