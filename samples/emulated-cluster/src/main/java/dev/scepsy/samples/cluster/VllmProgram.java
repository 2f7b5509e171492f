package dev.scepsy.samples.cluster;

import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.samples.cluster.control.EngineFactory;
import dev.scepsy.samples.cluster.control.EngineProcess;
import dev.scepsy.samples.cluster.control.ServingNode;
import dev.scepsy.samples.cluster.control.Startup;
import dev.scepsy.samples.cluster.engine.AnswerScript;
import dev.scepsy.samples.cluster.engine.EventClock;
import dev.scepsy.samples.cluster.engine.OpenAiApi;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code vllm} without GPUs: {@code vllm serve ...} becomes an emulated engine in this process, until it is ended. What the host is comes
 * from the environment, see {@code bin/vllm}.
 */
final class VllmProgram {

    private static final int BAD_INPUT = 2;

    private final Map<String, String> environment;
    private final List<String> words;

    private VllmProgram(Map<String, String> environment, List<String> words) {
        this.environment = environment;
        this.words = words;
    }

    public static void main(String[] arguments) throws IOException {
        Optional<EngineProcess.Failure> failure = new VllmProgram(System.getenv(), List.of(arguments)).start();
        if (failure.isPresent()) {
            System.out.println(failure.get().message());
            System.exit(failure.get().exitCode());
        }
    }

    private Optional<EngineProcess.Failure> start() throws IOException {
        if (words.isEmpty() || !words.get(0).equals("serve")) {
            return Optional.of(new EngineProcess.Failure("usage: vllm serve [model_tag] [options]", BAD_INPUT));
        }
        List<String> missing = new ArrayList<>();
        String cluster = needed("SCEPSY_EMULATED_CLUSTER", missing);
        String models = needed("SCEPSY_EMULATED_MODELS", missing);
        String name = needed("SCEPSY_EMULATED_NODE", missing);
        if (!missing.isEmpty()) {
            return Optional.of(new EngineProcess.Failure(
                    "This vllm is emulated and needs " + String.join(", ", missing) + " in its environment.",
                    BAD_INPUT));
        }
        Catalogue catalogue = Catalogue.builtIn();
        Reading<ClusterFile.Described> hardware = ClusterFile.read(Path.of(cluster), catalogue);
        Reading<ModelsFile.Described> served = ModelsFile.read(Path.of(models), catalogue);
        List<Problem> problems = new ArrayList<>(hardware.whyMalformed());
        problems.addAll(served.whyMalformed());
        if (!problems.isEmpty()) {
            return Optional.of(new EngineProcess.Failure(
                    String.join("\n", problems.stream().map(Problem::toString).toList()), BAD_INPUT));
        }
        ClusterFile.Described described = hardware.legalValue().orElseThrow();
        Optional<Node> node = described.cluster().nodes().stream()
                .filter(each -> each.name().equals(name))
                .findFirst();
        if (node.isEmpty()) {
            return Optional.of(new EngineProcess.Failure(
                    "SCEPSY_EMULATED_NODE (" + name + ") is no node of " + cluster + ".", BAD_INPUT));
        }
        return run(described, served.legalValue().orElseThrow().models(), node.get());
    }

    private Optional<EngineProcess.Failure> run(ClusterFile.Described described, List<ServedModel> models, Node node)
            throws IOException {
        EmulatedClusterConfig.Builder builder =
                EmulatedClusterConfig.builder(described.cluster()).gpuFacts(described.facts());
        models.stream().filter(model -> !model.external()).forEach(builder::model);
        EmulatedClusterConfig config = builder.build();
        GpuFacts facts = config.gpuFacts().get(node.gpu().name());
        ServingNode host = ServingNode.of("rack", node, java.util.Objects.requireNonNull(facts));
        EventLoop loop = new EventLoop();
        Vertx vertx = loop.vertx();
        EventClock clock =
                new EventClock(number("SCEPSY_EMULATED_TIME_SCALE", 1), System::nanoTime, (millis, callback) -> {
                    if (millis <= 0) {
                        vertx.runOnContext(ignored -> callback.run());
                    } else {
                        vertx.setTimer(millis, ignored -> callback.run());
                    }
                });
        EngineProcess process = new EngineProcess(
                vertx,
                clock,
                new OpenAiApi(clock, InstantSource.system(), AnswerScript.loremIpsum(), 1),
                new Startup(
                        number("SCEPSY_EMULATED_START_SECONDS", Startup.DEFAULT.baseSeconds()),
                        Startup.DEFAULT.loadBytesPerSecond()),
                Path.of(environment.getOrDefault(
                        "SCEPSY_EMULATED_GPUS",
                        System.getProperty("java.io.tmpdir") + "/scepsy-emulated-" + node.name())));
        EngineFactory factory = new EngineFactory(config.models(), Map.of(node.name(), host));
        Optional<EngineProcess.Failure> failure = loop.call(() -> {
            try {
                return process.start(factory, host, words, environment);
            } catch (IOException unreadable) {
                return Optional.of(new EngineProcess.Failure("OSError: " + unreadable, 1));
            }
        });
        if (failure.isPresent()) {
            loop.close();
        } else {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    process.gone();
                } catch (IOException left) {
                    System.out.println("OSError: " + left); // the next engine sees that this process is gone
                }
            }));
        }
        return failure;
    }

    private String needed(String name, List<String> missing) {
        String value = environment.getOrDefault(name, "");
        if (value.isEmpty()) {
            missing.add(name);
        }
        return value;
    }

    private double number(String name, double usual) {
        return Optional.ofNullable(environment.get(name))
                .map(Double::parseDouble)
                .orElse(usual);
    }
}
