package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.loop.Operations.EngineView;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Node;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a push cannot come to its end: hardware that its plan needs is gone, and the engine that is to be there does not serve. The push is asked to stop where it
 * waits, and is not tried again; what it has done stays, the floors are held, and what is there then is planned for anew.
 * {@value #LOOKS} looks in a row must say so. One thread looks; thread-safe.
 */
final class Stranding {

    /** As many as it takes to believe that a node is gone while nothing is pushed. */
    static final int LOOKS = 3;

    private record Stranded(String entry, String why) {}

    private volatile @Nullable Stranded stranded;
    private String entry = "";
    private int looks;

    /** Looks at the push under way; the reason, at the look that makes it sure. */
    Optional<String> look(Optional<PlanEntry> pushing, Optional<Cluster> hardware, List<EngineView> engines) {
        if (pushing.isEmpty() || hardware.isEmpty()) {
            looks = 0;
            return Optional.empty();
        }
        String id = pushing.get().id();
        Optional<String> missing = PlanText.plan(pushing.get().plan())
                .flatMap(plan -> missing(plan, hardware.get(), engines))
                .map(what -> "The plan needs " + what + ", which is gone: engines that were to start there cannot.");
        looks = missing.isPresent() && id.equals(entry) ? looks + 1 : missing.isPresent() ? 1 : 0;
        entry = id;
        if (looks < LOOKS) {
            return Optional.empty();
        }
        boolean news = why(id).isEmpty();
        stranded = new Stranded(id, missing.orElseThrow());
        return news ? missing : Optional.empty();
    }

    /** Why the push of an entry cannot come to its end. */
    Optional<String> why(String id) {
        Stranded now = stranded;
        return now != null && now.entry().equals(id) ? Optional.of(now.why()) : Optional.empty();
    }

    /** A place of {@code plan} that is not there, and where no engine of the model serves all the same, as on a node that is only cordoned. */
    static Optional<String> missing(Plan plan, Cluster hardware, List<EngineView> engines) {
        Map<String, Integer> gpus = new HashMap<>();
        for (Node node : hardware.nodes()) {
            gpus.put(node.name(), node.gpus());
        }
        for (ReplicaPlacement place : plan.placements()) {
            int there = gpus.getOrDefault(place.node(), 0);
            Optional<Integer> lost =
                    place.gpus().stream().filter(gpu -> gpu >= there).findFirst();
            boolean serves = engines.stream()
                    .anyMatch(engine -> engine.model().equals(place.model())
                            && engine.node().equals(place.node())
                            && Boolean.TRUE.equals(engine.ready()));
            if (lost.isPresent() && !serves) {
                return Optional.of(there == 0 ? "node " + place.node() : "GPU " + lost.get() + " of " + place.node());
            }
        }
        return Optional.empty();
    }
}
