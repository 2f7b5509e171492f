package dev.scepsy.planner.checkpoint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Which layer is of which kind: by the file's own list, by a pattern it names, or by the pattern of its family. A list whose
 * words are not all known is refused, and so is a window of which nothing says what layers it is for: taking it for all of
 * them would promise memory that is not there. Immutable.
 *
 * @param kinds one per layer
 * @param blocks one per layer: what follows the mixing
 * @param window tokens that windowed layers look back; empty: there are none
 */
record LayerPlan(List<LayerKind> kinds, List<Block> blocks, OptionalInt window) {

    /** What a layer computes per token. */
    enum Block {
        NOTHING,
        DENSE,
        EXPERTS
    }

    /** Layers are listed one by one in memory; more of them than this is a slip of the pen. */
    static final int MOST_LAYERS = 4096;

    private static final Map<String, LayerKind> WORDS = Map.ofEntries(
            Map.entry("full_attention", LayerKind.FULL),
            Map.entry("attention", LayerKind.FULL),
            Map.entry("sliding_attention", LayerKind.WINDOWED),
            Map.entry("chunked_attention", LayerKind.WINDOWED),
            Map.entry("linear_attention", LayerKind.GATED_DELTA),
            Map.entry("mamba", LayerKind.MAMBA2),
            // all is cached, and an indexer picks what is read
            Map.entry("deepseek_sparse_attention", LayerKind.FULL),
            Map.entry("conv", LayerKind.CONVOLUTION));

    LayerPlan {
        kinds = List.copyOf(kinds);
        blocks = List.copyOf(blocks);
    }

    static LayerPlan of(ConfigKeys keys, Family family, int layers, boolean experts) {
        if (keys.has("hybrid_override_pattern") || keys.has("layers_block_type")) {
            return interleaved(keys, layers);
        }
        OptionalInt window = window(keys, family);
        List<LayerKind> kinds = kinds(keys, family, layers, window);
        boolean windowed = kinds.contains(LayerKind.WINDOWED);
        if (windowed && window.isEmpty()) {
            keys.problem("Some layers are windowed, but the file has no sliding_window: take the published file.");
        }
        return new LayerPlan(
                kinds,
                experts ? ExpertLayers.of(keys, layers) : Collections.nCopies(layers, Block.DENSE),
                windowed ? window : OptionalInt.empty());
    }

    private static OptionalInt window(ConfigKeys keys, Family family) {
        if (family.window().equals("chunked")) {
            return keys.whole(1, Integer.MAX_VALUE, "attention_chunk_size");
        }
        // a window of 0 stands for none in some files
        OptionalInt window = keys.whole(0, Integer.MAX_VALUE, "sliding_window", "sliding_window_size");
        return window.orElse(0) == 0 ? OptionalInt.empty() : window;
    }

    private static List<LayerKind> kinds(ConfigKeys keys, Family family, int layers, OptionalInt window) {
        if (keys.has("layer_types")) {
            return listed(keys, family, layers);
        }
        LayerKind attention = family.layout().equals("latent") ? LayerKind.LATENT : LayerKind.FULL;
        switch (family.type()) {
            case "kimi_linear" -> {
                return kimiLinear(keys, layers);
            }
            case "mimo_v2_flash" -> {
                return marked(keys, "hybrid_layer_pattern", layers, LayerKind.FULL, LayerKind.WINDOWED);
            }
            case "minimax", "minimax_text_01" -> {
                return marked(keys, "attn_type_list", layers, LayerKind.LIGHTNING, LayerKind.FULL);
            }
            case "lfm2", "lfm2_moe" -> {
                return indexed(keys, "full_attn_idxs", layers, LayerKind.CONVOLUTION);
            }
            case "bamba" -> {
                return indexed(keys, "attn_layer_indices", layers, LayerKind.MAMBA2);
            }
            case "falcon_h1" -> {
                return Collections.nCopies(layers, LayerKind.FULL_AND_MAMBA2);
            }
            case "jamba" -> {
                return everyNth(
                        layers,
                        keys.whole("attn_layer_period", 1, 8),
                        keys.whole("attn_layer_offset", 0, 4),
                        LayerKind.FULL,
                        LayerKind.MAMBA);
            }
            default -> {
                if (family.defaults().containsKey("full_attention_interval")) {
                    int interval = keys.whole("full_attention_interval", 1, 4);
                    return everyNth(layers, interval, interval - 1, LayerKind.FULL, LayerKind.GATED_DELTA);
                }
                return windowed(keys, family, layers, window, attention);
            }
        }
    }

    private static List<LayerKind> windowed(
            ConfigKeys keys, Family family, int layers, OptionalInt window, LayerKind attention) {
        boolean used = keys.flag("use_sliding_window", !family.window().equals("upper"));
        OptionalInt stated = pattern(keys);
        List<LayerKind> none = Collections.nCopies(layers, attention);
        if (window.isEmpty() || !used || family.window().equals("none")) {
            return none;
        }
        if (stated.isPresent()) {
            return everyNth(layers, stated.getAsInt(), stated.getAsInt() - 1, attention, LayerKind.WINDOWED);
        }
        switch (family.window().split(":")[0]) {
            case "all" -> {
                return Collections.nCopies(layers, LayerKind.WINDOWED);
            }
            case "upper" -> {
                int full = Math.min(layers, keys.whole("max_window_layers", 0, layers));
                List<LayerKind> kinds = new ArrayList<>(Collections.nCopies(full, LayerKind.FULL));
                kinds.addAll(Collections.nCopies(layers - full, LayerKind.WINDOWED));
                return kinds;
            }
            case "chunked" -> {
                return chunked(keys, layers);
            }
            case "pattern" -> {
                int nth = Integer.parseInt(family.window().split(":")[1]);
                // gpt-oss and Gemma-2 begin with a windowed layer, as those with longer patterns do
                return everyNth(layers, nth, nth - 1, LayerKind.FULL, LayerKind.WINDOWED);
            }
            default -> {
                keys.problem("The file has a sliding_window (" + window.getAsInt()
                        + ") and nothing says which layers it is for: add layer_types (sliding_attention or"
                        + " full_attention per layer), sliding_window_pattern, or \"use_sliding_window\": false.");
                return none;
            }
        }
    }

    private static OptionalInt pattern(ConfigKeys keys) {
        for (String name : List.of("sliding_window_pattern", "_sliding_window_pattern")) {
            // Exaone writes LLLG: three local layers, one global
            if (keys.raw(name) instanceof String letters) {
                if (letters.matches("L*G")) {
                    return OptionalInt.of(letters.length());
                }
                keys.problem(keys.sentence(name, letters, "be a number or letters such as LLLG"));
            } else if (keys.has(name)) {
                return keys.whole(1, MOST_LAYERS, name);
            }
        }
        return OptionalInt.empty();
    }

    /** Llama 4: layers without rotary positions see everything, all others their chunk. */
    private static List<LayerKind> chunked(ConfigKeys keys, int layers) {
        List<Integer> rotary = keys.wholes("no_rope_layers");
        int interval = keys.whole("no_rope_layer_interval", 1, 4);
        return rotary.size() >= layers
                ? rotary.subList(0, layers).stream()
                        .map(one -> one == 1 ? LayerKind.WINDOWED : LayerKind.FULL)
                        .toList()
                : everyNth(layers, interval, interval - 1, LayerKind.FULL, LayerKind.WINDOWED);
    }

    private static List<LayerKind> listed(ConfigKeys keys, Family family, int layers) {
        List<?> words = keys.list("layer_types");
        if (words.size() < layers) {
            keys.problem("The layer_types has " + words.size() + " entries for " + layers
                    + " layers: it must have one per layer.");
            return Collections.nCopies(layers, LayerKind.FULL);
        }
        List<LayerKind> kinds = new ArrayList<>();
        for (Object word : words.subList(0, layers)) {
            LayerKind kind = WORDS.get(String.valueOf(word));
            if (kind == null) {
                keys.problem("The layer_types has an entry (" + ConfigKeys.shown(word)
                        + ") that is not understood; known are "
                        + String.join(", ", WORDS.keySet().stream().sorted().toList())
                        + ". Give measured profiles instead.");
                kind = LayerKind.FULL;
            }
            if (kind == LayerKind.GATED_DELTA && family.type().startsWith("minimax")) {
                kind = LayerKind.LIGHTNING;
            }
            if (kind == LayerKind.FULL && family.layout().equals("latent")) {
                kind = LayerKind.LATENT;
            }
            kinds.add(kind);
        }
        return kinds;
    }

    private static List<LayerKind> marked(ConfigKeys keys, String name, int layers, LayerKind zero, LayerKind one) {
        List<Integer> marks = keys.wholes(name);
        if (marks.size() < layers) {
            keys.problem("The field " + name + " must have one 0 or 1 per layer (" + layers + "); it has "
                    + marks.size() + ". Take the published file.");
            return Collections.nCopies(layers, zero);
        }
        return marks.subList(0, layers).stream()
                .map(mark -> mark == 0 ? zero : one)
                .toList();
    }

    private static List<LayerKind> indexed(ConfigKeys keys, String name, int layers, LayerKind others) {
        LayerKind[] kinds = new LayerKind[layers];
        Arrays.fill(kinds, others);
        List<Integer> attention = keys.wholes(name);
        if (attention.isEmpty()) {
            keys.problem("The field " + name + " (or layer_types), which says what layers have attention, is missing.");
        }
        attention.stream().filter(layer -> layer < layers).forEach(layer -> kinds[layer] = LayerKind.FULL);
        return List.of(kinds);
    }

    private static List<LayerKind> everyNth(int layers, int nth, int offset, LayerKind hit, LayerKind others) {
        List<LayerKind> kinds = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            kinds.add(layer % nth == offset % nth ? hit : others);
        }
        return kinds;
    }

    /** Layers are counted from 1 there. */
    private static List<LayerKind> kimiLinear(ConfigKeys keys, int layers) {
        LayerKind[] kinds = new LayerKind[layers];
        Arrays.fill(kinds, LayerKind.KIMI_DELTA);
        List<Integer> full = keys.object("linear_attn_config")
                .map(linear -> linear.wholes("full_attn_layers"))
                .orElse(List.of());
        if (full.isEmpty()) {
            keys.problem("The field linear_attn_config.full_attn_layers is missing.");
        }
        full.stream()
                .filter(layer -> layer >= 1 && layer <= layers)
                .forEach(layer -> kinds[layer - 1] = LayerKind.LATENT);
        return List.of(kinds);
    }

    /** Nemotron-H: one thing per layer, M state space, * attention, E experts, - feed-forward. */
    private static LayerPlan interleaved(ConfigKeys keys, int layers) {
        List<String> words = keys.isList("layers_block_type")
                ? keys.list("layers_block_type").stream().map(String::valueOf).toList()
                : keys.text("hybrid_override_pattern", "")
                        .chars()
                        .mapToObj(letter -> String.valueOf((char) letter))
                        .toList();
        if (words.size() != layers) {
            keys.problem("The layer pattern has " + words.size() + " entries for " + layers
                    + " layers: it must have one per layer.");
        }
        List<LayerKind> kinds = new ArrayList<>();
        List<Block> blocks = new ArrayList<>();
        for (String word : words) {
            switch (word.toLowerCase(Locale.ROOT)) {
                case "m", "mamba" -> kinds.add(LayerKind.MAMBA2);
                case "*", "attention" -> kinds.add(LayerKind.FULL);
                case "e", "moe", "-", "mlp" -> kinds.add(LayerKind.NOTHING);
                default -> {
                    keys.problem("The layer pattern has an entry (" + ConfigKeys.shown(word)
                            + ") that is not understood; known are M, *, E and -.");
                    kinds.add(LayerKind.NOTHING);
                }
            }
            blocks.add(
                    switch (word.toLowerCase(Locale.ROOT)) {
                        case "e", "moe" -> Block.EXPERTS;
                        case "-", "mlp" -> Block.DENSE;
                        default -> Block.NOTHING;
                    });
        }
        return new LayerPlan(kinds, blocks, OptionalInt.empty());
    }
}
