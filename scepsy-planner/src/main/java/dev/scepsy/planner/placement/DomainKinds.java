package dev.scepsy.planner.placement;

import dev.scepsy.planner.topology.Domain;
import dev.scepsy.planner.topology.Kinds;
import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The domains of one GPU type, equal ones counted instead of listed: they are interchangeable. Equal are domains with the
 * same sharing and the same left on their GPUs, in any order. Immutable.
 */
final class DomainKinds {

    private record Key(Sharing sharing, DomainState state) {}

    private final List<Domain> examples = new ArrayList<>();
    private final List<DomainState> states = new ArrayList<>();
    private final int[] counts;
    private final List<Integer> untouched = new ArrayList<>();
    private final List<Integer> sharingKinds = new ArrayList<>();
    private final List<Sharing> sharings = new ArrayList<>();
    private final int[] kindOf;
    private final @Nullable NodeKinds nodes;

    /** The kinds there are as the board stands now. */
    DomainKinds(Board board, String gpu) {
        Kinds<Key> kinds = Kinds.of(board.domains(), at -> key(board, at, gpu));
        for (int kind = 0; kind < kinds.size(); kind++) {
            int first = kinds.first(kind);
            Sharing sharing = kinds.key(kind).sharing();
            if (!sharings.contains(sharing)) {
                sharings.add(sharing);
            }
            examples.add(board.domain(first));
            states.add(board.state(first, kind));
            untouched.add(board.untouched(first));
            sharingKinds.add(sharings.indexOf(sharing));
        }
        counts = kinds.counts();
        kindOf = IntStream.range(0, board.domains()).map(kinds::kindOf).toArray();
        nodes = board.hostBinds() ? new NodeKinds(board, kindOf, counts.length) : null;
    }

    private static Optional<Key> key(Board board, int at, String gpu) {
        Domain domain = board.domain(at);
        return domain.node().gpu().name().equals(gpu)
                ? Optional.of(new Key(domain.node().sharing(), board.state(at, 0)))
                : Optional.empty();
    }

    private DomainKinds(DomainKinds all, int[] counts) {
        examples.addAll(all.examples);
        states.addAll(all.states);
        untouched.addAll(all.untouched);
        sharingKinds.addAll(all.sharingKinds);
        sharings.addAll(all.sharings);
        this.counts = counts.clone();
        kindOf = all.kindOf;
        nodes = null;
    }

    /** Only so many domains of each of these kinds, on nodes that limit nothing beside their GPUs. */
    DomainKinds only(int[] counted) {
        return new DomainKinds(this, counted);
    }

    /** The nodes of these domains, where processors or memory of some node of the problem may be what does not fit. */
    Optional<NodeKinds> nodes() {
        return Optional.ofNullable(nodes);
    }

    /** Domains of each kind. */
    int[] counts() {
        return counts.clone();
    }

    int size() {
        return counts.length;
    }

    /** Of which kind a domain of the board was; -1 for another GPU type. */
    int kindOf(int domain) {
        return kindOf[domain];
    }

    /** One domain of the kind. */
    Domain example(int kind) {
        return examples.get(kind);
    }

    /** What is left on the GPUs of each domain of the kind. */
    DomainState state(int kind) {
        return states.get(kind);
    }

    int count(int kind) {
        return counts[kind];
    }

    int gpus(int kind) {
        return examples.get(kind).gpus();
    }

    /** GPUs of each domain of the kind that hold nothing. */
    int untouched(int kind) {
        return untouched.get(kind);
    }

    /** Which of the type's ways of sharing the kind has. */
    int sharingKind(int kind) {
        return sharingKinds.get(kind);
    }

    int sharingKinds() {
        return sharings.size();
    }

    Sharing sharing(int sharingKind) {
        return sharings.get(sharingKind);
    }
}
