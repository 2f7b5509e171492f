package dev.scepsy.planner.cluster;

import dev.scepsy.planner.router.RoutedModel;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Names of Services that a plan with a router needs; no two may be the same. */
public final class ServiceNames {

    private ServiceNames() {}

    /** By model name why its Service cannot be called as it would be, a sentence; empty where all can. */
    public static Map<String, String> collisions(Intent intent) {
        Map<String, String> problems = new LinkedHashMap<>();
        if (!intent.routing().kind().hasPods()) {
            return problems;
        }
        Map<String, String> taken = new HashMap<>();
        taken.put(Names.ROUTER_NAME, "the Service of the router");
        for (RoutedModel model : intent.routing().models()) {
            taken.put(model.enginesService(), "the engines of model (" + model.name() + ")");
        }
        for (RoutedModel model : intent.routing().models()) {
            String other = taken.get(model.service());
            if (other != null) {
                problems.put(
                        model.name(),
                        "The Service of model (" + model.name() + ") would be called " + model.service()
                                + ", and so is " + other + ". Give the model another name, and this one as an alias,"
                                + " or use router: {kind: none}.");
            }
        }
        return problems;
    }
}
