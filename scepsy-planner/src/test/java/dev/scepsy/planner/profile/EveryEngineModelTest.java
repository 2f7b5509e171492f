package dev.scepsy.planner.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whatever the catalogue's cards, models and formats are put together to, the engine model has an answer or a reason. */
class EveryEngineModelTest {

    private static final List<String> ENGINES = List.of("vllm", "sglang", "trtllm", "another");

    @Test
    void everyCardModelEngineAndFormatIsAnswered() {
        List<String> wrong = new ArrayList<>();
        Catalogue catalogue = Catalogue.builtIn();
        int answered = 0;
        for (GpuFacts gpu : catalogue.gpus()) {
            for (ModelArchitecture model : catalogue.architectures()) {
                for (Precision cache : List.of(Precision.BF16, Precision.FP8)) {
                    EngineSetup setup = EngineSetup.of(model, gpu, model.publishedPrecision(), 1)
                            .withKvCachePrecision(cache)
                            .withEngine(ENGINES.get(answered % ENGINES.size()));
                    double millis =
                            1000 * new EngineModel(setup, EngineCoefficients.builtIn()).promptSeconds(500, 0, 0);
                    if (!(millis > 0 && millis < 1e5)) {
                        wrong.add(model.name() + " on " + gpu.name() + " with " + cache + ": " + millis);
                    }
                    answered++;
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(answered).isGreaterThan(500);
    }

    @Test
    void adaptersTakeMemoryFromTheCacheAndAreNamedWhereTheyLeaveTooLittle() {
        GpuFacts gpu = Catalogue.builtIn().gpu("L4-24GB").orElseThrow();
        ModelArchitecture model =
                Catalogue.builtIn().architecture("Llama-3.1-8B").orElseThrow();
        EngineSetup plain = EngineSetup.of(model, gpu, Precision.BF16, 1);
        EngineSetup adapted = new EngineSetup(
                model,
                gpu,
                "vllm",
                Precision.BF16,
                Precision.BF16,
                1,
                1,
                plain.maxNumSeqs(),
                plain.maxNumBatchedTokens(),
                0,
                new AdapterSlots(8, 256),
                plain.kvBlocks());
        assertThat(plain.kvBytesPerGpu() - adapted.kvBytesPerGpu())
                .isEqualTo(new AdapterSlots(8, 256).bytesPerGpu(model, 1));
        assertThat(EngineProfiles.whyUnusable(plain, 1000)).isEmpty();
        assertThat(EngineProfiles.whyUnusable(adapted, 1000).orElseThrow().message())
                .contains("GiB for LoRA adapters");
    }
}
