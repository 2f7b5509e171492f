package dev.scepsy.planner.placement;

import java.util.ArrayList;
import java.util.List;

/**
 * The placement policy, one replica at a time: tensor-parallel groups first, widest first, each into the domain with the
 * fewest untouched GPUs that still takes it; then whole GPUs likewise; then fractions, largest first, into the partly
 * used GPU they fill best, opening another only where none holds them. Between equally good places the one on the node,
 * then the rack, with the fewest replicas of the same model.
 */
final class PolicyPlacing {

    /** What one model wants. */
    record Want(int model, int shape, int replicas) {}

    private final Board board;
    private final Shapes shapes;

    PolicyPlacing(Board board, Shapes shapes) {
        this.board = board;
        this.shapes = shapes;
    }

    /** Whether all found a place; the board holds those that did. */
    boolean place(List<Want> wants) {
        List<Want> order = new ArrayList<>(wants);
        order.sort((a, b) -> {
            int byWidth = Integer.compare(shapes.tensorParallel(b.shape()), shapes.tensorParallel(a.shape()));
            int bySize = Long.compare(shapes.compute(b.shape()), shapes.compute(a.shape()));
            int byMemory = Long.compare(shapes.memory(b.shape()), shapes.memory(a.shape()));
            return byWidth != 0
                    ? byWidth
                    : bySize != 0 ? bySize : byMemory != 0 ? byMemory : Integer.compare(a.model(), b.model());
        });
        for (Want want : order) {
            int[] onNode = new int[board.nodes()];
            int[] inRack = new int[board.racks()];
            for (Board.Standing one : board.standing()) {
                if (one.kept && one.model == want.model()) {
                    onNode[board.node(one.domain)]++;
                    inRack[board.rack(one.domain)]++;
                }
            }
            for (int replica = 0; replica < want.replicas(); replica++) {
                int domain = shapes.tensorParallel(want.shape()) > 1
                        ? group(want, onNode, inRack)
                        : shard(want, onNode, inRack);
                if (domain < 0) {
                    return false;
                }
                onNode[board.node(domain)]++;
                inRack[board.rack(domain)]++;
            }
        }
        return true;
    }

    private int group(Want want, int[] onNode, int[] inRack) {
        int width = shapes.tensorParallel(want.shape());
        int best = -1;
        int bestUntouched = 0;
        for (int domain = 0; domain < board.domains(); domain++) {
            if (!shapes.fits(want.shape(), board.domain(domain)) || holders(domain, want.shape()) < width) {
                continue;
            }
            // a domain whose begun GPUs take the group loses no untouched one
            int touches = Math.max(0, width - begunHolders(domain, want.shape()));
            int untouched = touches == 0 ? 0 : board.untouched(domain);
            if (best < 0
                    || untouched < bestUntouched
                    || (untouched == bestUntouched && spreads(domain, best, onNode, inRack))) {
                best = domain;
                bestUntouched = untouched;
            }
        }
        if (best >= 0) {
            board.put(want.model(), want.shape(), best, fullest(best, want.shape(), width));
        }
        return best;
    }

    private int shard(Want want, int[] onNode, int[] inRack) {
        int best = -1;
        int bestGpu = -1;
        for (int domain = 0; domain < board.domains(); domain++) {
            if (!shapes.fits(want.shape(), board.domain(domain))) {
                continue;
            }
            int gpus = board.domain(domain).gpus();
            boolean untouchedSeen = false;
            for (int gpu = 0; gpu < gpus; gpu++) {
                if (!board.holds(domain, gpu, want.shape()) || (untouchedSeen && board.isUntouched(domain, gpu))) {
                    continue;
                }
                untouchedSeen |= board.isUntouched(domain, gpu);
                if (best < 0 || better(domain, gpu, best, bestGpu, onNode, inRack)) {
                    best = domain;
                    bestGpu = gpu;
                }
            }
        }
        if (best >= 0) {
            board.put(want.model(), want.shape(), best, new int[] {bestGpu});
        }
        return best;
    }

    private boolean better(int domain, int gpu, int best, int bestGpu, int[] onNode, int[] inRack) {
        boolean opens = board.isUntouched(domain, gpu);
        boolean bestOpens = board.isUntouched(best, bestGpu);
        if (opens != bestOpens) {
            return bestOpens;
        }
        long rank = opens ? board.untouched(domain) : board.computeLeft(domain, gpu);
        long bestRank = opens ? board.untouched(best) : board.computeLeft(best, bestGpu);
        if (rank != bestRank) {
            return rank < bestRank;
        }
        return spreads(domain, best, onNode, inRack);
    }

    private boolean spreads(int domain, int other, int[] onNode, int[] inRack) {
        int byNode = Integer.compare(onNode[board.node(domain)], onNode[board.node(other)]);
        return byNode != 0 ? byNode < 0 : inRack[board.rack(domain)] < inRack[board.rack(other)];
    }

    private int holders(int domain, int shape) {
        int holders = 0;
        for (int gpu = 0; gpu < board.domain(domain).gpus(); gpu++) {
            holders += board.holds(domain, gpu, shape) ? 1 : 0;
        }
        return holders;
    }

    private int begunHolders(int domain, int shape) {
        int holders = 0;
        for (int gpu = 0; gpu < board.domain(domain).gpus(); gpu++) {
            holders += board.holds(domain, gpu, shape) && !board.isUntouched(domain, gpu) ? 1 : 0;
        }
        return holders;
    }

    /** The {@code width} GPUs of the domain that hold the shape with the least compute left, ascending. */
    private int[] fullest(int domain, int shape, int width) {
        List<Integer> gpus = new ArrayList<>();
        for (int gpu = 0; gpu < board.domain(domain).gpus(); gpu++) {
            if (board.holds(domain, gpu, shape)) {
                gpus.add(gpu);
            }
        }
        gpus.sort((a, b) -> Long.compare(board.computeLeft(domain, a), board.computeLeft(domain, b)));
        return gpus.subList(0, width).stream()
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
    }
}
