package dev.scepsy.planner.cluster;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the engines of one model are started, for platforms that write it in another form than a Deployment: the very same program and
 * arguments. Immutable.
 *
 * @param model the model's name
 * @param engine {@code vllm}, {@code sglang} or {@code trtllm}
 * @param image container image, with a tag or a digest
 * @param source what the engine loads, a repository or a path
 * @param command the program
 * @param arguments its arguments; {@code --host} and {@code --port} are among them
 * @param cpuCores processors that it asks for; 0: none
 * @param hostMemoryGiB host memory that it asks for, GiB; 0: none
 * @param readySeconds how long it may take until it is ready, s
 * @param layers layers of the model; 0 where nobody knows them
 * @param patched whether the models file changes its pod template, which means something on Kubernetes only
 */
public record EngineLaunch(
        String model,
        String engine,
        String image,
        String source,
        List<String> command,
        List<String> arguments,
        double cpuCores,
        double hostMemoryGiB,
        int readySeconds,
        int layers,
        boolean patched) {

    public EngineLaunch {
        command = List.copyOf(command);
        arguments = List.copyOf(arguments);
    }

    /** By model, in name order. */
    public static Map<String, EngineLaunch> of(Intent intent) {
        Map<String, EngineLaunch> launches = new TreeMap<>();
        for (EngineSpec spec : intent.specs()) {
            launches.putIfAbsent(
                    spec.model(),
                    new EngineLaunch(
                            spec.model(),
                            kind(spec.command()).key(),
                            spec.image(),
                            spec.source(),
                            spec.command(),
                            spec.arguments(),
                            spec.cpuCores(),
                            spec.hostMemoryGiB(),
                            StartEstimate.probeSeconds(spec, intent.options().loadSeconds()),
                            spec.layers(),
                            !spec.podPatches().isEmpty()));
        }
        return launches;
    }

    private static EngineKind kind(List<String> command) {
        for (EngineKind kind : EngineKind.values()) {
            if (kind.command().equals(command)) {
                return kind;
            }
        }
        return EngineKind.VLLM;
    }

    /** The Python program that waits until the engine on {@code port} of this host has finished its requests. */
    public static String drainProgram(int port) {
        return DrainScript.of(port);
    }

    /**
     * The lines of {@code /metrics} that count requests inside an engine, as an extended regular expression of POSIX; their last word is
     * the count.
     */
    public static String requestLines() {
        return RequestGauges.PATTERN
                .substring(0, RequestGauges.PATTERN.lastIndexOf("\\s+"))
                .replace("(?:", "(")
                .replace("\\w", "[A-Za-z0-9_]");
    }

    /** Where engines publish their metrics, in the order in which they are asked. */
    public static List<String> metricsPaths() {
        return RequestGauges.PATHS;
    }
}
