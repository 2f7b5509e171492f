package dev.scepsy.planner.checkpoint;

import java.util.OptionalInt;

/**
 * Parameters outside the layers, the token embedding and the last norm.
 *
 * @param lookupParameters tables of which a token reads a row
 * @param otherParameters all that is read in every step
 */
record FurtherTables(long lookupParameters, long otherParameters) {

    static FurtherTables of(ConfigKeys keys, Family family, int layers, int hidden, OptionalInt context) {
        int positions = context.orElse(512);
        switch (family.type()) {
            case "bert", "roberta", "xlm-roberta", "camembert", "mpnet", "electra", "distilbert" -> {
                long rows = positions + keys.whole("type_vocab_size", 0, 2);
                // the norm of the embeddings has a bias; the pooler is one square matrix
                return new FurtherTables(rows * hidden, hidden + (long) hidden * hidden + hidden);
            }
            case "gpt2", "gpt_bigcode" -> {
                return new FurtherTables((long) positions * hidden, hidden);
            }
            case "opt" -> {
                return new FurtherTables((positions + 2L) * hidden, hidden);
            }
            case "gemma4_text" -> {
                long perLayer = (long) layers * keys.whole("hidden_size_per_layer_input", 0, 0);
                long rows = keys.whole("vocab_size_per_layer_input", 0, 262144);
                return new FurtherTables(rows * perLayer, perLayer * hidden + perLayer * 2L * hidden);
            }
            default -> {
                return new FurtherTables(0, 0);
            }
        }
    }
}
