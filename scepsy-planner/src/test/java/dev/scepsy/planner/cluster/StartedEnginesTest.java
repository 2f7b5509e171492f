package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.profile.Adapter;
import dev.scepsy.planner.profile.AdapterSlots;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.ServedModel;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What starts is what was planned, and it starts: cases A2 to A4, A7 and F7 of the deployments that did not. */
class StartedEnginesTest {

    private static final double GIB = 1L << 30;

    private static ServedModel model(String architecture, String precision, String engine, List<Adapter> adapters) {
        return ServedModel.named("m").toBuilder()
                .architecture(architecture)
                .weightPrecision(precision)
                .maxModelLength(8192)
                .maxNumSeqs(64)
                .maxNumBatchedTokens(4096)
                .aliases(List.of("other"))
                .adapters(adapters)
                .engine(engine)
                .build();
    }

    /** A card and what it reports. */
    private record Card(String gpu, double mib) {}

    private static List<String> arguments(ServedModel model, String gpu, double memoryGiB, double fraction) {
        return arguments(model, gpu, memoryGiB, fraction, EngineSettings.DEFAULT);
    }

    private static List<String> arguments(
            ServedModel model, String gpu, double memoryGiB, double fraction, EngineSettings settings) {
        LlmAllocation allocation = new LlmAllocation("m", gpu, GpuFraction.of(fraction), 1, 1, fraction * memoryGiB);
        return new EngineStartWriter(model, allocation, memoryGiB, settings, 8000)
                .write()
                .arguments();
    }

    private static String value(List<String> arguments, String flag) {
        assertThat(arguments).containsOnlyOnce(flag);
        return arguments.get(arguments.indexOf(flag) + 1);
    }

    private static EngineSettings from(String source) {
        return new EngineSettings(
                Optional.of(source),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                OptionalLong.empty(),
                Optional.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                List.of());
    }

    @Test
    void theCacheIsOfWhatTheCardReportsAndLeavesSlackBesideTheOverhead() {
        ServedModel critic = model("Qwen2.5-7B", "bf16", "vllm", List.of());
        for (Card card : List.of(
                new Card("H100-SXM-80GB", 81559),
                new Card("L4-24GB", 23034),
                new Card("H200-SXM-141GB", 143771),
                new Card("B200-SXM-180GB", 183359))) {
            double catalogue = Catalogue.builtIn().gpu(card.gpu()).orElseThrow().memoryGiB();
            List<String> arguments = arguments(critic, card.gpu(), catalogue, 1);
            double weights = 15_231_233_024.0;
            double left =
                    card.mib() / 1024 * GIB - weights - Long.parseLong(value(arguments, "--kv-cache-memory-bytes"));
            assertThat(left).as(card.gpu()).isGreaterThan(3.5e9 + 0.015 * catalogue * GIB);
            assertThat(value(arguments, "--gpu-memory-utilization")).isEqualTo("0.92");
        }
    }

    @Test
    void onASharedCardNoMoreThanTheShareHasToBeFree() {
        List<String> half = arguments(model("Qwen3-8B", "bf16", "vllm", List.of()), "A100-SXM-80GB", 80, 0.5);
        assertThat(value(half, "--gpu-memory-utilization")).isEqualTo("0.48");
        // 40 GiB - 2 % of 80 GiB - 16.38e9 of weights - 3.5e9
        assertThat(Double.parseDouble(value(half, "--kv-cache-memory-bytes"))).isBetween(21.3e9, 21.4e9);
    }

    @Test
    void encodersStartBesideCudasOwnContext() {
        ServedModel embedder = ServedModel.named("bge-m3");
        assertThat(arguments(embedder, "L4-24GB", 24, 1))
                .containsSequence("--gpu-memory-utilization", "0.92")
                .doesNotContain("--kv-cache-memory-bytes");
    }

    @Test
    void withoutServedFromTheRepositoryOfTheCataloguesCheckpointIsLoaded() {
        assertThat(arguments(model("Llama-3.1-8B", "bf16", "vllm", List.of()), "H100-SXM-80GB", 80, 1))
                .startsWith("meta-llama/Llama-3.1-8B")
                .containsSequence("--served-model-name", "m", "other");
        assertThat(LoadedModel.doubts(ServedModel.named("mine"), EngineSettings.DEFAULT))
                .singleElement()
                .asString()
                .contains("(mine)", "no repository", "servedFrom");
    }

    @Test
    void aSixteenBitCheckpointPlannedInEightBitIsConvertedAndAnotherIsDoubted() {
        ServedModel big = model("Llama-3.1-70B", "fp8", "vllm", List.of());
        assertThat(arguments(big, "H100-SXM-80GB", 80, 1)).containsSequence("--quantization", "fp8");
        assertThat(arguments(big, "H100-SXM-80GB", 80, 1, from("meta-llama/Llama-3.1-70B")))
                .containsSequence("--quantization", "fp8");
        assertThat(arguments(big, "H100-SXM-80GB", 80, 1, from("RedHatAI/Llama-3.1-70B-FP8")))
                .doesNotContain("--quantization");
        assertThat(LoadedModel.doubts(big, from("RedHatAI/Llama-3.1-70B-FP8"))).isEmpty();
        assertThat(LoadedModel.doubts(big, from("me/Llama-3.1-70B-Instruct")))
                .singleElement()
                .asString()
                .contains("planned in fp8", "me/Llama-3.1-70B-Instruct", "would not fit");
    }

    @Test
    void aGatedRepositoryWithoutATokenIsSaidBeforeItCrashLoops() {
        ServedModel gated = model("Llama-3.1-8B", "bf16", "vllm", List.of());
        assertThat(LoadedModel.doubts(gated, EngineSettings.DEFAULT))
                .singleElement()
                .asString()
                .contains("meta-llama/Llama-3.1-8B", "HF_TOKEN", "secretKeyRef");
        assertThat(LoadedModel.doubts(gated, from("/models/llama"))).isEmpty();
    }

    @Test
    void adaptersAreServedAsAdaptersAndTakeTheirRoomFromTheCache() {
        List<Adapter> adapters = List.of(new Adapter("sql", "org/sql-lora", 32), new Adapter("de", "/lora/de", 8));
        ServedModel adapted = model("Qwen3-8B", "bf16", "vllm", adapters);
        List<String> with = arguments(adapted, "H100-SXM-80GB", 80, 1);
        List<String> without = arguments(model("Qwen3-8B", "bf16", "vllm", List.of()), "H100-SXM-80GB", 80, 1);

        assertThat(with)
                .containsSequence("--served-model-name", "m", "other", "--host")
                .containsSequence(
                        "--enable-lora",
                        "--max-loras",
                        "2",
                        "--max-lora-rank",
                        "32",
                        "--lora-modules",
                        "sql=org/sql-lora",
                        "de=/lora/de");
        double room = new AdapterSlots(2, 32)
                .bytesPerGpu(Catalogue.builtIn().architecture("Qwen3-8B").orElseThrow(), 1);
        assertThat(Double.parseDouble(value(without, "--kv-cache-memory-bytes"))
                        - Double.parseDouble(value(with, "--kv-cache-memory-bytes")))
                .isBetween(room - 2, room + 2);
    }

    @Test
    void sglangAndTensorRtGetTheirOwnWords() {
        List<String> sglang = arguments(
                model("Qwen3-8B", "fp8", "sglang", List.of(new Adapter("sql", "org/sql", 16))), "H100-SXM-80GB", 80, 1);
        assertThat(sglang)
                .startsWith("--model-path", "Qwen/Qwen3-8B", "--served-model-name", "m", "--host")
                .containsSequence("--tp-size", "1")
                .containsSequence("--context-length", "8192")
                .containsSequence("--max-running-requests", "64")
                .containsSequence("--chunked-prefill-size", "4096")
                .containsSequence("--quantization", "fp8")
                .containsSequence("--max-loras-per-batch", "1", "--max-lora-rank", "16", "--lora-paths", "sql=org/sql")
                .contains("--enable-metrics");
        assertThat(Double.parseDouble(value(sglang, "--mem-fraction-static"))).isBetween(0.86, 0.89);

        List<String> trtllm = arguments(model("Qwen3-8B", "bf16", "trtllm", List.of()), "H100-SXM-80GB", 80, 1);
        assertThat(trtllm)
                .startsWith("Qwen/Qwen3-8B", "--served_model_name", "m")
                .containsSequence("--tp_size", "1")
                .containsSequence("--max_seq_len", "8192")
                .containsSequence("--max_batch_size", "64")
                .containsSequence("--max_num_tokens", "4096");
        assertThat(Double.parseDouble(value(trtllm, "--kv_cache_free_gpu_memory_fraction")))
                .isBetween(0.85, 0.92);
    }
}
