package dev.scepsy.planner.serve.web;

import dev.scepsy.planner.serve.journal.Store;
import dev.scepsy.planner.serve.loop.Operations;
import dev.scepsy.planner.serve.observe.Observations;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether the service is alive, and whether it can do its work. */
final class Health {

    private final Store store;
    private final Observations observations;
    private final Operations operations;

    Health(Store store, Observations observations, Operations operations) {
        this.store = store;
        this.observations = observations;
        this.operations = operations;
    }

    Answer alive() {
        return Answer.json(200, Map.of("status", "alive"));
    }

    Answer ready() {
        List<String> reasons = new ArrayList<>();
        store.trouble().ifPresent(reasons::add);
        boolean standby = reasons.isEmpty() && !store.leads();
        Map<String, Object> members = new LinkedHashMap<>();
        if (standby) {
            Optional<String> leader = store.leader();
            reasons.add("standby: "
                    + leader.map(name -> "another service leads (" + name + ").")
                            .orElse("no service leads yet."));
            members.put("standby", true);
            leader.ifPresent(name -> members.put("leader", name));
        }
        observations.trouble().ifPresent(reasons::add);
        operations.trouble().ifPresent(reasons::add);
        if (reasons.isEmpty()) {
            return Answer.json(200, Map.of("status", "ready"));
        }
        members.put("reasons", reasons);
        return Refusal.problem(503, String.join(" ", reasons), members)
                .with("retry-after", Integer.toString(WebLimits.COME_AGAIN_SECONDS));
    }
}
