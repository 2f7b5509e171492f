package dev.scepsy.planner.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Vision and audio towers beside a language model: parameters by the shapes of the library's modelling code where the kind is
 * known, else blocks and patches alone, with a warning. Immutable.
 *
 * @param parameters of all towers, their projectors included
 * @param warnings what is estimated or left out
 */
record Towers(long parameters, List<String> warnings) {

    static Towers of(ConfigKeys top, ConfigKeys language, int hidden) {
        List<String> warnings = new ArrayList<>();
        long parameters = 0;
        Optional<ConfigKeys> thinker = top.object("thinker_config");
        for (String name : List.of("vision_config", "vit_config", "vision_tower_config")) {
            Optional<ConfigKeys> vision = thinker.flatMap(inner -> inner.object(name))
                    .or(() -> top.object(name))
                    .or(() -> language.object(name));
            if (vision.isPresent()) {
                parameters += vision(top, vision.get(), hidden, warnings);
            }
        }
        for (String name : List.of("audio_config", "talker_config", "code2wav_config", "dac_config")) {
            if (top.object(name).isPresent()
                    || thinker.flatMap(inner -> inner.object(name)).isPresent()) {
                warnings.add("The parts of the model under " + name + " are not counted: weights are larger by them.");
            }
        }
        return new Towers(parameters, List.copyOf(warnings));
    }

    private static long vision(ConfigKeys top, ConfigKeys vision, int hidden, List<String> warnings) {
        String type = (top.text("model_type", "") + " " + vision.text("model_type", "")).toLowerCase(Locale.ROOT);
        int before = vision.problems().size();
        long width = vision.requiredUpTo(ConfigKeys.MOST_HEADS, "hidden_size", "vt_hidden_size", "embed_dim", "width");
        long depth = vision.requiredUpTo(
                LayerPlan.MOST_LAYERS, "depth", "num_hidden_layers", "vt_num_hidden_layers", "layers");
        if (vision.problems().size() > before) {
            return 0;
        }
        if (type.contains("qwen3_vl") || type.contains("qwen3_5")) {
            return qwen3(vision, width, depth);
        }
        if (type.contains("gemma3") || type.contains("siglip")) {
            return siglip(vision, width, depth) + width * hidden + width;
        }
        if (type.contains("gemma4")) {
            return gemma4(vision, width, depth) + width * hidden;
        }
        if (type.contains("kimi_k25")) {
            return moonVit(vision, width, depth, hidden);
        }
        if (type.contains("pixtral")) {
            return pixtral(top, vision, width, depth, hidden);
        }
        if (type.contains("qwen2_5_vl")) {
            return qwen25(vision, width, depth);
        }
        long inner = inner(vision, 4 * width);
        warnings.add("The vision tower of this kind is not known: its blocks are counted, its projector is not."
                + " Compare the parameter count with the published one.");
        return depth * (4 * width * width + 2 * width * inner);
    }

    /** Pixels, frames or patches along one side. */
    private static int side(ConfigKeys vision, String name, int otherwise) {
        return vision.whole(1, 1 << 8, name).orElse(otherwise);
    }

    private static long inner(ConfigKeys vision, long otherwise) {
        return vision.whole(1, ConfigKeys.MOST, "intermediate_size", "vt_intermediate_size")
                .orElse((int) otherwise);
    }

    /** Biased matrices of a plain block and its two norms, each with a bias. */
    private static long block(long width, long inner) {
        return 4 * width * width + 4 * width + 2 * width * inner + inner + width + 4 * width;
    }

    private static long patches(ConfigKeys vision, int patchSize, int frames) {
        long side = side(vision, "patch_size", patchSize);
        long channels =
                vision.whole(1, 64, "in_channels", "num_channels", "in_chans").orElse(3);
        return channels * frames * side * side;
    }

    private static long qwen3(ConfigKeys vision, long width, long depth) {
        long out = vision.requiredUpTo(ConfigKeys.MOST_HIDDEN, "out_hidden_size");
        long merge = side(vision, "spatial_merge_size", 2);
        long merged = width * merge * merge;
        long merger = merged * merged + merged + merged * out + out;
        long deep = vision.list("deepstack_visual_indexes").size();
        return depth * block(width, inner(vision, 4 * width))
                + width * patches(vision, 16, side(vision, "temporal_patch_size", 2))
                + width
                + (long) vision.whole("num_position_embeddings", 0, 2304) * width
                + merger
                + 2 * width
                + deep * (merger + 2 * merged);
    }

    private static long siglip(ConfigKeys vision, long width, long depth) {
        long side = (long) vision.whole("image_size", 1, 896) / side(vision, "patch_size", 14);
        return depth * block(width, inner(vision, 4 * width))
                + width * patches(vision, 14, 1)
                + width
                + side * side * width
                + 2 * width;
    }

    /** Gated blocks without biases, four norms and norms per head; positions in two tables. */
    private static long gemma4(ConfigKeys vision, long width, long depth) {
        long inner = inner(vision, 4 * width);
        long head = vision.whole("head_dim", 1, 64);
        return depth * (4 * width * width + 3 * width * inner + 4 * width + 2 * head)
                + width * patches(vision, 16, 1)
                + 2L * vision.whole("position_embedding_size", 0, 10240) * width
                + 2 * width;
    }

    private static long moonVit(ConfigKeys vision, long width, long depth, int hidden) {
        long positions = (long) vision.whole("init_pos_emb_height", 1, 64) * vision.whole("init_pos_emb_width", 1, 64);
        long merged = 4 * width;
        return depth * block(width, inner(vision, 4 * width))
                + width * patches(vision, 14, 1)
                + width
                + positions * width
                + 2 * width
                + 2 * width
                + merged * merged
                + merged
                + merged * hidden
                + hidden;
    }

    /** Gated blocks without biases; Mistral-3 merges patches before it projects. */
    private static long pixtral(ConfigKeys top, ConfigKeys vision, long width, long depth, int hidden) {
        long inner = inner(vision, 4 * width);
        long merge = side(top, "spatial_merge_size", 1);
        long merger = merge > 1 ? merge * merge * width * width + width : 0;
        return depth * (4 * width * width + 3 * width * inner + 2 * width)
                + width * patches(vision, 16, 1)
                + width
                + merger
                + width * hidden
                + (long) hidden * hidden;
    }

    private static long qwen25(ConfigKeys vision, long width, long depth) {
        long inner = inner(vision, 3420);
        long out = vision.requiredUpTo(ConfigKeys.MOST_HIDDEN, "out_hidden_size");
        long merged = 4 * width;
        return depth * (4 * width * width + 4 * width + 3 * width * inner + 2 * inner + width + 2 * width)
                + width * patches(vision, 14, 2)
                + width
                + merged * merged
                + merged
                + merged * out
                + out;
    }
}
