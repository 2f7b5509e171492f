package dev.scepsy.planner.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/** The layers of one line of the table of models: all of one kind of attention, windowed in part, with or without experts. */
final class CatalogueLayers {

    private CatalogueLayers() {}

    static List<LayerGroup> of(FactTable.Row row, ModelArchitecture.Kind kind) {
        int layers = row.count("layers");
        int windowed = row.count("slidingWindowLayers");
        int dense = kind == ModelArchitecture.Kind.MOE ? row.count("denseLayers") : layers;
        FeedForward block =
                new FeedForward.Dense(row.count("intermediateSize"), kind != ModelArchitecture.Kind.ENCODER);
        List<LayerGroup> groups = new ArrayList<>();
        add(groups, dense, mixer(row, false), block);
        if (kind == ModelArchitecture.Kind.MOE) {
            FeedForward experts = new FeedForward.Experts(
                    row.count("experts"),
                    row.count("expertsPerToken"),
                    row.count("expertIntermediateSize"),
                    true,
                    row.count("sharedExperts") * row.count("expertIntermediateSize"),
                    0);
            add(groups, layers - dense - windowed, mixer(row, false), experts);
            add(groups, windowed, mixer(row, true), experts);
        }
        return groups;
    }

    private static void add(List<LayerGroup> groups, int count, TokenMixer mixer, FeedForward block) {
        if (count > 0) {
            groups.add(new LayerGroup(count, List.of(mixer), block, 0));
        }
    }

    private static TokenMixer mixer(FactTable.Row row, boolean windowed) {
        int heads = row.count("attentionHeads");
        int headSize = row.count("headSize");
        if (row.text("attention").equals("mla")) {
            int rope = row.count("ropeSize");
            return new TokenMixer.Latent(
                    heads,
                    row.count("queryRank"),
                    row.count("kvElementsPerTokenPerLayer") - rope,
                    rope,
                    headSize - rope,
                    row.count("valueHeadSize"),
                    0,
                    0,
                    false);
        }
        TokenMixer.Attention plain = TokenMixer.Attention.of(
                heads,
                row.count("kvHeads"),
                headSize,
                windowed ? OptionalInt.of(row.count("slidingWindow")) : OptionalInt.empty());
        return row.text("queryKeyNorm").equals("full") ? plain.normalisedOverAllHeads() : plain;
    }

    /** {@code KIND BITS PART...}, e.g. {@code mxfp4 4.25 routed_experts}. */
    static Optional<Quantisation> quantisation(FactTable.Row row) {
        String[] words = row.text("quantisation").split(" ");
        if (words.length < 3) {
            return Optional.empty();
        }
        WeightPart[] parts = new WeightPart[words.length - 2];
        for (int i = 2; i < words.length; i++) {
            parts[i - 2] = WeightPart.valueOf(words[i].toUpperCase(Locale.ROOT));
        }
        Quantisation.Kind kind =
                Quantisation.Kind.valueOf(words[0].toUpperCase(Locale.ROOT).replace('-', '_'));
        return Optional.of(Quantisation.of(kind, Double.parseDouble(words[1]), parts));
    }
}
