package dev.scepsy.planner.profile;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a checkpoint's weights share scales: every {@code width} of them in a row of a matrix, or in a square block. An engine
 * that splits a matrix over GPUs cannot cut such a group in two. Immutable.
 *
 * @param precision the format that is grouped; weights in another one are not
 * @param width weights per group, at least 2
 */
public record WeightGroups(Precision precision, int width) {

    /** AWQ and GPTQ checkpoints are grouped; 128 is the default of both, the others occur where 128 does not fit. */
    private static final List<Integer> FOUR_BIT_DEFAULTS = List.of(128, 64, 32);

    /** @throws IllegalArgumentException if the group is narrower than 2 */
    public WeightGroups {
        if (width < 2) {
            throw new IllegalArgumentException("The width (" + width + ") of a group must be at least 2.");
        }
    }

    /** What holds for int4 weights of which nothing is known: the widest usual group that {@code width} is a multiple of. */
    static Optional<WeightGroups> usualFor(Precision precision, int width) {
        return precision != Precision.INT4
                ? Optional.empty()
                : FOUR_BIT_DEFAULTS.stream()
                        .filter(group -> width % group == 0)
                        .findFirst()
                        .map(group -> new WeightGroups(precision, group));
    }

    /** As the catalogue writes it, {@code fp8/128}; empty where it says nothing. */
    static Optional<WeightGroups> written(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        String[] parts = text.split("/");
        return Precision.of(parts[0]).map(precision -> new WeightGroups(precision, Integer.parseInt(parts[1])));
    }

    /**
     * What a {@code quantization_config} of a Hugging Face {@code config.json} says: {@code group_size} and {@code bits} of AWQ
     * and GPTQ, {@code weight_block_size} of block-scaled fp8, {@code config_groups} of compressed-tensors. MXFP4 is grouped as
     * well, but engines pad it; it counts as not grouped.
     */
    public static Optional<WeightGroups> configured(@Nullable Object quantisation) {
        if (!(quantisation instanceof Map<?, ?> map) || "mxfp4".equals(map.get("quant_method"))) {
            return Optional.empty();
        }
        if (map.get("weight_block_size") instanceof List<?> block && !block.isEmpty()) {
            return grouped(Precision.FP8, block.get(0));
        }
        if (map.get("config_groups") instanceof Map<?, ?> groups) {
            return groups.values().stream()
                    .flatMap(group -> group instanceof Map<?, ?> said
                                    && said.get("weights") instanceof Map<?, ?> weights
                            ? grouped(
                                    precision(weights.get("num_bits"), weights.get("type")), weights.get("group_size"))
                                    .stream()
                            : Optional.<WeightGroups>empty().stream())
                    .findFirst();
        }
        return grouped(precision(map.get("bits"), "int"), map.get("group_size"));
    }

    private static @Nullable Precision precision(@Nullable Object bits, @Nullable Object type) {
        boolean floating = "float".equals(type);
        if (!(bits instanceof Number number)) {
            return null;
        }
        return switch (number.intValue()) {
            case 4 -> floating ? Precision.FP4 : Precision.INT4;
            case 8 -> floating ? Precision.FP8 : Precision.INT8;
            default -> null;
        };
    }

    private static Optional<WeightGroups> grouped(@Nullable Precision precision, @Nullable Object width) {
        return precision != null && width instanceof Number number && number.intValue() >= 2
                ? Optional.of(new WeightGroups(precision, number.intValue()))
                : Optional.empty();
    }
}
