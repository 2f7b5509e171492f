package dev.scepsy.planner.router;

import java.util.List;
import java.util.Map;

/** The router of the vLLM production stack: it watches pods and asks each for its models, and sends requests to them in turns. */
final class VllmRouter {

    /** It keeps bodies in Python's memory; what its chart asks for, MiB. */
    private static final int MEMORY_MIB = 2048;

    private static final int NOBODY = 65_534;

    private VllmRouter() {}

    static RouterProgram of(Routing routing, String namespace, int port) {
        return new RouterProgram(
                routing.settings()
                        .image()
                        .orElseThrow(() -> new IllegalArgumentException("The vllm-router needs an image.")),
                List.of(
                        "vllm-router",
                        "--host",
                        "0.0.0.0",
                        "--port",
                        Integer.toString(port),
                        "--service-discovery",
                        "k8s",
                        "--k8s-namespace",
                        namespace,
                        "--k8s-port",
                        Integer.toString(port),
                        "--k8s-label-selector",
                        "scepsy.dev/serving=true",
                        "--routing-logic",
                        "roundrobin"),
                "",
                Map.of(),
                port,
                "/health",
                "/health",
                NOBODY,
                MEMORY_MIB,
                List.of("sleep", Integer.toString(RouterProgram.LEAVE_SECONDS)),
                RouterProgram.GRACE_SECONDS,
                true);
    }
}
