package dev.scepsy.planner.placement;

import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Domain;
import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The domains of one GPU type, equal ones counted instead of listed: they are interchangeable. Immutable. */
final class DomainKinds {

    private record Key(Sharing sharing, int gpus) {}

    private final List<Domain> examples = new ArrayList<>();
    private final List<Integer> counts = new ArrayList<>();
    private final List<Integer> sharingKinds = new ArrayList<>();
    private final List<Sharing> sharings = new ArrayList<>();

    DomainKinds(Cluster cluster, String gpu) {
        Map<Key, Integer> kinds = new HashMap<>();
        for (Domain domain : cluster.domains()) {
            if (!domain.node().gpu().name().equals(gpu)) {
                continue;
            }
            Sharing sharing = domain.node().sharing();
            Integer kind = kinds.get(new Key(sharing, domain.gpus()));
            if (kind == null) {
                kinds.put(new Key(sharing, domain.gpus()), counts.size());
                if (!sharings.contains(sharing)) {
                    sharings.add(sharing);
                }
                examples.add(domain);
                counts.add(1);
                sharingKinds.add(sharings.indexOf(sharing));
            } else {
                counts.set(kind, counts.get(kind) + 1);
            }
        }
    }

    int size() {
        return counts.size();
    }

    /** One domain of the kind. */
    Domain example(int kind) {
        return examples.get(kind);
    }

    int count(int kind) {
        return counts.get(kind);
    }

    int gpus(int kind) {
        return examples.get(kind).gpus();
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
