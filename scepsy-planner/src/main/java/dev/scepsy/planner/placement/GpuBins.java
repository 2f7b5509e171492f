package dev.scepsy.planner.placement;

import dev.scepsy.planner.topology.Kinds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The distinct kinds of GPU (sharing, what is left) in the domains of one type, and which shards a GPU of each may take.
 * Immutable.
 */
final class GpuBins {

    private record Bin(int sharingKind, long compute, long memory) {}

    private final long[] itemCompute;
    private final long[] itemMemory;
    private final Kinds<Bin> bins;
    private final boolean[][] allowed;
    private final int[][] gpus;

    /** @param items shapes */
    GpuBins(Shapes shapes, DomainKinds kinds, int[] items) {
        this.itemCompute = Arrays.stream(items).mapToLong(shapes::compute).toArray();
        this.itemMemory = Arrays.stream(items).mapToLong(shapes::memory).toArray();
        List<Bin> all = new ArrayList<>();
        int[] from = new int[kinds.size() + 1];
        for (int kind = 0; kind < kinds.size(); kind++) {
            DomainState state = kinds.state(kind);
            for (int gpu = 0; gpu < state.gpus(); gpu++) {
                all.add(new Bin(kinds.sharingKind(kind), state.compute()[gpu], state.memory()[gpu]));
            }
            from[kind + 1] = all.size();
        }
        this.bins = Kinds.of(all);
        this.gpus = new int[kinds.size()][bins.size()];
        this.allowed = new boolean[items.length][bins.size()];
        for (int kind = 0; kind < kinds.size(); kind++) {
            for (int gpu = from[kind]; gpu < from[kind + 1]; gpu++) {
                gpus[kind][bins.kindOf(gpu)]++;
            }
            for (int i = 0; i < items.length; i++) {
                if (shapes.fits(items[i], kinds.example(kind))) {
                    for (int gpu = from[kind]; gpu < from[kind + 1]; gpu++) {
                        int bin = bins.kindOf(gpu);
                        allowed[i][bin] = itemCompute[i] <= compute(bin) && itemMemory[i] <= memory(bin);
                    }
                }
            }
        }
    }

    int size() {
        return bins.size();
    }

    /** Units left on a GPU of the kind. */
    long compute(int bin) {
        return bins.key(bin).compute();
    }

    /** Units left on a GPU of the kind. */
    long memory(int bin) {
        return bins.key(bin).memory();
    }

    long itemCompute(int item) {
        return itemCompute[item];
    }

    long itemMemory(int item) {
        return itemMemory[item];
    }

    /** GPUs of each kind in {@code domains} of each kind of domain. */
    int[] inAll(int[] domains) {
        int[] all = new int[bins.size()];
        for (int kind = 0; kind < domains.length; kind++) {
            for (int bin = 0; bin < all.length; bin++) {
                all[bin] += domains[kind] * gpus[kind][bin];
            }
        }
        return all;
    }

    /** Whether a shard may stand on a GPU of the kind, in some domain that has such. */
    boolean allows(int item, int bin) {
        return allowed[item][bin];
    }

    /** The most shards of the item that a GPU of the kind holds alone. */
    int most(int item, int bin) {
        if (!allowed[item][bin]) {
            return 0;
        }
        long most = compute(bin) / itemCompute[item];
        if (itemMemory[item] > 0) {
            most = Math.min(most, memory(bin) / itemMemory[item]);
        }
        return Math.toIntExact(most);
    }
}
