package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.samples.cluster.engine.Engine;
import dev.scepsy.samples.cluster.engine.EventClock;
import dev.scepsy.samples.cluster.engine.OpenAiApi;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One engine as a process of a host, as {@code vllm serve} is one: it sees the GPUs that {@code CUDA_VISIBLE_DEVICES} names, gets of them
 * what CUDA MPS is told, and refuses to start where the memory it wants is not free. Confined to the event loop.
 */
public final class EngineProcess {

    private static final String DEFAULT_HOST = "0.0.0.0";
    private static final int DEFAULT_PORT = 8000;
    private static final Pattern PINNED = Pattern.compile("\\d+=(\\d+)([MG])");
    private static final double MIB_PER_GIB = 1024;

    /** What an engine prints before it ends at once. */
    public record Failure(String message, int exitCode) {}

    private final Vertx vertx;
    private final EventClock clock;
    private final OpenAiApi openAi;
    private final Startup startup;
    private final GpuFolder gpus;

    /** @param gpus folder that all engine processes of the host share */
    public EngineProcess(Vertx vertx, EventClock clock, OpenAiApi openAi, Startup startup, Path gpus)
            throws IOException {
        this.vertx = vertx;
        this.clock = clock;
        this.openAi = openAi;
        this.startup = startup;
        this.gpus = new GpuFolder(gpus);
    }

    /**
     * Starts it: the port opens when the model is loaded.
     *
     * @param words what follows {@code vllm}
     * @param environment the process's
     * @return why it ends at once; empty if it does not
     */
    public Optional<Failure> start(
            EngineFactory factory, ServingNode node, List<String> words, Map<String, String> environment)
            throws IOException {
        PodView pod = new PodView(pod(node, words, environment));
        EngineFactory.Start start = factory.start(pod);
        if (start instanceof EngineFactory.Start.Failure failure) {
            return Optional.of(new Failure(failure.message(), failure.exitCode()));
        }
        EngineFactory.Start.Engine wanted = (EngineFactory.Start.Engine) start;
        long self = ProcessHandle.current().pid();
        List<Integer> used = pod.assignedGpus();
        Optional<String> refusal = gpus.alone(used, others -> {
            if (wanted.profilesMemory() && others.stream().anyMatch(GpuFolder.Entry::profiling)) {
                return Optional.of("AssertionError: Error in memory profiling. Initial free memory and current free"
                        + " memory differ: another engine is starting on this GPU.");
            }
            Optional<String> full = wanted.memory()
                    .refusal(others.stream()
                            .mapToDouble(GpuFolder.Entry::takenBytes)
                            .sum());
            if (full.isEmpty()) {
                gpus.write(new GpuFolder.Entry(self, used, wanted.memory().takenBytes(), wanted.profilesMemory()));
            }
            return full;
        });
        if (refusal.isPresent()) {
            return refusal.map(message -> new Failure(message, 1));
        }
        load(wanted, new CommandLine(words), self, used);
        return Optional.empty();
    }

    private void load(EngineFactory.Start.Engine wanted, CommandLine command, long self, List<Integer> used) {
        Engine engine = new Engine(wanted.spec(), clock);
        double seconds = startup.seconds(wanted.weightBytesPerGpu());
        System.out.printf(
                "INFO Loading weights of %s; ready in %.1f emulated s%n",
                wanted.spec().name(), seconds);
        clock.after(seconds, () -> {
            engine.serve();
            String host = command.value("--host").orElse(DEFAULT_HOST);
            int port = command.number("--port").orElse(DEFAULT_PORT);
            vertx.createHttpServer(
                            new HttpServerOptions().setHost(host).setPort(port).setHttp2ClearTextEnabled(false))
                    .requestHandler(request -> openAi.handle(request, new SingleEngine(engine)))
                    .listen()
                    .onSuccess(listening -> loaded(wanted, self, used))
                    .onFailure(taken -> {
                        System.out.println("OSError: [Errno 98] Address already in use: " + host + ":" + port);
                        System.exit(1);
                    });
        });
    }

    private void loaded(EngineFactory.Start.Engine wanted, long self, List<Integer> used) {
        try {
            gpus.write(new GpuFolder.Entry(self, used, wanted.memory().takenBytes(), false));
            System.out.println("INFO Application startup complete.");
        } catch (IOException lost) {
            System.out.println("OSError: " + lost);
            System.exit(1);
        }
    }

    /** The process takes nothing of the GPUs any more. */
    public void gone() throws IOException {
        gpus.remove(ProcessHandle.current().pid());
    }

    /** What the process was started with, as the engine factory reads it off pods. */
    private static ObjectNode pod(ServingNode node, List<String> words, Map<String, String> environment) {
        String visible = environment.getOrDefault(
                "CUDA_VISIBLE_DEVICES",
                IntStream.range(0, node.gpus().size()).mapToObj(String::valueOf).collect(Collectors.joining(",")));
        ObjectNode pod = JsonNodeFactory.instance.objectNode();
        ObjectNode metadata = pod.putObject("metadata")
                .put("name", "process-" + ProcessHandle.current().pid());
        ObjectNode annotations = metadata.putObject("annotations");
        annotations.put(Annotations.GPUS, visible).put(Annotations.ASSIGNED_GPUS, visible);
        Optional.ofNullable(environment.get("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE"))
                .ifPresent(percent -> annotations.put(
                        Annotations.FRACTION,
                        GpuFraction.of(new BigDecimal(percent).movePointLeft(2)).toString()));
        Optional.ofNullable(environment.get("CUDA_MPS_PINNED_DEVICE_MEM_LIMIT"))
                .ifPresent(limits -> annotations.put(Annotations.MEMORY, Double.toString(gibOf(limits))));
        ObjectNode spec = pod.putObject("spec").put("nodeName", node.name());
        var command =
                spec.putArray("containers").addObject().putArray("command").add("vllm");
        words.forEach(command::add);
        return pod;
    }

    /** @throws IllegalArgumentException if CUDA could not read them */
    private static double gibOf(String limits) {
        Matcher first = PINNED.matcher(Objects.requireNonNull(limits).split(",")[0]);
        if (!first.matches()) {
            throw new IllegalArgumentException(
                    "CUDA_MPS_PINNED_DEVICE_MEM_LIMIT (" + limits + ") is no list of limits");
        }
        return Double.parseDouble(first.group(1)) / (first.group(2).equals("M") ? MIB_PER_GIB : 1);
    }
}
