package dev.scepsy.planner.profile;

import java.util.List;
import java.util.Optional;

/**
 * What tensor parallelism cuts into t parts beside attention heads, experts and vocabulary. 0: the model has none, or nobody
 * knows. Immutable.
 *
 * @param feedForward inner width of a dense feed-forward block
 * @param sharedExpert inner width of what every token passes beside the chosen experts
 * @param stateHeads head counts of layers that keep a state instead of a cache (Mamba, linear attention), each cut by itself
 * @param groups how the published checkpoint's weights share scales; empty: they do not, or nobody knows
 */
public record ShardedSizes(int feedForward, int sharedExpert, List<Integer> stateHeads, Optional<WeightGroups> groups) {

    public ShardedSizes {
        stateHeads = List.copyOf(stateHeads);
    }
}
