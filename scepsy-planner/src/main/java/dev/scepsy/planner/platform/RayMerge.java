package dev.scepsy.planner.platform;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.platform.Rendering.Obstacles;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is put so that the applications of one side change and all others stay: Ray removes every declared application that a put leaves
 * out. Applications of others are put exactly as they were. Immutable.
 *
 * @param body of the put
 * @param kept names of others' applications in it
 * @param notes what else is worth knowing, a sentence each
 */
record RayMerge(ObjectNode body, List<String> kept, List<String> notes) {

    /** What a browser gets to see instead of the values of variables. */
    private static final String REDACTED = "<redacted>";

    private static final List<String> KEPT_SETTINGS =
            List.of("proxy_location", "http_options", "grpc_options", "target_capacity");

    /**
     * @param details what the dashboard says of Serve
     * @param ours applications by name that shall be there; others that are Scepsy's are left out, so that Ray removes them
     * @param obstacles takes what of others' could not be kept
     */
    static RayMerge of(JsonNode details, Map<String, ? extends JsonNode> ours, Obstacles obstacles) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        KEPT_SETTINGS.stream()
                .filter(key ->
                        !details.path(key).isMissingNode() && !details.path(key).isNull())
                .forEach(key -> body.set(key, details.path(key)));
        ArrayNode applications = body.putArray("applications");
        List<String> kept = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (Map.Entry<String, JsonNode> live : foreign(details).entrySet()) {
            String name = live.getKey();
            JsonNode application = live.getValue();
            checkCollisions(name, application, ours, obstacles);
            if (isLeaving(application)) {
                notes.add("Application (" + name + ") is being deleted by someone else and stays out.");
            } else if (isImperative(application)) {
                notes.add("Application (" + name + ") was deployed from a program: Ray leaves it alone.");
            } else if (canBeKept(name, application, obstacles)) {
                applications.add(application.path("deployed_app_config"));
                kept.add(name);
            }
        }
        ours.values().forEach(applications::add);
        return new RayMerge(body, List.copyOf(kept), List.copyOf(notes));
    }

    private static boolean canBeKept(String name, JsonNode application, Obstacles obstacles) {
        JsonNode config = application.path("deployed_app_config");
        if (!application.hasNonNull("source")) {
            obstacles.add(
                    "This Ray does not say how application (" + name
                            + ") was deployed, and would remove it if it came from" + " a program.",
                    "Use a newer Ray: 2.60 says it.");
            return false;
        }
        if (!config.isObject()) {
            obstacles.add(
                    "Application (" + name + ") is not Scepsy's, and Ray does not say how it was declared: it would be"
                            + " removed.",
                    "Wait until it is deployed, and try again.");
            return false;
        }
        if (config.toString().contains('"' + REDACTED + '"')) {
            obstacles.add(
                    "Ray hides the variables of application (" + name
                            + "), which is not Scepsy's: it could not be put back" + " as it was.",
                    "Ask the dashboard directly, not through a proxy that adds a browser's headers.");
            return false;
        }
        return true;
    }

    private static void checkCollisions(
            String name, JsonNode application, Map<String, ? extends JsonNode> ours, Obstacles obstacles) {
        if (ours.containsKey(name)) {
            obstacles.add(
                    "An application (" + name + ") is there already, and it is not Scepsy's.", "Delete or rename it.");
        }
        String route = application
                .path("route_prefix")
                .asText(application.at("/deployed_app_config/route_prefix").asText(""));
        ours.forEach((own, config) -> {
            if (!route.isEmpty() && config.path("route_prefix").asText().equals(route) && !own.equals(name)) {
                obstacles.add(
                        "Application (" + name + "), which is not Scepsy's, has the route (" + route
                                + ") that application (" + own + ") needs.",
                        "Give it another route_prefix.");
            }
        });
    }

    static boolean isLeaving(JsonNode application) {
        return application.path("status").asText().equals("DELETING");
    }

    static boolean isImperative(JsonNode application) {
        return application.path("source").asText().equals("imperative");
    }

    /** Scepsy's own applications by name, as Ray speaks of them. */
    static Map<String, JsonNode> own(JsonNode details) {
        return applications(details, true);
    }

    static Map<String, JsonNode> foreign(JsonNode details) {
        return applications(details, false);
    }

    private static Map<String, JsonNode> applications(JsonNode details, boolean own) {
        Map<String, JsonNode> found = new TreeMap<>();
        details.path("applications").fields().forEachRemaining(application -> {
            if (isOwn(application.getKey(), application.getValue()) == own) {
                found.put(application.getKey(), application.getValue());
            }
        });
        return found;
    }

    private static boolean isOwn(String name, JsonNode application) {
        return name.startsWith(RayApplications.PREFIX)
                && application
                        .at("/deployed_app_config/runtime_env/env_vars/" + RayApplications.MARK)
                        .isTextual();
    }

    /** Configurations of Scepsy's applications as they were put last, without those that leave. */
    static Map<String, JsonNode> ownConfigs(JsonNode details) {
        Map<String, JsonNode> configs = new LinkedHashMap<>();
        own(details).forEach((name, application) -> {
            if (!isLeaving(application)) {
                configs.put(name, application.path("deployed_app_config"));
            }
        });
        return configs;
    }

    /** What was declared, by whomever: changes with every put, and not with what merely starts or fails. */
    static String declared(JsonNode details) {
        StringBuilder text = new StringBuilder(details.path("target_capacity").toString());
        Map<String, JsonNode> all = new TreeMap<>(own(details));
        all.putAll(foreign(details));
        all.forEach((name, application) -> text.append('\n')
                .append(name)
                .append(' ')
                .append(application.path("last_deployed_time_s"))
                .append(' ')
                .append(isLeaving(application))
                .append(' ')
                .append(application.path("deployed_app_config")));
        return text.toString();
    }
}
