package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.ClusterUnreachableException;
import dev.scepsy.planner.cluster.GpuNode;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.WholeFile;
import dev.scepsy.planner.otlp.TraceReader;
import dev.scepsy.planner.otlp.TraceSource;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.span.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code scepsy init}: the two files that only a person can complete. */
@Command(
        name = "init",
        sortOptions = false,
        description =
                "Writes skeletons of cluster.yaml and models.yaml, filled in from traces and a cluster where given.",
        footer = {
            "",
            "  scepsy init                                   skeletons with comments",
            "  scepsy init traces.jsonl                      models named as the traces name them",
            "  scepsy init --kubernetes --context prod       nodes, GPUs and sharing as node labels state them",
            "",
            "Exit code 0 when both files were written, 2 when one exists (see --force) or the input cannot be read,",
            "4 when the cluster cannot be reached."
        })
final class InitCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "TRACES",
            arity = "0..*",
            description = "Files, folders, patterns, or jaeger:URL?service=NAME, as for 'shares'.")
    private List<String> traces = List.of();

    @Mixin
    private Terminal terminal = new Terminal();

    @Option(names = "--kubernetes", description = "Fill in cluster.yaml from the nodes of a Kubernetes cluster.")
    private boolean kubernetes;

    @Mixin
    private Connection connection = new Connection();

    @Option(
            names = "--folder",
            paramLabel = "FOLDER",
            defaultValue = ".",
            description = "Where the files are written (default: the current folder).")
    private Path folder = Path.of(".");

    @Option(names = "--force", description = "Overwrite files that exist.")
    private boolean force;

    @Override
    public Integer call() throws IOException {
        Path clusterFile = folder.resolve("cluster.yaml");
        Path modelsFile = folder.resolve("models.yaml");
        List<Problem> problems = new ArrayList<>();
        for (Path file : List.of(clusterFile, modelsFile)) {
            if (!force && Files.exists(file)) {
                problems.add(new Problem(
                        file.toString(),
                        "",
                        0,
                        0,
                        "The file exists. Give --force to overwrite it, or another --folder."));
            }
        }
        Map<String, SeenModel> models = new TreeMap<>();
        read(models, problems);
        if (!problems.isEmpty()) {
            return terminal.badInput(problems);
        }
        List<GpuNode> nodes = List.of();
        if (kubernetes) {
            try (ClusterClient client = connection.open()) {
                nodes = client.gpuNodes();
            } catch (ClusterUnreachableException e) {
                terminal.err().println(e.getMessage());
                terminal.err().flush();
                return ExitCode.REFUSED;
            }
            if (nodes.isEmpty()) {
                return terminal.badInput(
                        "No node of the cluster has nvidia.com/gpu. Leave --kubernetes out and describe"
                                + " the hardware by hand.");
            }
        }
        Catalogue catalogue = Catalogue.builtIn();
        WholeFile.write(clusterFile, ClusterSkeleton.of(nodes, catalogue));
        WholeFile.write(modelsFile, ModelsSkeleton.of(models.values(), catalogue.architectures()));
        terminal.out()
                .println(
                        "Wrote " + clusterFile + " (" + (nodes.isEmpty() ? "one made-up node" : nodes.size() + " nodes")
                                + ") and " + modelsFile + " ("
                                + (models.isEmpty() ? "one made-up model" : models.size() + " models")
                                + "). Complete them, then run 'scepsy plan'.");
        terminal.out().flush();
        return ExitCode.DONE;
    }

    private void read(Map<String, SeenModel> models, List<Problem> problems) throws IOException {
        if (traces.isEmpty()) {
            return;
        }
        TraceReader reader = new TraceReader(
                span -> add(span, models), line -> terminal.err().println(line), InstantSource.system());
        try (Progress progress = terminal.progress("reading traces")) {
            for (String argument : traces) {
                for (TraceSource source : TraceSource.named(argument)) {
                    progress.now("reading " + source.name());
                    reader.read(source);
                }
            }
        } catch (IllegalArgumentException e) {
            problems.add(new Problem("scepsy init", "", 0, 0, String.valueOf(e.getMessage())));
        }
        if (models.isEmpty()) {
            problems.add(
                    new Problem(String.join(" ", traces), "", 0, 0, "No call to a model was found in these traces."));
        }
    }

    private static void add(Span span, Map<String, SeenModel> models) {
        String model = span.genAi().model();
        if (model != null && span.isModelCall()) {
            models.computeIfAbsent(model, SeenModel::new).add(span);
        }
    }
}
