package dev.scepsy.planner.cluster;

import dev.scepsy.planner.router.Routing;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What a push that changes routing has to know of the plans on record. */
final class RoutingHistory {

    private RoutingHistory() {}

    private static Stream<Routing> ofPods(Stream<Optional<Intent>> intents) {
        return intents.flatMap(Optional::stream)
                .map(Intent::routing)
                .filter(routing -> routing.kind().hasPods());
    }

    /** {@code target} with a router that also knows what serves now. */
    static Intent during(Intent target, PlanRecord record, LiveEngines live) {
        Map<String, Integer> running = new HashMap<>();
        live.groups().forEach(group -> running.merge(group.engine().model(), group.occupying(), Integer::sum));
        Routing routing = target.routing();
        for (Routing other :
                ofPods(Stream.of(record.target(), record.current())).toList()) {
            routing = routing.during(other, running);
        }
        return target.withRouting(routing);
    }

    /** Whether DNS names an engine to the router of {@code intent}. */
    static boolean finds(Intent intent, LiveEngines live) {
        Map<String, Integer> serving = live.servingByModel();
        return intent.routing().models().stream().anyMatch(model -> serving.getOrDefault(model.name(), 0) > 0);
    }

    /** Whether requests may come through a router now. */
    static boolean isRouted(PlanRecord record) {
        return ofPods(Stream.of(record.target(), record.current())).findAny().isPresent();
    }

    /** {@code options} with time for DNS, which names an engine to a router for a while after it has left. */
    static ApplyOptions draining(ApplyOptions options, Intent target, PlanRecord record) {
        int dnsSeconds = ofPods(Stream.of(Optional.of(target), record.target(), record.current()))
                .mapToInt(routing -> routing.settings().dnsSeconds())
                .max()
                .orElse(0);
        return options.withTiming(options.timing().withEndpoints(Duration.ofSeconds(dnsSeconds)));
    }
}
