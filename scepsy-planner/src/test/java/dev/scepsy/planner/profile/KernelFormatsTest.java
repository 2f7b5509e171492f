package dev.scepsy.planner.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.kernel.KernelFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class KernelFormatsTest {

    private static final String HOPPER = "H100-SXM-80GB";
    private static final String BLACKWELL = "B200-SXM-180GB";
    private static final String AMPERE = "A100-SXM-80GB";

    private static KernelFormats of(ModelArchitecture model, Precision precision, String gpu) {
        return new KernelFormats(
                model, precision, Catalogue.builtIn().gpu(gpu).orElseThrow().kernels());
    }

    private static void check(
            String model, Precision precision, String gpu, KernelFormat resident, KernelFormat experts) {
        KernelFormats formats = of(Catalogue.builtIn().architecture(model).orElseThrow(), precision, gpu);
        assertThat(formats.resident()).as(model + " " + precision + " " + gpu).isEqualTo(resident);
        assertThat(formats.experts())
                .as("experts of " + model + " " + precision + " " + gpu)
                .isEqualTo(experts);
    }

    @Test
    void sixteenBitAndMoreAreComputedAsTheyAre() {
        check("Llama-3.1-8B", Precision.BF16, HOPPER, KernelFormat.BF16, KernelFormat.BF16);
        check("Llama-3.1-8B", Precision.FP32, HOPPER, KernelFormat.FP32, KernelFormat.FP32);
    }

    @Test
    void eightBitIsPerTensorForLlamaInBlocksForQwenAndForPublishedBlocks() {
        check("Llama-3.1-70B", Precision.FP8, HOPPER, KernelFormat.FP8, KernelFormat.FP8);
        check("Qwen3-32B", Precision.FP8, BLACKWELL, KernelFormat.FP8_BLOCK, KernelFormat.FP8_BLOCK);
        check("Qwen2.5-7B", Precision.FP8, HOPPER, KernelFormat.FP8, KernelFormat.FP8);
        check("MiniMax-M2.5", Precision.FP8, HOPPER, KernelFormat.FP8_BLOCK, KernelFormat.FP8_BLOCK);
        check("DeepSeek-R1", Precision.FP8, HOPPER, KernelFormat.FP8_BLOCK, KernelFormat.FP8_BLOCK);
    }

    @Test
    void cardsWithoutEightBitFloatsReadEightBitWeightsAndComputeInSixteen() {
        check("Qwen3-32B", Precision.FP8, AMPERE, KernelFormat.EIGHT_BIT_WEIGHTS, KernelFormat.EIGHT_BIT_WEIGHTS);
        check("Llama-3.1-8B", Precision.INT8, AMPERE, KernelFormat.EIGHT_BIT_WEIGHTS, KernelFormat.EIGHT_BIT_WEIGHTS);
    }

    @Test
    void fourBitFloatsAreWeightsOnlyBeforeBlackwell() {
        check("Llama-3.1-70B", Precision.FP4, HOPPER, KernelFormat.INT4, KernelFormat.MXFP4);
        check("gpt-oss-120b", Precision.FP4, HOPPER, KernelFormat.BF16, KernelFormat.MXFP4);
        check("gpt-oss-120b", Precision.FP4, BLACKWELL, KernelFormat.BF16, KernelFormat.MXFP4_MXFP8);
        check("Llama-3.1-70B", Precision.FP4, BLACKWELL, KernelFormat.NVFP4, KernelFormat.NVFP4);
        check("Qwen3-235B-A22B", Precision.FP4, BLACKWELL, KernelFormat.BF16, KernelFormat.NVFP4);
    }

    @Test
    void fourBitIntegersAreWeightsOnlyAndLeaveAttentionOfExpertModelsAlone() {
        for (String gpu : List.of(AMPERE, HOPPER, BLACKWELL)) {
            check("Qwen3-30B-A3B", Precision.INT4, gpu, KernelFormat.BF16, KernelFormat.INT4);
            check("Kimi-K2.5", Precision.INT4, gpu, KernelFormat.BF16, KernelFormat.INT4);
            check("Llama-3.1-8B", Precision.INT4, gpu, KernelFormat.INT4, KernelFormat.INT4);
        }
    }

    private static ModelArchitecture published(Quantisation quantisation) {
        ModelArchitecture plain =
                Catalogue.builtIn().architecture("Qwen3-30B-A3B").orElseThrow();
        return new ModelArchitecture(
                "an expert model",
                ModelArchitecture.Kind.MOE,
                plain.hiddenSize(),
                plain.vocabularySize(),
                plain.layerGroups(),
                0,
                0,
                0,
                false,
                OptionalInt.empty(),
                Optional.of(quantisation),
                Optional.empty());
    }

    @Test
    void whatACheckpointDoesNotNameStaysInSixteenBit() {
        KernelFormats formats = of(
                published(Quantisation.of(Quantisation.Kind.FP8_CHANNEL, 8, WeightPart.ROUTED_EXPERTS)),
                Precision.FP8,
                HOPPER);
        assertThat(formats.resident()).isEqualTo(KernelFormat.BF16);
        assertThat(formats.experts()).isEqualTo(KernelFormat.FP8);
    }

    @Test
    void whatItNamesIsComputedSoEvenInFourBit() {
        KernelFormats formats = of(
                published(
                        Quantisation.of(Quantisation.Kind.NVFP4, 4.5, WeightPart.ATTENTION, WeightPart.ROUTED_EXPERTS)),
                Precision.FP4,
                BLACKWELL);
        assertThat(formats.resident()).isEqualTo(KernelFormat.NVFP4);
        assertThat(formats.experts()).isEqualTo(KernelFormat.NVFP4);
    }

    @Test
    void expertsWeighWhatTheCheckpointSays() {
        ModelArchitecture gptOss =
                Catalogue.builtIn().architecture("gpt-oss-120b").orElseThrow();
        assertThat(of(gptOss, Precision.FP4, HOPPER).bytesPerExpertWeight()).isCloseTo(4.25 / 8, within(1e-12));
        assertThat(of(gptOss, Precision.BF16, HOPPER).bytesPerExpertWeight()).isEqualTo(2);
    }
}
