package dev.scepsy.planner.simulate;

import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.ModelArchitecture;

/**
 * Block accounting of one engine. A unit is one block of 16 tokens in one layer, so that windowed layers, which keep their
 * window only, count right. Mutable, confined to its engine.
 */
final class KvCache {

    private static final int BLOCK = EngineSetup.BLOCK_TOKENS;

    private final int fullLayers;
    private final int windowedLayers;
    private final int windowBlocks;
    private final long capacityUnits;
    private long usedUnits;

    KvCache(EngineSetup setup) {
        ModelArchitecture model = setup.architecture();
        windowedLayers = model.slidingWindowLayers();
        fullLayers = model.isEncoder() ? 0 : model.layers() - windowedLayers;
        windowBlocks =
                model.slidingWindow().isPresent() ? blocks(model.slidingWindow().getAsInt()) + 1 : 0;
        capacityUnits = capacityUnits(setup);
    }

    private static long capacityUnits(EngineSetup setup) {
        ModelArchitecture model = setup.architecture();
        if (model.isEncoder()) {
            return Long.MAX_VALUE;
        }
        if (setup.kvBlocks().isPresent()) {
            return (long) setup.kvBlocks().getAsInt() * model.layers();
        }
        double bytesPerUnit =
                model.kvBytesPerToken(setup.tensorParallel(), setup.kvCachePrecision()) / model.layers() * BLOCK;
        return (long) Math.max(0, Math.floor(setup.kvBytesPerGpu() / bytesPerUnit));
    }

    private static int blocks(int tokens) {
        return (tokens + BLOCK - 1) / BLOCK;
    }

    long unitsFor(int tokens) {
        int blocks = blocks(tokens);
        return (long) blocks * fullLayers + (long) Math.min(blocks, windowBlocks) * windowedLayers;
    }

    boolean everFits(int tokens) {
        return unitsFor(tokens) <= capacityUnits;
    }

    int fullLayers() {
        return fullLayers;
    }

    int windowedLayers() {
        return windowedLayers;
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
