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
        return new Builder(name).build();
    }

    /** The same model, to be changed. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Collects what is known of a model; what is not said is left to the engine. Mutable, for one thread. */
    public static final class Builder {
        private final String name;
        private Optional<String> architecture = Optional.empty();
        private Optional<String> configPath = Optional.empty();
        private String weightPrecision = Precision.BF16.key();
        private Optional<String> kvCachePrecision = Optional.empty();
        private OptionalInt maxModelLength = OptionalInt.empty();
        private Set<Integer> tensorParallel = Set.of();
        private Set<GpuFraction> gpuFractions = Set.of();
        private Set<String> gpus = Set.of();
        private int minReplicas = 1;
        private OptionalInt maxReplicas = OptionalInt.empty();
        private OptionalInt maxNumSeqs = OptionalInt.empty();
        private OptionalInt maxNumBatchedTokens = OptionalInt.empty();
        private OptionalDouble prefixCacheHitRate = OptionalDouble.empty();
        private List<String> aliases = List.of();
        private List<Adapter> adapters = List.of();
        private String engine = DEFAULT_ENGINE;
        private boolean external;

        private Builder(String name) {
            this.name = name;
        }

        private Builder(ServedModel model) {
            name = model.name;
            architecture = model.architecture;
            configPath = model.configPath;
            weightPrecision = model.weightPrecision;
            kvCachePrecision = model.kvCachePrecision;
            maxModelLength = model.maxModelLength;
            tensorParallel = model.tensorParallel;
            gpuFractions = model.gpuFractions;
            gpus = model.gpus;
            minReplicas = model.minReplicas;
            maxReplicas = model.maxReplicas;
            maxNumSeqs = model.maxNumSeqs;
            maxNumBatchedTokens = model.maxNumBatchedTokens;
            prefixCacheHitRate = model.prefixCacheHitRate;
            aliases = model.aliases;
            adapters = model.adapters;
            engine = model.engine;
            external = model.external;
        }

        /** Its key in the catalogue. */
        public Builder architecture(String key) {
            architecture = Optional.of(key);
            return this;
        }

        public Builder weightPrecision(String key) {
            weightPrecision = key;
            return this;
        }

        /** Longest request, tokens. */
        public Builder maxModelLength(int tokens) {
            maxModelLength = OptionalInt.of(tokens);
            return this;
        }

        public Builder minReplicas(int replicas) {
            minReplicas = replicas;
            return this;
        }

        public Builder maxNumSeqs(int requests) {
            maxNumSeqs = OptionalInt.of(requests);
            return this;
        }

        public Builder maxNumBatchedTokens(int tokens) {
            maxNumBatchedTokens = OptionalInt.of(tokens);
            return this;
        }

        /** An API model: no GPUs. */
        public Builder external(boolean elsewhere) {
            external = elsewhere;
            return this;
        }

        /** Part of the prompt tokens served from the prefix cache, in [0, 1). */
        public Builder prefixCacheHitRate(double rate) {
            prefixCacheHitRate = OptionalDouble.of(rate);
            return this;
        }

        public Builder aliases(List<String> names) {
            aliases = names;
            return this;
        }

        public Builder adapters(List<Adapter> served) {
            adapters = served;
            return this;
        }

        /** {@code vllm}, {@code sglang} or {@code trtllm}. */
        public Builder engine(String key) {
            engine = key;
            return this;
        }

        /** Any degree, fraction and GPU type. */
        public Builder anywhere() {
            tensorParallel = Set.of();
            gpuFractions = Set.of();
            gpus = Set.of();
            return this;
        }

        public ServedModel build() {
            return new ServedModel(
                    name,
                    architecture,
                    configPath,
                    weightPrecision,
                    kvCachePrecision,
                    maxModelLength,
                    tensorParallel,
                    gpuFractions,
                    gpus,
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
        return toBuilder().anywhere().build();
    }
}
