package dev.scepsy.planner.profile;

import java.util.List;

/**
 * Layers that are alike. Immutable.
 *
 * @param count how many, at least 1
 * @param mixers how they mix tokens; none in layers of feed-forward only, two where they run side by side
 * @param feedForward what they compute per token
 * @param smallParameters norms and biases of one such layer, never quantised
 */
public record LayerGroup(int count, List<TokenMixer> mixers, FeedForward feedForward, long smallParameters) {

    public LayerGroup {
        mixers = List.copyOf(mixers);
        if (count < 1) {
            throw new IllegalArgumentException("The count (" + count + ") must be at least 1.");
        }
    }

    /** The same layers, another number of them. */
    public LayerGroup times(int newCount) {
        return new LayerGroup(newCount, mixers, feedForward, smallParameters);
    }

    /** Parameters of all of them. */
    public long parameters(int hiddenSize) {
        long mixing =
                mixers.stream().mapToLong(mixer -> mixer.parameters(hiddenSize)).sum();
        return count * (mixing + feedForward.parameters(hiddenSize) + smallParameters);
    }

    /** All-reduces that tensor parallelism needs in all of them: one after each mixer's and each feed-forward's output. */
    int reductions() {
        return count * ((mixers.isEmpty() ? 0 : 1) + (feedForward instanceof FeedForward.None ? 0 : 1));
    }
}
