package dev.scepsy.planner.checkpoint;

import dev.scepsy.planner.profile.ArchitectureResult;
import dev.scepsy.planner.profile.FeedForward;
import dev.scepsy.planner.profile.LayerGroup;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.ModelArchitecture.Kind;
import dev.scepsy.planner.profile.Quantisation;
import dev.scepsy.planner.profile.TokenMixer;
import dev.scepsy.planner.profile.WeightGroups;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * An architecture from a Hugging Face {@code config.json}: decoders with multi-head, grouped-query, windowed or latent
 * attention, experts, state-space and linear-attention layers, and BERT-like encoders, with their vision towers and the
 * format the weights are stored in. Counts are computed from the shape, layer by layer. Families that are not known are
 * refused with what was found, or answered with a warning where every key of the file was understood.
 */
public final class HuggingFaceConfig {

    /** Where multimodal files keep the language model, outermost first. */
    private static final List<String> NESTED =
            List.of("thinker_config", "text_config", "llm_config", "language_config", "language_model_config");

    /** Keys that change the shape in ways that are not understood: what is computed without them is wrong. */
    private static final List<String> NOT_UNDERSTOOD = List.of(
            "routed_expert_hidden_size",
            "compress_ratios",
            "o_lora_rank",
            "hc_mult",
            "altup_num_inputs",
            "laurel_rank",
            "cross_attention_layers",
            "block_configs",
            "num_mem_blocks",
            "query_pre_attn_lora_rank",
            "ngram_embedding_size");

    /** Types without attention, or with layers that share weights in ways of their own. */
    private static final Set<String> NOT_TRANSFORMERS = Set.of(
            "mamba",
            "mamba2",
            "falcon_mamba",
            "rwkv",
            "rwkv5",
            "rwkv6",
            "rwkv7",
            "xlstm",
            "zamba",
            "zamba2",
            "recurrent_gemma");

    /** More parameters than any model has by a factor of a hundred. */
    private static final double MOST_PARAMETERS = 1e15;

    private final ConfigKeys top;
    private final ConfigKeys keys;
    private final String type;
    private final List<String> warnings = new ArrayList<>();

    private HuggingFaceConfig(ConfigKeys top, ConfigKeys keys, String type) {
        this.top = top;
        this.keys = keys;
        this.type = type;
    }

    /**
     * The architecture that {@code json} describes.
     *
     * @param name what messages and plans shall call it
     * @param json the file's object: strings, numbers, booleans, lists and maps
     */
    public static ArchitectureResult read(String name, Map<String, ?> json) {
        ConfigKeys top = ConfigKeys.of(json);
        ConfigKeys language = language(top);
        String type = language.text("model_type", top.text("model_type", "")).toLowerCase(Locale.ROOT);
        Optional<Family> known = Family.of(type);
        ConfigKeys keys = known.filter(family -> !family.defaults().isEmpty())
                .map(family -> language.over(ConfigKeys.of(family.defaults())))
                .orElse(language);
        HuggingFaceConfig config = new HuggingFaceConfig(top, keys, type);
        Optional<ModelArchitecture> architecture = config.architecture(name, known);
        return keys.problems().isEmpty() && architecture.isPresent()
                ? new ArchitectureResult.Known(architecture.get(), config.warnings)
                : new ArchitectureResult.Unknown(keys.problems());
    }

    private static ConfigKeys language(ConfigKeys top) {
        ConfigKeys found = top;
        for (String name : NESTED) {
            found = found.object(name).orElse(found);
        }
        return found;
    }

    private Optional<ModelArchitecture> architecture(String name, Optional<Family> known) {
        refuseWhatIsNotModelled();
        boolean encoder = known.filter(Family::isEncoder).isPresent();
        int layers = layers();
        int hidden = keys.requiredUpTo(ConfigKeys.MOST_HIDDEN, "hidden_size", "n_embd", "d_model", "dim");
        int heads = keys.requiredUpTo(ConfigKeys.MOST_HEADS, "num_attention_heads", "n_head", "n_heads");
        int vocabulary = keys.requiredUpTo(ConfigKeys.MOST * 4, "vocab_size", "padded_vocab_size");
        if (!keys.problems().isEmpty()) {
            hintAtNested();
            return Optional.empty();
        }
        Family family = known.orElse(Family.plain(type));
        List<LayerGroup> groups = encoder
                ? new EncoderReader(keys, family, layers, hidden, heads).groups()
                : new DecoderReader(keys, family, layers, hidden, heads).groups();
        boolean layersUnderstood = keys.problems().isEmpty();
        Towers towers = Towers.of(top, keys, hidden);
        warnings.addAll(towers.warnings());
        Optional<Quantisation> quantisation = QuantisationReader.of(top, keys, groups);
        OptionalInt context = ContextLength.of(keys);
        boolean tied = encoder || keys.flag("tie_word_embeddings", top.flag("tie_word_embeddings", family.tied()));
        FurtherTables tables = FurtherTables.of(keys, family, layers, hidden, context);
        if (known.isEmpty() && layersUnderstood) {
            judgeUnknown();
        }
        if (!keys.problems().isEmpty()) {
            return Optional.empty();
        }
        if (tooLarge(groups, hidden)) {
            keys.problem(
                    "The widths, layers and experts of the file add up to more than 10^15 parameters. Correct them, or"
                            + " take the file that was published with the weights.");
            return Optional.empty();
        }
        boolean experts = groups.stream().anyMatch(group -> group.feedForward() instanceof FeedForward.Experts);
        ModelArchitecture architecture = new ModelArchitecture(
                name,
                encoder ? Kind.ENCODER : experts ? Kind.MOE : Kind.DENSE,
                hidden,
                vocabulary,
                groups,
                hidden + tables.otherParameters(),
                tables.lookupParameters(),
                towers.parameters(),
                tied,
                context,
                quantisation,
                WeightGroups.configured(
                        keys.has("quantization_config")
                                ? keys.raw("quantization_config")
                                : top.raw("quantization_config")));
        return Optional.of(architecture);
    }

    /** In floating point, because integers would wrap around. */
    private static boolean tooLarge(List<LayerGroup> groups, int hidden) {
        double parameters = 0;
        for (LayerGroup group : groups) {
            double width = hidden;
            if (group.feedForward() instanceof FeedForward.Experts experts) {
                width += 3.0 * experts.routed() * experts.width() + 3.0 * experts.sharedWidth();
            } else if (group.feedForward() instanceof FeedForward.Dense dense) {
                width += 3.0 * dense.width();
            }
            for (TokenMixer mixer : group.mixers()) {
                width += mixer instanceof TokenMixer.Attention attention
                        ? 4.0 * attention.heads() * Math.max(attention.keySize(), attention.valueSize())
                        : 0;
            }
            parameters += group.count() * width * hidden;
        }
        return parameters > MOST_PARAMETERS;
    }

    private int layers() {
        int before = keys.problems().size();
        OptionalInt stated =
                keys.whole(1, LayerPlan.MOST_LAYERS, "num_hidden_layers", "n_layer", "num_layers", "n_layers");
        if (stated.isPresent() || keys.problems().size() > before) {
            return stated.orElse(1);
        }
        return keys.isList("layers_block_type")
                ? Math.max(1, keys.list("layers_block_type").size())
                : keys.required("num_hidden_layers", "n_layer", "num_layers", "n_layers");
    }

    /** Multimodal files keep the language model in an object of some name. */
    private void hintAtNested() {
        List<String> objects = top.keysOfObjects();
        if (keys.problems().stream().anyMatch(problem -> problem.endsWith(" is missing.")) && !objects.isEmpty()) {
            keys.problem("The file has objects (" + String.join(", ", objects)
                    + "), and the language model was looked for" + " under " + String.join(", ", NESTED)
                    + ": if it lies in another, give that object as a file of its own.");
        }
    }

    private void refuseWhatIsNotModelled() {
        if (NOT_TRANSFORMERS.contains(type)) {
            keys.problem(
                    "The model_type (" + type + ") is not a transformer, or shares weights between layers; its cost"
                            + " is not modelled. Give measured profiles instead.");
        }
        if (keys.flag("is_encoder_decoder", false)) {
            keys.problem("Encoder-decoder models (is_encoder_decoder: true) are not modelled. Give measured profiles"
                    + " instead.");
        }
        for (String key : NOT_UNDERSTOOD) {
            if (keys.has(key) && !isNothing(key)) {
                keys.problem("The field " + key + " (" + ConfigKeys.shown(keys.raw(key)) + ") of model_type (" + type
                        + ") changes the shape in a way that is not understood. Give measured profiles instead.");
            }
        }
    }

    private boolean isNothing(String key) {
        Object value = keys.raw(key);
        return value == null || Boolean.FALSE.equals(value) || (value instanceof List<?> list && list.isEmpty());
    }

    /** A type that nobody has described is answered for only if no key of its file speaks of something unread. */
    private void judgeUnknown() {
        keys.ignore(HarmlessKeys.NAMES);
        List<String> unread =
                keys.unread().stream().filter(HarmlessKeys::maySpeakOfTheShape).toList();
        String what = type.isEmpty() ? "The file has no model_type" : "The model_type (" + type + ") is not known";
        if (unread.isEmpty()) {
            warnings.add(what + ": it is read as a plain decoder, because every field about its shape was understood."
                    + " Compare the parameter count with the published one.");
            return;
        }
        keys.problem(what + ", and the file says more of its shape than is understood (" + String.join(", ", unread)
                + "). Give measured profiles instead.");
    }
}
