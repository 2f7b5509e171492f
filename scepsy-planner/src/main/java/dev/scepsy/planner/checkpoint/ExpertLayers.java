package dev.scepsy.planner.checkpoint;

import dev.scepsy.planner.checkpoint.LayerPlan.Block;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Which layers of a mixture of experts have experts: files say it in a dozen ways. */
final class ExpertLayers {

    private ExpertLayers() {}

    static List<Block> of(ConfigKeys keys, int layers) {
        if (keys.has("mlp_layer_types")) {
            return words(keys, layers);
        }
        if (keys.isList("moe_layer_freq")) {
            return marks(keys, layers);
        }
        int firstDense = keys.whole(0, layers, "first_k_dense_replace", "num_dense_layers", "moe_layer_start_index")
                .orElse(0);
        int last = keys.whole(0, ConfigKeys.MOST, "moe_layer_end_index").orElse(layers - 1);
        int every = keys.whole(
                        1,
                        LayerPlan.MOST_LAYERS,
                        "moe_layer_freq",
                        "decoder_sparse_step",
                        "interleave_moe_layer_step",
                        "moe_layer_interval",
                        "expert_layer_period")
                .orElse(1);
        // Jamba counts from its offset, the others make the last of every group the one with experts
        int offset = keys.whole("expert_layer_offset", 0, every - 1);
        List<Integer> listedDense = keys.wholes("mlp_only_layers");
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            boolean dense = layer < firstDense
                    || layer > last
                    || listedDense.contains(layer)
                    || layer % every != offset % every;
            blocks.add(dense ? Block.DENSE : Block.EXPERTS);
        }
        return blocks;
    }

    private static List<Block> words(ConfigKeys keys, int layers) {
        List<?> words = keys.list("mlp_layer_types");
        if (words.size() < layers || !words.stream().allMatch(word -> "dense".equals(word) || "sparse".equals(word))) {
            keys.problem("The mlp_layer_types must have one dense or sparse per layer (" + layers + ").");
            return Collections.nCopies(layers, Block.EXPERTS);
        }
        return words.subList(0, layers).stream()
                .map(word -> "dense".equals(word) ? Block.DENSE : Block.EXPERTS)
                .toList();
    }

    private static List<Block> marks(ConfigKeys keys, int layers) {
        List<Integer> marks = keys.wholes("moe_layer_freq");
        if (marks.size() < layers) {
            keys.problem(
                    "The moe_layer_freq must have one 0 or 1 per layer (" + layers + "); it has " + marks.size() + ".");
            return Collections.nCopies(layers, Block.EXPERTS);
        }
        return marks.subList(0, layers).stream()
                .map(mark -> mark == 0 ? Block.DENSE : Block.EXPERTS)
                .toList();
    }
}
