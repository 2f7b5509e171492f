package dev.scepsy.samples.cluster;

import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.samples.cluster.control.ServiceNames;
import dev.scepsy.samples.cluster.control.Startup;
import dev.scepsy.samples.cluster.engine.OpenAiApi;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs an emulated cluster as a program, until it is stopped. */
@Command(
        name = "emulated-cluster",
        mixinStandardHelpOptions = true,
        description = "A serving cluster without GPUs on loopback: the Kubernetes API and emulated vLLM engines.")
final class EmulatedClusterCommand implements Callable<Integer> {
    private static final int BAD_INPUT = 2;

    /** Whose objects, messages, endpoints and metric names are copied. */
    private static final String IMITATED = "Kubernetes 1.36, vLLM " + OpenAiApi.IMITATED;

    @Option(
            names = "--cluster",
            required = true,
            description = "cluster.yaml: the hardware; every gpu is in the catalogue.")
    private Path clusterFile = Path.of("");

    @Option(names = "--models", required = true, description = "models.yaml: what the engines can serve.")
    private Path modelsFile = Path.of("");

    @Option(names = "--port", description = "Port of the Kubernetes API; 0 (default): any free one.")
    private int port;

    @Option(names = "--gateway-port", description = "Port of the gateway; 0 (default): any free one.")
    private int gatewayPort;

    @Option(names = "--dns-port", description = "UDP port of the cluster's DNS; 0 (default): any free one.")
    private int dnsPort;

    @Option(names = "--time-scale", description = "Emulated seconds per second, 1 (default) to 30.")
    private double timeScale = 1;

    @Option(names = "--seed", description = "Seed of the answers; default ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(
            names = "--start-seconds",
            description = "Seconds an engine takes to start before it loads weights; default ${DEFAULT-VALUE}.")
    private double startSeconds = Startup.DEFAULT.baseSeconds();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new EmulatedClusterCommand());
    }

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Catalogue catalogue = Catalogue.builtIn();
        Reading<ClusterFile.Described> cluster = ClusterFile.read(clusterFile, catalogue);
        Reading<List<ServedModel>> models =
                ModelsFile.read(modelsFile, catalogue).map(ModelsFile.Described::models);
        List<Problem> problems = new ArrayList<>(cluster.whyMalformed());
        problems.addAll(models.whyMalformed());
        if (!problems.isEmpty()) {
            problems.forEach(err::println);
            return BAD_INPUT;
        }
        EmulatedClusterConfig config;
        try {
            config = config(
                    cluster.legalValue().orElseThrow(), models.legalValue().orElseThrow());
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            return BAD_INPUT;
        }
        try (EmulatedCluster running = EmulatedCluster.start(config)) {
            out.println("Kubernetes API  " + running.apiServerUrl());
            out.println("Ideal router    " + running.openAiBaseUrl());
            out.println("Cluster DNS     " + running.dnsAddress() + " (UDP, " + ServiceNames.DOMAIN + ")");
            out.println("Router pods     "
                    + config.haproxy()
                            .path()
                            .map(program -> "run " + program)
                            .orElse("wait: " + config.haproxy().whyNot()));
            out.println("Time scale      " + timeScale + " emulated seconds per second");
            out.println("Imitates        " + IMITATED);
            out.flush();
            CountDownLatch stopped = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(stopped::countDown, "emulated-cluster-stop"));
            stopped.await();
        }
        return 0;
    }

    private EmulatedClusterConfig config(ClusterFile.Described described, List<ServedModel> models) {
        EmulatedClusterConfig.Builder builder = EmulatedClusterConfig.builder(described.cluster())
                .gpuFacts(described.facts())
                .timeScale(timeScale)
                .seed(seed)
                .startup(new Startup(startSeconds, Startup.DEFAULT.loadBytesPerSecond()))
                .apiPort(port)
                .gatewayPort(gatewayPort)
                .dnsPort(dnsPort);
        models.stream().filter(model -> !model.external()).forEach(builder::model);
        return builder.build();
    }
}
