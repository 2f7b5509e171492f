package dev.scepsy.planner.checkpoint;

import dev.scepsy.planner.profile.FeedForward;
import dev.scepsy.planner.profile.LayerGroup;
import dev.scepsy.planner.profile.TokenMixer;
import java.util.List;
import java.util.OptionalInt;

/** The layers of a BERT-like encoder. */
final class EncoderReader {

    private final ConfigKeys keys;
    private final Family family;
    private final int layers;
    private final int hidden;
    private final int heads;

    EncoderReader(ConfigKeys keys, Family family, int layers, int hidden, int heads) {
        this.keys = keys;
        this.family = family;
        this.layers = layers;
        this.hidden = hidden;
        this.heads = heads;
    }

    List<LayerGroup> groups() {
        if (hidden % heads != 0) {
            keys.problem("The hidden_size (" + hidden + ") must be a multiple of the num_attention_heads (" + heads
                    + "). Take the published file.");
            return List.of();
        }
        int width = keys.whole(1, ConfigKeys.MOST, "intermediate_size", "n_inner", "hidden_dim")
                .orElse(4 * hidden);
        boolean biased = family.bias().equals("all");
        // every norm has a bias where the matrices have
        long small = biased ? 4L * hidden + width + hidden + 4L * hidden : 2L * hidden;
        return List.of(new LayerGroup(
                layers,
                List.of(TokenMixer.Attention.of(heads, heads, hidden / heads, OptionalInt.empty())),
                new FeedForward.Dense(width, family.gated()),
                small));
    }
}
