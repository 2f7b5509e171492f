package dev.scepsy.planner.simulate;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is free of a cluster's cards, given out first fit. Mutable, confined to its simulation. */
final class GpuRoom {

    /** Sums of shares and of memory may pass what there is by so much in floating point. */
    private static final double ROUNDING = 1e-9;

    private static final class Card {
        final String name;
        double compute;
        double memoryGiB;

        Card(Autoscaling.Card card) {
            this.name = card.name();
            this.compute = card.compute();
            this.memoryGiB = card.memoryGiB();
        }

        boolean holds(Autoscaling.Scaled shape) {
            return compute >= shape.gpuFraction() - ROUNDING && memoryGiB >= shape.memoryGiBPerGpu() - ROUNDING;
        }
    }

    private record Block(String node, String gpu, List<Card> cards) {}

    private final List<Block> blocks;
    private final Set<String> gone = new HashSet<>();

    GpuRoom(List<Autoscaling.Domain> domains) {
        this.blocks = domains.stream()
                .map(domain -> new Block(
                        domain.node(),
                        domain.gpu(),
                        domain.cards().stream().map(Card::new).toList()))
                .toList();
    }

    /** Cards for one more replica, taken; empty where there is no room. */
    Optional<List<String>> take(Autoscaling.Scaled shape) {
        for (Block block : blocks) {
            if (block.gpu.equals(shape.gpu()) && !gone.contains(block.node)) {
                List<String> found = new ArrayList<>();
                for (Card card : block.cards) {
                    if (found.size() < shape.tensorParallel() && card.holds(shape)) {
                        found.add(card.name);
                    }
                }
                if (found.size() == shape.tensorParallel()) {
                    change(shape, found, -1);
                    return Optional.of(found);
                }
            }
        }
        return Optional.empty();
    }

    /** What the plan has given already. */
    void given(Autoscaling.Scaled shape, List<String> cards) {
        change(shape, cards, -1);
    }

    void giveBack(Autoscaling.Scaled shape, List<String> cards) {
        change(shape, cards, 1);
    }

    private void change(Autoscaling.Scaled shape, List<String> cards, int sign) {
        for (Block block : blocks) {
            for (Card card : block.cards) {
                if (cards.contains(card.name)) {
                    card.compute += sign * shape.gpuFraction();
                    card.memoryGiB += sign * shape.memoryGiBPerGpu();
                }
            }
        }
    }

    /** A node goes, or comes back. */
    void setGone(String node, boolean isGone) {
        if (isGone) {
            gone.add(node);
        } else {
            gone.remove(node);
        }
    }

    boolean isGone(String node) {
        return gone.contains(node);
    }

    /** Whether one of the cards is that node's. */
    boolean anyOn(String node, List<String> cards) {
        return blocks.stream()
                .filter(block -> block.node.equals(node))
                .flatMap(block -> block.cards.stream())
                .anyMatch(card -> cards.contains(card.name));
    }
}
