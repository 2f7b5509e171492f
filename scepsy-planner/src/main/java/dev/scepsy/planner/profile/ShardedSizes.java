package dev.scepsy.planner.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What tensor parallelism cuts into t parts beside attention heads, experts and vocabulary. 0: the model has none, or nobody
 * knows. Immutable.
 *
 * @param feedForward inner width of a dense feed-forward block
 * @param sharedExpert inner width of what every token passes beside the chosen experts
 * @param stateHeads head counts of layers that keep a state instead of a cache (Mamba, linear attention), each cut by itself
 * @param stateGroups groups that Mamba's heads share projections in; a single one is copied
 * @param groups how the published checkpoint's weights share scales; empty: they do not, or nobody knows
 */
public record ShardedSizes(
        int feedForward, int sharedExpert, List<Integer> stateHeads, int stateGroups, Optional<WeightGroups> groups) {

    /** Nothing is known. */
    public static final ShardedSizes UNKNOWN = new ShardedSizes(0, 0, List.of(), 0, Optional.empty());

    public ShardedSizes {
        stateHeads = List.copyOf(stateHeads);
    }

    /**
     * As a Hugging Face {@code config.json} has it.
     *
     * @param language the object of the language model
     * @param whole the whole file, whose {@code quantization_config} may stand outside the language model
     */
    static ShardedSizes of(int feedForward, int sharedExpert, Map<String, ?> language, Map<String, ?> whole) {
        List<Integer> heads = new ArrayList<>();
        for (String key : List.of("mamba_num_heads", "linear_num_key_heads", "linear_num_value_heads")) {
            if (language.get(key) instanceof Number number && number.intValue() > 0) {
                heads.add(number.intValue());
            }
        }
        boolean mamba = language.containsKey("mamba_num_heads");
        int groups = mamba && language.get("n_groups") instanceof Number number ? number.intValue() : 0;
        Object quantisation = language.containsKey("quantization_config")
                ? language.get("quantization_config")
                : whole.get("quantization_config");
        return new ShardedSizes(feedForward, sharedExpert, heads, groups, WeightGroups.configured(quantisation));
    }
}
