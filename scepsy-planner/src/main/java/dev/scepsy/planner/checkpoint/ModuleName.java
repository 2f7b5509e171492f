package dev.scepsy.planner.checkpoint;

import dev.scepsy.planner.profile.FeedForward;
import dev.scepsy.planner.profile.LayerGroup;
import dev.scepsy.planner.profile.TokenMixer;
import dev.scepsy.planner.profile.WeightPart;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a module's name, or a pattern of names, in a list of a {@code quantization_config} speaks of.
 *
 * @param part the part of the weights; empty for what is never quantised (norms, routers, embeddings, towers)
 * @param layer the layer's number; empty: all layers
 */
record ModuleName(Optional<WeightPart> part, OptionalInt layer) {

    private static final Pattern LAYER = Pattern.compile("(?:layers|blocks|h)\\.(\\d+)\\.(.*)");
    private static final Pattern ROUTER = Pattern.compile("(gate|router)(\\*|\\.weight|\\.e_score_correction_bias)?$");

    static ModuleName of(String name) {
        String plain = name.replace("re:", "").replace("\\", "");
        Matcher numbered = LAYER.matcher(plain);
        OptionalInt layer = OptionalInt.empty();
        String module = plain;
        if (numbered.find()) {
            layer = OptionalInt.of(Integer.parseInt(numbered.group(1)));
            module = numbered.group(2);
        }
        return new ModuleName(part(module), layer);
    }

    private static Optional<WeightPart> part(String module) {
        if (contains(module, "vision", "visual", "mm_projector", "audio", "embed", "norm", "conv1d", "indexer", "mtp")
                || module.contains("shared_expert_gate")
                || ROUTER.matcher(module).find()) {
            return Optional.empty();
        }
        if (module.contains("lm_head")) {
            return Optional.of(WeightPart.HEAD);
        }
        if (contains(module, "linear_attn", "mamba", "in_proj", "out_proj")) {
            return Optional.of(WeightPart.RECURRENT);
        }
        if (contains(
                module, "attn", "attention", "q_proj", "k_proj", "v_proj", "o_proj", "kv_a", "q_a", "kv_b", "q_b")) {
            return Optional.of(WeightPart.ATTENTION);
        }
        if (contains(module, "shared_expert")) {
            return Optional.of(WeightPart.SHARED_EXPERTS);
        }
        if (module.contains("experts")) {
            return Optional.of(WeightPart.ROUTED_EXPERTS);
        }
        return contains(module, "mlp", "gate_proj", "up_proj", "down_proj", "feed_forward", "fc1", "fc2")
                ? Optional.of(WeightPart.DENSE)
                : Optional.empty();
    }

    private static boolean contains(String module, String... words) {
        for (String word : words) {
            if (module.contains(word)) {
                return true;
            }
        }
        return false;
    }

    /** The parts that layers of {@code group} have. */
    static Set<WeightPart> partsOf(LayerGroup group) {
        Set<WeightPart> parts = EnumSet.of(WeightPart.HEAD);
        for (TokenMixer mixer : group.mixers()) {
            parts.add(mixer instanceof TokenMixer.Recurrent ? WeightPart.RECURRENT : WeightPart.ATTENTION);
        }
        if (group.feedForward() instanceof FeedForward.Dense) {
            parts.add(WeightPart.DENSE);
        } else if (group.feedForward() instanceof FeedForward.Experts experts) {
            parts.add(WeightPart.ROUTED_EXPERTS);
            if (experts.sharedWidth() + experts.latentSize() > 0) {
                parts.add(WeightPart.SHARED_EXPERTS);
            }
        }
        return parts;
    }
}
