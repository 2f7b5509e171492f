package dev.scepsy.planner.simulate;

import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.ModelArchitecture;
import org.jspecify.annotations.Nullable;

/**
 * The sequences that get one token in every step. As all of them grow together, sums over them and the cache blocks they
 * come to need follow from counts: a sequence needs a block in every sixteenth round, and those that need one in the same
 * round stay together. A step costs the same for one request as for a thousand. Mutable, confined to its engine.
 */
final class DecodingSet {

    private static final int BLOCK = EngineSetup.BLOCK_TOKENS;

    private final int window;
    private final long fullUnits;
    private final long windowedUnits;
    private final @Nullable CountBelow belowWindow;
    private final @Nullable CountBelow belowWindowBlocks;
    private final int[] inPhase = new int[BLOCK];
    private final int[] inPhaseBelowWindowBlocks = new int[BLOCK];
    private long round;
    private int size;
    private long cachedTokens;
    private long windowedTokens;

    private final FinishQueue finishing = new FinishQueue();

    DecodingSet(ModelArchitecture model, KvCache cache) {
        fullUnits = cache.fullUnits();
        windowedUnits = cache.windowedUnits();
        window = model.slidingWindow().orElse(Integer.MAX_VALUE);
        boolean windowed = model.slidingWindow().isPresent();
        belowWindow = windowed ? new CountBelow(window) : null;
        belowWindowBlocks = windowed ? new CountBelow(cache.windowBlocks() * BLOCK) : null;
    }

    int size() {
        return size;
    }

    /** Tokens they hold together. */
    long cachedTokens() {
        return cachedTokens;
    }

    /** The same with each sequence cut to the sliding window. */
    long windowedTokens() {
        return belowWindow == null ? cachedTokens : windowedTokens;
    }

    /** Takes in a sequence whose prompt is computed and whose next token will come in the next round. */
    void add(Sequence sequence) {
        int computed = sequence.computedTokens;
        sequence.decoding = true;
        sequence.computedBase = computed - round;
        sequence.finishRound = round + sequence.outputTokens - sequence.generatedTokens;
        finishing.add(sequence);
        count(computed, 1);
    }

    /** Lets a sequence go; its own counts are right from then on. */
    void remove(Sequence sequence) {
        int computed = computed(sequence);
        count(computed, -1);
        sequence.computedTokens = computed;
        sequence.generatedTokens = (int) (sequence.outputTokens - (sequence.finishRound - round));
        sequence.decoding = false;
    }

    private void count(int computed, int by) {
        size += by;
        cachedTokens += by * (long) computed;
        int phase = computed % BLOCK;
        int slot = slot(phase);
        inPhase[slot] += by;
        if (belowWindow != null && belowWindowBlocks != null) {
            windowedTokens += by * (long) Math.min(computed, window);
            boolean unused = by > 0 ? belowWindow.add(computed) : belowWindow.remove(computed);
            if (by > 0 ? belowWindowBlocks.add(computed) : belowWindowBlocks.remove(computed)) {
                inPhaseBelowWindowBlocks[slot] += by;
            }
        }
    }

    /** Sequences of one slot reach a whole block in the same rounds. */
    private int slot(int phase) {
        return (int) Math.floorMod(phase - round, (long) BLOCK);
    }

    /** Tokens of {@code sequence}, which decodes, that are cached. */
    int computed(Sequence sequence) {
        return (int) (sequence.computedBase + round);
    }

    /** Cache units that their next tokens need beyond what they hold. */
    long unitsToGrow() {
        int slot = slot(0);
        return inPhase[slot] * fullUnits + inPhaseBelowWindowBlocks[slot] * windowedUnits;
    }

    /** Everyone has one more token. */
    void advance() {
        round++;
        cachedTokens += size;
        if (belowWindow != null && belowWindowBlocks != null) {
            windowedTokens += belowWindow.below();
            belowWindow.advance();
            // the limit is a whole number of blocks, so all that reach it are of one slot
            inPhaseBelowWindowBlocks[slot(0)] -= belowWindowBlocks.advance();
        }
    }

    /** The next one that has all its tokens, in the order of admission, taken out; null when there is none. */
    @Nullable
    Sequence pollFinished() {
        while (finishing.nextRound() <= round) {
            long atRound = finishing.nextRound();
            Sequence sequence = finishing.poll();
            // evicted and aborted ones stay in the queue until their round
            if (sequence.decoding && sequence.finishRound == atRound) {
                remove(sequence);
                return sequence;
            }
        }
        return null;
    }
}
