package dev.scepsy.planner.cluster;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.profile.Adapter;
import dev.scepsy.planner.profile.AdapterSlots;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.Precision;
import dev.scepsy.planner.profile.ServedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Writes how an engine is started as it was planned: precision, lengths, limits, parallelism and memory. Arguments and meanings as
 * in vLLM 0.32 ({@code engine/arg_utils.py}, {@code config/cache.py}), SGLang 0.5 ({@code srt/server_args.py}) and TensorRT-LLM 1.x
 * ({@code commands/serve.py}).
 *
 * <p>vLLM checks {@code --gpu-memory-utilization} against the card's free memory before anything else, also where {@code
 * --kv-cache-memory-bytes} is given ({@code gpu_worker.init_device}): both are set where the cache is known.
 */
final class EngineStartWriter {

    private static final Catalogue CATALOGUE = Catalogue.builtIn();

    private final ServedModel model;
    private final LlmAllocation allocation;
    private final EngineSettings settings;
    private final int port;
    private final EngineMemory memory;
    private final Optional<ModelArchitecture> architecture;
    private final List<String> arguments = new ArrayList<>();

    EngineStartWriter(
            ServedModel model, LlmAllocation allocation, double gpuMemoryGiB, EngineSettings settings, int port) {
        this.model = model;
        this.allocation = allocation;
        this.settings = settings;
        this.port = port;
        this.architecture =
                settings.architecture().or(() -> model.architecture().flatMap(CATALOGUE::architecture));
        this.memory = new EngineMemory(model, allocation, gpuMemoryGiB, architecture);
    }

    StartCommand write() {
        EngineKind kind = EngineKind.of(model.engine());
        switch (kind) {
            case VLLM -> vllm();
            case SGLANG -> sglang();
            case TRTLLM -> trtllm();
        }
        arguments.addAll(settings.arguments());
        return new StartCommand(kind.command(), arguments);
    }

    private void vllm() {
        arguments.add(source(model, settings));
        arguments.add("--served-model-name");
        arguments.add(model.name());
        arguments.addAll(model.aliases());
        add("--host", "0.0.0.0");
        add("--port", port);
        add("--tensor-parallel-size", allocation.tensorParallel());
        add("--gpu-memory-utilization", memory.share().toPlainString());
        OptionalLong cache =
                settings.kvCacheBytesPerGpu().isPresent() ? settings.kvCacheBytesPerGpu() : memory.cacheBytesPerGpu();
        cache.ifPresent(bytes -> add("--kv-cache-memory-bytes", bytes));
        model.maxModelLength().ifPresent(tokens -> add("--max-model-len", tokens));
        model.maxNumSeqs().ifPresent(requests -> add("--max-num-seqs", requests));
        model.maxNumBatchedTokens().ifPresent(tokens -> add("--max-num-batched-tokens", tokens));
        convertedWeights().ifPresent(method -> add("--quantization", method));
        if (model.weightPrecision().equals(Precision.FP32.key())) {
            add("--dtype", "float32");
        }
        eightBitCache().ifPresent(precision -> add("--kv-cache-dtype", precision));
        adapters("--max-loras", "--lora-modules");
        arguments.addAll(task(model, settings).arguments());
    }

    private void sglang() {
        add("--model-path", source(model, settings));
        add("--served-model-name", model.name());
        add("--host", "0.0.0.0");
        add("--port", port);
        add("--tp-size", allocation.tensorParallel());
        add("--mem-fraction-static", memory.staticShare().toPlainString());
        model.maxModelLength().ifPresent(tokens -> add("--context-length", tokens));
        model.maxNumSeqs().ifPresent(requests -> add("--max-running-requests", requests));
        model.maxNumBatchedTokens().ifPresent(tokens -> add("--chunked-prefill-size", tokens));
        convertedWeights().ifPresent(method -> add("--quantization", method));
        if (model.weightPrecision().equals(Precision.FP32.key())) {
            add("--dtype", "float32");
        }
        eightBitCache().ifPresent(precision -> add("--kv-cache-dtype", "fp8_e4m3"));
        adapters("--max-loras-per-batch", "--lora-paths");
        if (task(model, settings) != ServingTask.GENERATE) {
            arguments.add("--is-embedding");
        }
        arguments.add("--enable-metrics");
    }

    private void trtllm() {
        arguments.add(source(model, settings));
        add("--served_model_name", model.name());
        add("--host", "0.0.0.0");
        add("--port", port);
        add("--tp_size", allocation.tensorParallel());
        add("--kv_cache_free_gpu_memory_fraction", memory.shareOfFree().toPlainString());
        model.maxModelLength().ifPresent(tokens -> add("--max_seq_len", tokens));
        model.maxNumSeqs().ifPresent(requests -> add("--max_batch_size", requests));
        model.maxNumBatchedTokens().ifPresent(tokens -> add("--max_num_tokens", tokens));
    }

    private void adapters(String slots, String modules) {
        if (model.adapters().isEmpty()) {
            return;
        }
        AdapterSlots room = AdapterSlots.of(model.adapters());
        arguments.add("--enable-lora");
        add(slots, room.count());
        add("--max-lora-rank", room.rank());
        arguments.add(modules);
        for (Adapter adapter : model.adapters()) {
            arguments.add(adapter.name() + "=" + adapter.source());
        }
    }

    /** Weights that the engine converts while loading; a checkpoint that holds them in their precision needs no word. */
    private Optional<String> convertedWeights() {
        return convertsAtLoad(model, settings) ? Optional.of(Precision.FP8.key()) : Optional.empty();
    }

    /** Whether what is loaded is the published 16-bit checkpoint, planned in fp8. */
    static boolean convertsAtLoad(ServedModel model, EngineSettings settings) {
        Optional<ModelArchitecture> published = model.architecture().flatMap(CATALOGUE::architecture);
        boolean publishedIsLoaded = settings.servedFrom().isEmpty()
                || settings.servedFrom().equals(model.architecture().flatMap(CATALOGUE::huggingFaceId));
        return model.weightPrecision().equals(Precision.FP8.key())
                && publishedIsLoaded
                && published.isPresent()
                && published.get().publishedPrecision() == Precision.BF16;
    }

    private Optional<String> eightBitCache() {
        return model.kvCachePrecision().filter(precision -> precision.startsWith("fp8"));
    }

    /** What is loaded: as said, else the repository of the catalogue's checkpoint, else the model's own name. */
    static String source(ServedModel model, EngineSettings settings) {
        return settings.servedFrom()
                .or(() -> model.architecture().flatMap(CATALOGUE::huggingFaceId))
                .orElse(model.name());
    }

    static ServingTask task(ServedModel model, EngineSettings settings) {
        return settings.task().orElseGet(() -> ServingTask.guess(source(model, settings), model.name()));
    }

    private void add(String flag, Object value) {
        arguments.add(flag);
        arguments.add(String.valueOf(value));
    }
}
