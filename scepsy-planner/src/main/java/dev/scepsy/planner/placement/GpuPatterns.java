package dev.scepsy.planner.placement;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All maximal sets of shards that one GPU of each kind holds, with at most so many of each. Immutable.
 *
 * @param ofBin by kind of GPU; never empty, the last resort being the empty set
 * @param items kinds of shard
 */
record GpuPatterns(List<List<int[]>> ofBin, int items) {

    /** Over all kinds of GPU together. */
    private static final int MOST_PATTERNS = 6_000;

    /**
     * @param caps the most of each item that any one GPU may hold
     * @return empty when there are too many to be worth listing
     */
    static Optional<GpuPatterns> of(GpuBins bins, int[] caps) {
        List<List<int[]>> ofBin = new ArrayList<>();
        int room = MOST_PATTERNS;
        for (int bin = 0; bin < bins.size(); bin++) {
            Listing listing = new Listing(bins, bin, caps, room);
            if (!listing.complete(0, bins.compute(bin), bins.memory(bin))) {
                return Optional.empty();
            }
            room -= listing.found.size();
            ofBin.add(listing.found);
        }
        return Optional.of(new GpuPatterns(ofBin, caps.length));
    }

    /** The most that a GPU of the kind can hold when a shard of each item counts {@code worth}. */
    long value(int bin, long[] worth) {
        long best = 0;
        for (int[] pattern : ofBin.get(bin)) {
            long value = 0;
            for (int i = 0; i < pattern.length; i++) {
                value += pattern[i] * worth[i];
            }
            best = Math.max(best, value);
        }
        return best;
    }

    private static final class Listing {
        private final GpuBins bins;
        private final int room;
        private final int[] most;
        private final int[] counts;
        private final List<int[]> found = new ArrayList<>();

        Listing(GpuBins bins, int bin, int[] caps, int room) {
            this.bins = bins;
            this.room = room;
            this.most = new int[caps.length];
            this.counts = new int[caps.length];
            for (int i = 0; i < caps.length; i++) {
                most[i] = Math.min(caps[i], bins.most(i, bin));
            }
        }

        /** False when there are too many. */
        boolean complete(int item, long computeLeft, long memoryLeft) {
            if (item == counts.length) {
                if (maximal(computeLeft, memoryLeft)) {
                    found.add(counts.clone());
                }
                return found.size() <= room;
            }
            long fitting = Math.min(most[item], computeLeft / bins.itemCompute(item));
            if (bins.itemMemory(item) > 0) {
                fitting = Math.min(fitting, memoryLeft / bins.itemMemory(item));
            }
            // the last item can only be maximal at its most
            int least = item == counts.length - 1 ? (int) fitting : 0;
            for (int count = (int) fitting; count >= least; count--) {
                counts[item] = count;
                if (!complete(
                        item + 1,
                        computeLeft - count * bins.itemCompute(item),
                        memoryLeft - count * bins.itemMemory(item))) {
                    return false;
                }
            }
            counts[item] = 0;
            return true;
        }

        private boolean maximal(long computeLeft, long memoryLeft) {
            for (int i = 0; i < counts.length; i++) {
                if (counts[i] < most[i] && bins.itemCompute(i) <= computeLeft && bins.itemMemory(i) <= memoryLeft) {
                    return false;
                }
            }
            return true;
        }
    }
}
