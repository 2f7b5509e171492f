package dev.scepsy.planner.platform;

import static dev.scepsy.planner.platform.Capabilities.partly;
import static dev.scepsy.planner.platform.Capabilities.yes;

import dev.scepsy.planner.cluster.EngineLaunch;
import dev.scepsy.planner.platform.Rendering.Obstacles;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Docker Compose on one host: one service per engine, with the ids of its GPUs. Engines that share a GPU wait for the health of those before
 * them. A file speaks of one host only, so a plan over several nodes needs one for each.
 */
public final class ComposePlatform extends RenderedOnly {

    /** NCCL's and the workers' buffers, the size that pods get. */
    private static final String SHARED_MEMORY = "2gb";

    private static final String MODEL_CACHE = "/models";
    private static final String FILE = "compose.yaml";

    /** Compose ends a container that outlives this after SIGTERM, s. */
    private static final int STOP_SECONDS = 30;

    @Override
    public String name() {
        return "compose";
    }

    @Override
    String byHand() {
        return "Run docker compose up --detach --wait --remove-orphans in the folder of compose.yaml on its host, and docker"
                + " compose ps to see what runs.";
    }

    @Override
    public Capabilities capabilities() {
        return Capabilities.of(
                partly("one host; a plan over several nodes is refused, `--node` writes a file for each"),
                yes("`device_ids`"),
                partly(
                        "MPS percentage by the host's daemon; nothing with `time-slicing`; refused with `hami`, `kai`, `dra`"),
                partly("MPS pinned memory limit; with `time-slicing` the engine's own limit"),
                partly("`depends_on` with `service_healthy`; not when the daemon restarts one by itself"));
    }

    @Override
    public Rendering render(PlacedPlan plan) {
        Obstacles obstacles = new Obstacles();
        HostSharing.check(plan, name(), obstacles);
        Map<String, List<PlannedEngine>> byNode = plan.byNode();
        if (byNode.size() > 1) {
            String counts = byNode.entrySet().stream()
                    .map(node -> node.getKey() + " " + node.getValue().size())
                    .collect(Collectors.joining(", "));
            obstacles.add(
                    "The plan has engines on " + byNode.size() + " nodes (" + counts
                            + "), and a Compose file speaks of one" + " host.",
                    "Write one file for each: --node NODE --out FOLDER.");
        }
        if (obstacles.any()) {
            return obstacles.refused();
        }
        List<PlannedEngine> engines = byNode.values().iterator().next();
        String node = byNode.keySet().iterator().next();
        boolean mps = engines.stream().anyMatch(engine -> HostSharing.of(engine) == HostSharing.MPS);
        Map<String, Object> services = new LinkedHashMap<>();
        engines.forEach(engine -> services.put(engine.name(), service(plan, engine, engines)));
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("name", PlacedPlan.label("scepsy-" + node, 63));
        document.put("services", services);
        List<String> notes = new ArrayList<>(HostSharing.notes(plan));
        if (mps) {
            notes.add("An MPS daemon of the host has to run with its pipe in " + ShellPlatform.MPS_PIPE
                    + ": nvidia-cuda-mps-control -d. Without it compute and memory are shared as they come.");
        }
        notes.addAll(HostSharing.leftOut(plan));
        return new Rendering.Files(Map.of(FILE, head(plan, node) + YamlText.of(document)), notes);
    }

    private static String head(PlacedPlan plan, String node) {
        return "# Engines of plan " + plan.planId() + " on node " + PlacedPlan.label(node, 63)
                + ", written by scepsy render --platform compose.\n"
                + "# docker compose up --detach --wait --remove-orphans\n"
                + "# SCEPSY_HOST: address of the host to listen on (default 127.0.0.1: engines know no passwords).\n";
    }

    private static Map<String, Object> service(PlacedPlan plan, PlannedEngine engine, List<PlannedEngine> ofItsNode) {
        EngineLaunch launch = engine.launch();
        int inside = plan.options().port();
        boolean mps = HostSharing.of(engine) == HostSharing.MPS;
        List<String> volumes = new ArrayList<>();
        String folder = HostSharing.modelFolder(plan);
        if (!folder.isEmpty()) {
            volumes.add(folder + ":" + MODEL_CACHE);
        }
        if (mps) {
            volumes.add(ShellPlatform.MPS_PIPE + ":" + ShellPlatform.MPS_PIPE);
        }
        Map<String, Object> service = new LinkedHashMap<>();
        service.put("image", launch.image());
        service.put("entrypoint", literal(launch.command()));
        service.put("command", literal(launch.arguments()));
        service.put("environment", environment(engine, !folder.isEmpty()));
        service.put("ports", List.of("${SCEPSY_HOST:-127.0.0.1}:" + engine.port() + ":" + inside));
        if (!volumes.isEmpty()) {
            service.put("volumes", literal(volumes));
        }
        if (mps) {
            service.put("ipc", "host"); // clients of MPS need the host's, shared memory included
        } else if (engine.tensorParallel() > 1) {
            service.put("shm_size", SHARED_MEMORY);
        }
        service.put("deploy", Map.of("resources", Map.of("reservations", reservations(engine))));
        service.put("healthcheck", healthcheck(launch, inside));
        List<PlannedEngine> before = PlacedPlan.startsAfter(engine, ofItsNode);
        if (!before.isEmpty()) {
            Map<String, Object> conditions = new LinkedHashMap<>();
            before.forEach(other -> conditions.put(other.name(), Map.of("condition", "service_healthy")));
            service.put("depends_on", conditions);
        }
        service.put(
                "pre_stop",
                List.of(Map.of("command", drain(inside, plan.options().drainSeconds()))));
        service.put("stop_grace_period", STOP_SECONDS + "s");
        service.put("restart", "unless-stopped");
        return service;
    }

    private static Map<String, Object> environment(PlannedEngine engine, boolean keepsWeights) {
        Map<String, Object> variables = new LinkedHashMap<>();
        if (HostSharing.of(engine) == HostSharing.MPS) {
            variables.put("CUDA_MPS_PIPE_DIRECTORY", ShellPlatform.MPS_PIPE);
            variables.put("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE", engine.threadPercentage());
            variables.put("CUDA_MPS_PINNED_DEVICE_MEM_LIMIT", engine.pinnedMemoryLimit());
        }
        if (keepsWeights) {
            variables.put("HF_HOME", MODEL_CACHE);
        }
        variables.put("HF_TOKEN", null); // passed on where whoever starts it has one
        return variables;
    }

    private static Map<String, Object> reservations(PlannedEngine engine) {
        Map<String, Object> device = new LinkedHashMap<>();
        device.put("driver", "nvidia");
        device.put("device_ids", engine.gpus().stream().map(String::valueOf).toList());
        device.put("capabilities", List.of("gpu"));
        Map<String, Object> reservations = new LinkedHashMap<>();
        if (engine.launch().hostMemoryGiB() > 0) {
            reservations.put(
                    "memory",
                    BigDecimal.valueOf(engine.launch().hostMemoryGiB())
                                    .multiply(BigDecimal.valueOf(1024))
                                    .longValue() + "M");
        }
        reservations.put("devices", List.of(device));
        return reservations;
    }

    private static Map<String, Object> healthcheck(EngineLaunch launch, int port) {
        Map<String, Object> check = new LinkedHashMap<>();
        check.put(
                "test",
                List.of(
                        "CMD",
                        "python3",
                        "-c",
                        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:" + port
                                + "/health', timeout=5)"));
        check.put("start_period", launch.readySeconds() + "s");
        check.put("start_interval", "2s");
        check.put("interval", "10s");
        check.put("timeout", "6s");
        check.put("retries", 6);
        return check;
    }

    /** A hook that fails would keep the container from being stopped at all. */
    private static List<String> drain(int port, int seconds) {
        return literal(List.of(
                "sh", "-c", "timeout " + seconds + " python3 -c \"$0\" || true", EngineLaunch.drainProgram(port)));
    }

    /** Compose reads {@code $} as the beginning of a variable. */
    private static List<String> literal(List<String> texts) {
        return texts.stream().map(text -> text.replace("$", "$$")).toList();
    }
}
