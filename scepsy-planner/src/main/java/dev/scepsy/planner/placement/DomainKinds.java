package dev.scepsy.planner.placement;

import dev.scepsy.planner.topology.Domain;
import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The domains of one GPU type, equal ones counted instead of listed: they are interchangeable. Equal are domains with the
 * same sharing and the same left on their GPUs, in any order. Immutable.
 */
final class DomainKinds {

    private record Key(Sharing sharing, DomainState state) {}

    private final List<Domain> examples = new ArrayList<>();
    private final List<DomainState> states = new ArrayList<>();
    private final List<Integer> counts = new ArrayList<>();
    private final List<Integer> untouched = new ArrayList<>();
    private final List<Integer> sharingKinds = new ArrayList<>();
    private final List<Sharing> sharings = new ArrayList<>();
    private final int[] kindOf;
    private final @Nullable NodeKinds nodes;

    /** The kinds there are as the board stands now. */
    DomainKinds(Board board, String gpu) {
        Map<Key, Integer> kinds = new HashMap<>();
        kindOf = new int[board.domains()];
        Arrays.fill(kindOf, -1);
        for (int at = 0; at < board.domains(); at++) {
            Domain domain = board.domain(at);
            if (!domain.node().gpu().name().equals(gpu)) {
                continue;
            }
            Sharing sharing = domain.node().sharing();
            Key key = new Key(sharing, board.state(at, 0));
            Integer kind = kinds.get(key);
            if (kind == null) {
                kind = counts.size();
                kinds.put(key, kind);
                if (!sharings.contains(sharing)) {
                    sharings.add(sharing);
                }
                examples.add(domain);
                states.add(board.state(at, kind));
                counts.add(1);
                untouched.add(board.untouched(at));
                sharingKinds.add(sharings.indexOf(sharing));
            } else {
                counts.set(kind, counts.get(kind) + 1);
            }
            kindOf[at] = kind;
        }
        nodes = board.hostBinds() ? new NodeKinds(board, kindOf, counts.size()) : null;
    }

    private DomainKinds(DomainKinds all, int[] counts) {
        examples.addAll(all.examples);
        states.addAll(all.states);
        untouched.addAll(all.untouched);
        sharingKinds.addAll(all.sharingKinds);
        sharings.addAll(all.sharings);
        Arrays.stream(counts).forEach(this.counts::add);
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
        return counts.stream().mapToInt(Integer::intValue).toArray();
    }

    int size() {
        return counts.size();
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
        return counts.get(kind);
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
