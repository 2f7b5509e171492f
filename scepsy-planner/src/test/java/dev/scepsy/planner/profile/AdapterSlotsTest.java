package dev.scepsy.planner.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class AdapterSlotsTest {

    private static ModelArchitecture architecture(String key) {
        return Catalogue.builtIn().architecture(key).orElseThrow();
    }

    @Test
    void aSlotHoldsBothMatricesOfEveryLinearLayerInSixteenBit() {
        // Llama-3.1-8B, per layer and rank: qkv 3 x 4096 + (4096 + 2 x 1024), o 4096 + 4096,
        // gate and up 2 x 4096 + 2 x 14336, down 14336 + 4096
        long widths = 3 * 4096 + 6144 + 8192 + 8192 + 28672 + 18432;
        assertThat(new AdapterSlots(2, 16).bytesPerGpu(architecture("Llama-3.1-8B"), 1))
                .isEqualTo(2.0 * 16 * 32 * widths * 2);
    }

    @Test
    void severalGpusSplitWhatTheirWeightsSplitAndKeepTheRestWhole() {
        // qkv: A whole, B / 4; o: A / 4, B whole; gate and up: A whole, B / 4; down: A / 4, B whole
        double widths = 3 * 4096 + 6144 / 4.0 + 4096 / 4.0 + 4096 + 8192 + 28672 / 4.0 + 14336 / 4.0 + 4096;
        assertThat(new AdapterSlots(1, 8).bytesPerGpu(architecture("Llama-3.1-8B"), 4))
                .isCloseTo(8 * 32 * widths * 2, within(1e-6));
    }

    @Test
    void everyExpertHasMatricesOfItsOwn() {
        // Mixtral-8x7B: 8 experts of width 14336 beside the same attention
        double widths = 3 * 4096 + 6144 + 8192 + 8 * (8192 + 28672 + 18432);
        assertThat(new AdapterSlots(1, 16).bytesPerGpu(architecture("Mixtral-8x7B"), 1))
                .isCloseTo(16 * 32 * widths * 2, within(1e-6));
    }

    @Test
    void theRankIsTheSmallestTheEngineTakesThatNoneExceeds() {
        assertThat(AdapterSlots.of(List.of(new Adapter("a", "org/a", 8), new Adapter("b", "org/b", 33))))
                .isEqualTo(new AdapterSlots(2, 64));
        assertThat(AdapterSlots.of(List.of())).isEqualTo(AdapterSlots.NONE);
        assertThat(AdapterSlots.NONE.bytesPerGpu(architecture("Llama-3.1-8B"), 1))
                .isZero();
    }

    @Test
    void noModelOfTheCatalogueGetsLessThanOneMatrixPerLayerOrMoreThanItsWeights() {
        for (ModelArchitecture model : Catalogue.builtIn().architectures()) {
            double bytes = new AdapterSlots(1, 16).bytesPerGpu(model, 1);
            assertThat(bytes)
                    .as(model.name())
                    .isGreaterThan(2.0 * 16 * model.layers() * model.hiddenSize())
                    .isLessThan(2.0 * model.totalParameters() * 0.2);
        }
    }
}
