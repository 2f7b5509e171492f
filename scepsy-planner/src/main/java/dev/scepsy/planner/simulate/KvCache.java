package dev.scepsy.planner.simulate;

import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.ModelArchitecture;

/**
 * Block accounting of one engine. A unit is the greatest common part of what one block of 16 tokens takes in a layer of each
 * kind, so that windowed layers, which keep their window only, and layers of other widths count right. The state that
 * recurrent layers keep of a sequence is part of what its first block takes. Mutable, confined to its engine.
 */
final class KvCache {

    private static final int BLOCK = EngineSetup.BLOCK_TOKENS;

    private final long fullUnits;
    private final long windowedUnits;
    private final long stateUnits;
    private final int windowBlocks;
    private final long capacityUnits;
    private long usedUnits;

    KvCache(EngineSetup setup) {
        ModelArchitecture model = setup.architecture();
        int degree = setup.tensorParallel();
        double bytesPerElement = setup.kvCachePrecision().bytes();
        // whole elements: fractions of one arise from the 8-bit keys of an indexer only
        long full = Math.round(model.fullCacheElementsPerToken(degree) + model.indexBytesPerToken() / bytesPerElement);
        long windowed = Math.round(model.windowedCacheElementsPerToken(degree));
        long elementsPerUnit = Math.max(1, unit(model, full, windowed));
        fullUnits = full / elementsPerUnit;
        windowedUnits = windowed / elementsPerUnit;
        double unitBytes = elementsPerUnit * bytesPerElement * BLOCK;
        stateUnits = (long) Math.ceil(model.stateBytesPerSequence(degree) / unitBytes);
        windowBlocks =
                model.slidingWindow().isPresent() ? blocks(model.slidingWindow().getAsInt()) + 1 : 0;
        capacityUnits = capacityUnits(setup, unitBytes);
    }

    /** The part of one layer where all layers are alike, else the greatest that both kinds are multiples of. */
    private static long unit(ModelArchitecture model, long full, long windowed) {
        long layers = gcd(model.fullAttentionLayers(), model.slidingWindowLayers());
        long common = gcd(full, windowed);
        return common % Math.max(1, layers) == 0 ? common / Math.max(1, layers) : common;
    }

    private static long gcd(long one, long other) {
        return other == 0 ? one : gcd(other, one % other);
    }

    private long capacityUnits(EngineSetup setup, double unitBytes) {
        if (setup.architecture().isEncoder()) {
            return Long.MAX_VALUE;
        }
        if (setup.kvBlocks().isPresent()) {
            return setup.kvBlocks().getAsInt() * (fullUnits + windowedUnits);
        }
        return (long) Math.max(0, Math.floor(setup.kvBytesPerGpu() / unitBytes));
    }

    private static int blocks(int tokens) {
        return (tokens + BLOCK - 1) / BLOCK;
    }

    long unitsFor(int tokens) {
        int blocks = blocks(tokens);
        return blocks * fullUnits + Math.min(blocks, windowBlocks) * windowedUnits + (tokens > 0 ? stateUnits : 0);
    }

    boolean everFits(int tokens) {
        return unitsFor(tokens) <= capacityUnits;
    }

    /** Whether all that a sequence keeps grows block by block, so that a block can be another sequence's too. */
    boolean sharesPrefixes() {
        return fullUnits > 0 && windowedUnits == 0 && stateUnits == 0;
    }

    /** What one more block of a sequence takes in the layers that keep everything. */
    long fullUnits() {
        return fullUnits;
    }

    /** The same in the windowed layers, while the sequence is inside the window. */
    long windowedUnits() {
        return windowedUnits;
    }

    /** Blocks that a windowed layer keeps at most; 0 without such layers. */
    int windowBlocks() {
        return windowBlocks;
    }

    /** Takes {@code units}; false, and nothing changed, if there are not that many. */
    boolean take(long units) {
        if (units > capacityUnits - usedUnits) {
            return false;
        }
        usedUnits += units;
        return true;
    }

    long freeUnits() {
        return capacityUnits - usedUnits;
    }

    void giveBack(long units) {
        usedUnits -= units;
    }

    /** Part of the cache in use, in [0, 1]. */
    double usage() {
        return capacityUnits == 0 ? 1 : (double) usedUnits / capacityUnits;
    }
}
