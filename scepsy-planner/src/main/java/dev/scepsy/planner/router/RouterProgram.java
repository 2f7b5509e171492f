package dev.scepsy.planner.router;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A program that routes, as a container runs it. Immutable. It listens at the pod's address, which it finds in {@value #POD_IP}.
 *
 * @param image container image
 * @param command the program and its arguments
 * @param folder where {@code files} are to lie
 * @param files name to content; empty where it needs none
 * @param statsPort port of its own state
 * @param livePath there: answers while the program runs
 * @param readyPath there: answers once it knows engines
 * @param user numeric user of the image
 * @param memoryMiB most memory that it can come to use, MiB
 * @param preStop what is run before the program is asked to end
 * @param graceSeconds how long it may take to finish its requests, s
 * @param watchesPods whether it asks the Kubernetes API for the pods of its namespace
 */
public record RouterProgram(
        String image,
        List<String> command,
        String folder,
        Map<String, String> files,
        int statsPort,
        String livePath,
        String readyPath,
        int user,
        int memoryMiB,
        List<String> preStop,
        int graceSeconds,
        boolean watchesPods) {

    /** Environment variable with the pod's address. */
    public static final String POD_IP = "POD_IP";

    /** Until every node has forgotten a pod that leaves, s. */
    static final int LEAVE_SECONDS = 5;

    /** Over which connections without requests are closed once it ends, s. */
    static final int CLOSE_SECONDS = 10;

    /** After so long a router that was deleted takes no more requests, s. */
    public static final int FAREWELL_SECONDS = 2 * (LEAVE_SECONDS + CLOSE_SECONDS);

    /** Longest time in which a router that leaves may finish its requests, s. */
    static final int GRACE_SECONDS = 600;

    public RouterProgram {
        command = List.copyOf(command);
        files = Map.copyOf(files);
        preStop = List.copyOf(preStop);
    }

    /**
     * The program of {@code routing}; empty where none of ours stands before the engines.
     *
     * @param namespace of engines and router
     * @param port of engines and router
     */
    public static Optional<RouterProgram> of(Routing routing, String namespace, int port) {
        return switch (routing.kind()) {
            case HAPROXY -> Optional.of(HaproxyRouter.of(routing, namespace, port));
            case ENVOY -> Optional.of(EnvoyRouter.of(routing, namespace, port));
            case VLLM_ROUTER -> Optional.of(VllmRouter.of(routing, namespace, port));
            case INFERENCE_EXTENSION, NONE -> Optional.empty();
        };
    }
}
