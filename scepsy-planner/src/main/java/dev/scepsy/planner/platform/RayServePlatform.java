package dev.scepsy.planner.platform;

import static dev.scepsy.planner.platform.Capabilities.no;
import static dev.scepsy.planner.platform.Capabilities.partly;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.platform.Rendering.Obstacles;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Ray Serve: one application of {@code ray.serve.llm} per model, declared through the dashboard's REST interface. Applications of others
 * are never dropped.
 */
public final class RayServePlatform implements Platform {

    /** Ray's own builder of OpenAI-compatible applications. */
    public static final String IMPORT_PATH = "ray.serve.llm:build_openai_app";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration POLL = Duration.ofSeconds(1);

    private final Optional<URI> address;
    private final String importPath;
    private final Map<String, String> environment;
    private final Duration poll;

    private RayServePlatform(Optional<URI> address, String importPath, Map<String, String> environment, Duration poll) {
        this.address = address;
        this.importPath = importPath;
        this.environment = environment;
        this.poll = poll;
    }

    /** One that renders and talks to nobody. */
    public static RayServePlatform offline() {
        return new RayServePlatform(Optional.empty(), IMPORT_PATH, Map.of(), POLL);
    }

    /**
     * @param dashboard address of the cluster's dashboard, such as {@code http://127.0.0.1:8265}
     * @param environment where Ray's variables name its token, see {@link RayDashboard#of}
     */
    public static RayServePlatform at(URI dashboard, Map<String, String> environment) {
        return new RayServePlatform(Optional.of(dashboard), IMPORT_PATH, Map.copyOf(environment), POLL);
    }

    /** The same with another builder, {@code module:function}; it takes what {@code build_openai_app} takes. */
    public RayServePlatform withBuilder(String path) {
        return new RayServePlatform(address, path, environment, poll);
    }

    RayServePlatform polling(Duration every) {
        return new RayServePlatform(address, importPath, environment, every);
    }

    @Override
    public String name() {
        return "ray-serve";
    }

    @Override
    public Capabilities capabilities() {
        return Capabilities.of(
                partly("one node per engine (`STRICT_PACK`) of the right GPU type; Ray picks which"),
                no("Ray picks; it counts shares so that they fit"),
                partly("counted; MPS percentage where the nodes run its daemon; refused with t > 1"),
                partly("the engine's own limit; counted with the share, refused where the two cannot be one number"),
                no("refused for engines that measure free memory at their start"));
    }

    @Override
    public Rendering render(PlacedPlan plan) {
        Obstacles obstacles = new Obstacles();
        Map<String, Map<String, Object>> applications = RayApplications.of(plan, importPath, obstacles);
        if (obstacles.any()) {
            return obstacles.refused();
        }
        String head = "# Applications of plan " + plan.planId() + ", written by scepsy render --platform ray-serve.\n"
                + "# serve deploy and a put of this file remove every other declared application of the cluster;\n"
                + "# scepsy apply --platform ray-serve --address http://HEAD:8265 keeps them.\n";
        return new Rendering.Files(
                Map.of("serve.yaml", head + YamlText.of(Map.of("applications", List.copyOf(applications.values())))),
                notes(plan));
    }

    private static List<String> notes(PlacedPlan plan) {
        List<String> notes = new ArrayList<>();
        plan.byModel().forEach((model, engines) -> {
            PlannedEngine first = engines.get(0);
            boolean mps = HostSharing.of(first) == HostSharing.MPS;
            notes.add(model + " f=" + first.gpuFraction() + ": placement=cluster, Ray picks nodes and GPUs; compute="
                    + (first.gpuFraction().isWhole()
                            ? "whole GPUs"
                            : mps ? "MPS percentage where the node runs its daemon, else counted only" : "counted only")
                    + "; memory="
                    + (first.gpuFraction().isWhole()
                            ? "whole GPUs"
                            : mps
                                    ? "MPS pinned memory limit where the node runs its daemon, and the engine's own"
                                    : "the engine's own limit"));
        });
        notes.add("Engines run in the environment of Ray's nodes: images of the plan are not used.");
        notes.addAll(HostSharing.leftOut(plan));
        return notes;
    }

    private RayDashboard open() throws PlatformUnreachableException {
        if (address.isEmpty()) {
            throw new PlatformUnreachableException("No Ray cluster was named. Give --address http://HEAD:8265.");
        }
        return RayDashboard.of(address.get(), environment);
    }

    @Override
    public PlatformState read() throws PlatformUnreachableException {
        JsonNode details = open().get();
        List<PlatformState.Serving> serving = new ArrayList<>();
        RayMerge.own(details).forEach((name, application) -> {
            JsonNode config = application.path("deployed_app_config");
            String status = application.path("status").asText();
            int wanted = config.at("/args/llm_configs/0/deployment_config/num_replicas")
                    .asInt(1);
            String message = application.path("message").asText().strip().replaceAll("\\p{Cntrl}+", " ");
            serving.add(new PlatformState.Serving(
                    name,
                    config.at("/runtime_env/env_vars/" + RayApplications.MARK).asText(),
                    RayMerge.isLeaving(application) ? 0 : wanted,
                    RayPush.readyReplicas(application),
                    status + (message.isEmpty() ? "" : ": " + shortened(message)),
                    status.equals("RUNNING")));
        });
        List<String> foreign = new ArrayList<>();
        RayMerge.foreign(details)
                .forEach((name, application) ->
                        foreign.add(name + " (" + application.path("status").asText() + ", route "
                                + application.path("route_prefix").asText("none") + ")"));
        return new PlatformState(serving, foreign, List.of());
    }

    /** As it comes back from Ray: numbers are what their text says. */
    private static JsonNode json(Map<String, Object> application) {
        try {
            return JSON.readTree(JSON.writeValueAsString(application));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("Maps of texts and numbers are JSON.", impossible);
        }
    }

    private static String shortened(String message) {
        return message.length() <= 300 ? message : "..." + message.substring(message.length() - 300);
    }

    @Override
    public PlatformOutcome apply(PlacedPlan plan, Consumer<String> told) {
        Obstacles obstacles = new Obstacles();
        Map<String, Map<String, Object>> applications = RayApplications.of(plan, importPath, obstacles);
        if (obstacles.any()) {
            Rendering.Refused refused = obstacles.refused();
            return new PlatformOutcome.Refused(refused.reasons(), refused.remedies());
        }
        Map<String, JsonNode> wanted = new LinkedHashMap<>();
        applications.forEach((name, application) -> wanted.put(name, json(application)));
        Map<String, Integer> replicas = new TreeMap<>();
        int patience = 0;
        for (Map.Entry<String, List<PlannedEngine>> model : plan.byModel().entrySet()) {
            replicas.put(RayApplications.name(model.getKey()), model.getValue().size());
            patience = Math.max(patience, model.getValue().get(0).launch().readySeconds());
        }
        notes(plan).forEach(told);
        try {
            PlatformOutcome outcome =
                    new RayPush(open(), poll, told).to(wanted, replicas, Duration.ofSeconds(patience));
            return outcome instanceof PlatformOutcome.Applied
                    ? new PlatformOutcome.Applied("Plan " + plan.planId() + " is served: " + wanted.size()
                            + (wanted.size() == 1 ? " application, " : " applications, ")
                            + plan.engines().size() + " engines.")
                    : outcome;
        } catch (PlatformUnreachableException unreachable) {
            return new PlatformOutcome.Refused(List.of(String.valueOf(unreachable.getMessage())), List.of());
        }
    }
}
