package dev.scepsy.planner.checkpoint;

import dev.scepsy.planner.profile.LayerGroup;
import dev.scepsy.planner.profile.Quantisation;
import dev.scepsy.planner.profile.Quantisation.Kind;
import dev.scepsy.planner.profile.Quantisation.Stored;
import dev.scepsy.planner.profile.WeightPart;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How a checkpoint stores its weights, from {@code quantization_config}: the method, its scales, and the modules that it
 * leaves alone. A method that is not understood is a problem: the weights would be wrong by a factor of two or four.
 */
final class QuantisationReader {

    private static final List<WeightPart> MATRICES = List.of(
            WeightPart.ATTENTION,
            WeightPart.RECURRENT,
            WeightPart.DENSE,
            WeightPart.SHARED_EXPERTS,
            WeightPart.ROUTED_EXPERTS);

    private final ConfigKeys keys;
    private final List<LayerGroup> groups;
    private final Map<WeightPart, Stored> stored = new EnumMap<>(WeightPart.class);

    private QuantisationReader(ConfigKeys keys, List<LayerGroup> groups) {
        this.keys = keys;
        this.groups = groups;
    }

    /** Empty where the weights are stored in 16 bit, or where problems were found. */
    static Optional<Quantisation> of(ConfigKeys top, ConfigKeys language, List<LayerGroup> groups) {
        Optional<ConfigKeys> keys = top.object("quantization_config").or(() -> language.object("quantization_config"));
        if (keys.isEmpty() || groups.isEmpty()) {
            return Optional.empty();
        }
        QuantisationReader reader = new QuantisationReader(keys.get(), groups);
        reader.read();
        reader.stored.keySet().removeIf(part -> reader.layersWith(part) == 0);
        return reader.stored.isEmpty() ? Optional.empty() : Optional.of(new Quantisation(reader.stored));
    }

    private void read() {
        String method = keys.text("quant_method", keys.has("quant_algo") ? "modelopt" : "")
                .toLowerCase(Locale.ROOT);
        switch (method) {
            case "fp8" -> everywhere(fp8());
            case "fbgemm_fp8" -> everywhere(new Stored(Kind.FP8_CHANNEL, 8, 1));
            case "awq", "gptq", "awq_marlin", "gptq_marlin", "auto-round" ->
                everywhere(grouped(
                        keys.whole(1, 16, "bits", "w_bit").orElse(4),
                        keys.whole(-1, 1 << 16, "group_size", "q_group_size").orElse(128),
                        keys.flag("zero_point", !keys.flag("sym", method.startsWith("gptq")))));
            case "bitsandbytes" ->
                everywhere(
                        keys.flag("load_in_4bit", keys.flag("_load_in_4bit", false))
                                ? new Stored(Kind.NF4, keys.flag("bnb_4bit_use_double_quant", false) ? 4.127 : 4.5, 1)
                                : new Stored(Kind.INT8, 8, 1));
            case "mxfp4" -> stored.put(WeightPart.ROUTED_EXPERTS, new Stored(Kind.MXFP4, 4.25, 1));
            case "compressed-tensors" -> configGroups();
            case "modelopt", "modelopt_fp4" -> modelopt();
            default ->
                keys.problem("The quantization_config has a quant_method (" + method + ") that is not understood;"
                        + " known are awq, bitsandbytes, compressed-tensors, fbgemm_fp8, fp8, gptq, modelopt and mxfp4."
                        + " Remove the block and say weightPrecision, or give measured profiles.");
        }
        leaveAlone();
    }

    private Stored fp8() {
        List<Integer> block = keys.wholes("weight_block_size");
        return block.size() == 2 && block.get(0) > 0 && block.get(1) > 0
                ? new Stored(Kind.FP8_BLOCK, 8 + 32.0 / ((double) block.get(0) * block.get(1)), 1)
                : new Stored(Kind.FP8_TENSOR, 8, 1);
    }

    private void everywhere(@Nullable Stored how) {
        if (how != null) {
            MATRICES.forEach(part -> stored.put(part, how));
            if (keys.flag("lm_head", false)) {
                stored.put(WeightPart.HEAD, how);
            }
        }
    }

    /** Integers in groups: a 16-bit scale each, and a zero point of the same width where it is not symmetric. */
    private @Nullable Stored grouped(int bits, int groupSize, boolean zeroPoints) {
        if (bits == 8) {
            return new Stored(Kind.INT8, 8, 1);
        }
        if (bits != 4) {
            keys.problem(
                    "The quantization_config has " + bits + "-bit integers; 4 and 8 are understood. Remove the block"
                            + " and say weightPrecision, or give measured profiles.");
            return null;
        }
        double scales = groupSize < 1 ? 0 : (16.0 + (zeroPoints ? 4 : 0)) / groupSize;
        return new Stored(Kind.INT4_GROUP, 4 + scales, 1);
    }

    private void configGroups() {
        for (ConfigKeys group : keys.objects("config_groups")) {
            Optional<ConfigKeys> weights = group.object("weights");
            if (weights.isPresent()) {
                @Nullable Stored how = compressed(weights.get(), group.text("format", keys.text("format", "")));
                if (how != null) {
                    targets(group.texts("targets"), how);
                }
            }
        }
    }

    private @Nullable Stored compressed(ConfigKeys weights, String format) {
        int bits = weights.whole(1, 16, "num_bits").orElse(8);
        int groupSize = weights.whole(-1, 1 << 16, "group_size").orElse(0);
        String strategy = weights.text("strategy", "");
        if (weights.text("type", "int").equals("int")) {
            return grouped(bits, groupSize, !weights.flag("symmetric", true));
        }
        if (bits == 4) {
            return format.startsWith("mxfp4") || groupSize == 32
                    ? new Stored(Kind.MXFP4, 4.25, 1)
                    : new Stored(Kind.NVFP4, 4.5, 1);
        }
        return switch (strategy) {
            case "block" -> new Stored(Kind.FP8_BLOCK, 8 + 32.0 / (128 * 128), 1);
            case "channel" -> new Stored(Kind.FP8_CHANNEL, 8, 1);
            default -> new Stored(Kind.FP8_TENSOR, 8, 1);
        };
    }

    private void targets(List<String> targets, Stored how) {
        if (targets.isEmpty() || targets.contains("Linear")) {
            everywhere(how);
            return;
        }
        shares(targets)
                .forEach((part, share) -> stored.merge(
                        part, new Stored(how.kind(), how.bitsPerWeight(), share), (old, added) -> larger(old, added)));
    }

    /** Two formats in one part: the one that holds more of it speaks for all of it. */
    private static Stored larger(Stored one, Stored other) {
        return other.share() >= one.share() ? other : one;
    }

    private void modelopt() {
        if (!keys.keysOf("quantized_layers").isEmpty()) {
            Map<String, List<String>> byAlgorithm = keys.textsByValueOf("quantized_layers", "quant_algo");
            byAlgorithm.forEach((algorithm, modules) -> {
                @Nullable Stored how = algorithm(algorithm);
                if (how != null) {
                    targets(modules, how);
                }
            });
            return;
        }
        @Nullable Stored how = algorithm(keys.text("quant_algo", ""));
        everywhere(how);
    }

    private @Nullable Stored algorithm(String algorithm) {
        return switch (algorithm.toUpperCase(Locale.ROOT)) {
            case "FP8" -> new Stored(Kind.FP8_TENSOR, 8, 1);
            case "FP8_PER_CHANNEL_PER_TOKEN" -> new Stored(Kind.FP8_CHANNEL, 8, 1);
            case "FP8_PB_WO", "FP8_BLOCK_SCALES" -> new Stored(Kind.FP8_BLOCK, 8 + 32.0 / (128 * 128), 1);
            case "NVFP4", "W4A16_NVFP4", "NVFP4_AWQ" -> new Stored(Kind.NVFP4, 4.5, 1);
            case "MXFP4", "W4A8_MXFP4_FP8" -> new Stored(Kind.MXFP4, 4.25, 1);
            case "W4A16_AWQ", "W4A8_AWQ" -> new Stored(Kind.INT4_GROUP, 4 + 16.0 / 128, 1);
            default -> {
                keys.problem("The quantization_config has a quant_algo (" + algorithm + ") that is not understood."
                        + " Remove the block and say weightPrecision, or give measured profiles.");
                yield null;
            }
        };
    }

    private void leaveAlone() {
        List<String> modules = List.of(
                        "modules_to_not_convert",
                        "ignore",
                        "ignored_layers",
                        "exclude_modules",
                        "llm_int8_skip_modules")
                .stream()
                .flatMap(name -> keys.texts(name).stream())
                .toList();
        Map<WeightPart, Double> left = shares(modules);
        left.forEach((part, share) -> {
            Stored how = stored.get(part);
            if (how != null && share >= 1 - 1e-9) {
                stored.remove(part);
            } else if (how != null) {
                stored.put(part, new Stored(how.kind(), how.bitsPerWeight(), how.share() * (1 - share)));
            }
        });
    }

    /** By part, the share of its layers that {@code modules} speak of; a module without a layer's number means all. */
    private Map<WeightPart, Double> shares(List<String> modules) {
        Map<WeightPart, Set<Integer>> layers = new EnumMap<>(WeightPart.class);
        Map<WeightPart, Double> shares = new EnumMap<>(WeightPart.class);
        for (String module : modules) {
            ModuleName name = ModuleName.of(module);
            if (name.part().isEmpty()) {
                continue;
            }
            OptionalInt layer = name.layer();
            if (layer.isEmpty()) {
                shares.put(name.part().get(), 1.0);
            } else {
                layers.computeIfAbsent(name.part().get(), part -> new TreeSet<>())
                        .add(layer.getAsInt());
            }
        }
        layers.forEach((part, numbers) ->
                shares.merge(part, Math.min(1, (double) numbers.size() / Math.max(1, layersWith(part))), Math::max));
        return shares;
    }

    private long layersWith(WeightPart part) {
        return groups.stream()
                .filter(group -> ModuleName.partsOf(group).contains(part))
                .mapToInt(LayerGroup::count)
                .sum();
    }
}
