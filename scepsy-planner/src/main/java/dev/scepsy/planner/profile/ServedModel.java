package dev.scepsy.planner.profile;

import dev.scepsy.planner.allocation.GpuFraction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A model as {@code models.yaml} describes it. Immutable.
 *
 * @param name as requests name it
 * @param architecture catalogue key; empty when only measured profiles speak of it or when {@code configPath} is given
 * @param configPath path of a Hugging Face {@code config.json}, resolved against the models file
 * @param weightPrecision one of fp32 bf16 fp8 int8 int4 fp4
 * @param kvCachePrecision empty: as the engine's default (16 bit)
 * @param maxModelLength longest request, tokens; empty: the architecture's own limit
 * @param tensorParallel allowed degrees; empty: every degree that divides the attention heads
 * @param gpuFractions allowed fractions; empty: every fraction the node's grid has
 * @param gpus allowed GPU types; empty: all
 * @param minReplicas at least 1
 * @param maxReplicas empty: no limit
 * @param maxNumSeqs engine setting; empty: the engine's default
 * @param maxNumBatchedTokens engine setting; empty: the engine's default
 * @param prefixCacheHitRate part of the prompt tokens served from the prefix cache, in [0, 1)
 * @param aliases other names requests use for it
 * @param adapters LoRA adapters its engines serve beside it
 * @param engine what serves it: {@code vllm}, {@code sglang} or {@code trtllm}
 * @param external an API model: no GPUs; its latency is the workflow's {@code meanCallSeconds}
 */
public record ServedModel(
        String name,
        Optional<String> architecture,
        Optional<String> configPath,
        String weightPrecision,
        Optional<String> kvCachePrecision,
        OptionalInt maxModelLength,
        Set<Integer> tensorParallel,
        Set<GpuFraction> gpuFractions,
        Set<String> gpus,
        int minReplicas,
        OptionalInt maxReplicas,
        OptionalInt maxNumSeqs,
        OptionalInt maxNumBatchedTokens,
        OptionalDouble prefixCacheHitRate,
        List<String> aliases,
        List<Adapter> adapters,
        String engine,
        boolean external) {

    /** The engine of models that name none. */
    public static final String DEFAULT_ENGINE = "vllm";

    public ServedModel {
        tensorParallel = Set.copyOf(tensorParallel);
        gpuFractions = Set.copyOf(gpuFractions);
        gpus = Set.copyOf(gpus);
        aliases = List.copyOf(aliases);
        adapters = List.copyOf(adapters);
    }

    /** A 16-bit model in vLLM with every setting left to the engine, of which nothing more is known than its name. */
    public static ServedModel named(String name) {
        return new ServedModel(
                name,
                Optional.empty(),
                Optional.empty(),
                Precision.BF16.key(),
                Optional.empty(),
                OptionalInt.empty(),
                Set.of(),
                Set.of(),
                Set.of(),
                1,
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalDouble.empty(),
                List.of(),
                List.of(),
                DEFAULT_ENGINE,
                false);
    }

    /** By every name that requests use: its own, aliases, adapters. */
    public List<String> allNames() {
        List<String> names = new ArrayList<>();
        names.add(name);
        names.addAll(aliases);
        adapters.forEach(adapter -> names.add(adapter.name()));
        return names;
    }

    /** The keys of {@code models.yaml} that restrict where it may run, of those it has; in the order people write them. */
    public List<String> restrictions() {
        List<String> keys = new ArrayList<>();
        if (!tensorParallel.isEmpty()) {
            keys.add("tensorParallel");
        }
        if (!gpuFractions.isEmpty()) {
            keys.add("gpuFractions");
        }
        if (!gpus.isEmpty()) {
            keys.add("gpus");
        }
        return keys;
    }

    /** The same model with none of {@link #restrictions}. */
    public ServedModel unrestricted() {
        return new ServedModel(
                name,
                architecture,
                configPath,
                weightPrecision,
                kvCachePrecision,
                maxModelLength,
                Set.of(),
                Set.of(),
                Set.of(),
                minReplicas,
                maxReplicas,
                maxNumSeqs,
                maxNumBatchedTokens,
                prefixCacheHitRate,
                aliases,
                adapters,
                engine,
                external);
    }
}
