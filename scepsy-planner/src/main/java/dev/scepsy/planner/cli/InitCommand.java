package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.ClusterHardware;
import dev.scepsy.planner.cluster.ClusterUnreachableException;
import dev.scepsy.planner.cluster.GpuNode;
import dev.scepsy.planner.execution.ClockSkew;
import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.execution.SeenCall;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.WholeFile;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.recorded.Recording;
import dev.scepsy.planner.recorded.WholeTrace;
import dev.scepsy.planner.serving.ClusterSkeleton;
import dev.scepsy.planner.span.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        description =
                "Writes skeletons of cluster.yaml and models.yaml, filled in from traces and a cluster where given.",
        footer = {
            "",
            "  scepsy init                              skeletons with comments",
            "  scepsy init traces.jsonl                 model names from the traces",
            "  scepsy init --kubernetes --context prod  nodes, GPUs and sharing from node labels",
            "",
            "Exit codes: 0 both files were written, 2 a file exists (see --force) or the input cannot be read, 4 the"
                    + " cluster cannot be reached."
        })
final class InitCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "TRACES",
            arity = "0..*",
            description = "Files, folders, patterns, or jaeger:URL?service=NAME, as for 'shares'.")
    private List<String> traces = List.of();

    @Mixin
    private TraceOptions reading = new TraceOptions();

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
            description = "Folder for the files (default: the current folder).")
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
                ClusterHardware hardware = client.hardware();
                nodes = hardware.nodes();
                hardware.notes().forEach(note -> terminal.err().println("warning: " + note));
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
            nodes.stream()
                    .filter(node -> !ClusterSkeleton.open(node))
                    .forEach(node -> terminal.err()
                            .println("warning: Node " + node.name() + " is left out: "
                                    + String.join("; ", node.obstacles()) + "."));
            nodes.stream()
                    .filter(ClusterSkeleton::open)
                    .forEach(node -> node.doubts()
                            .forEach(doubt -> terminal.err()
                                    .println("warning: Node " + node.name() + ": " + doubt
                                            + " (podTemplate in models.yaml), unless the cluster adds it.")));
            terminal.err().flush();
            if (nodes.stream().noneMatch(ClusterSkeleton::open)) {
                return terminal.badInput("No node of the cluster takes engines now, so there is nothing to plan on;"
                        + " nothing was written. The warnings say why, node by node.");
            }
        }
        Catalogue catalogue = Catalogue.builtIn();
        Files.createDirectories(folder);
        WholeFile.write(clusterFile, ClusterSkeleton.of(nodes, catalogue));
        WholeFile.write(modelsFile, ModelsSkeleton.of(models.values(), catalogue.architectures()));
        terminal.out()
                .println("Wrote " + clusterFile + " (" + (nodes.isEmpty() ? "one made-up node" : counted(nodes))
                        + ") and " + modelsFile + " ("
                        + (models.isEmpty() ? "one made-up model" : models.size() + " models")
                        + "). Complete them, then run 'scepsy plan'; targets stand in workflows.json (targetPerSecond) or are"
                        + " given with --target.");
        terminal.out().flush();
        return ExitCode.DONE;
    }

    private static String counted(List<GpuNode> nodes) {
        long open = nodes.stream().filter(ClusterSkeleton::open).count();
        return open + " nodes" + (open < nodes.size() ? ", " + (nodes.size() - open) + " more as comments" : "");
    }

    private void read(Map<String, SeenModel> models, List<Problem> problems) {
        if (traces.isEmpty()) {
            return;
        }
        RootRule rule = reading.rule(terminal, problems);
        if (!problems.isEmpty()) {
            return;
        }
        try (Progress progress = terminal.progress("reading traces");
                ReadTraces read = ReadTraces.of(traces, terminal, progress, problems)) {
            if (!problems.isEmpty()) {
                return;
            }
            Recording recording = Recording.of(read.traces(), rule, read.skew(reading));
            boolean all = rule instanceof RootRule.BySpans;
            List<Span> calls = read.traces()
                    .collect(
                            rule,
                            ClockSkew.NONE,
                            ArrayList::new,
                            (list, trace) -> addCalls(list, trace, all),
                            List::addAll);
            progress.close();
            read.explain(recording, rule);
            calls.forEach(call -> add(call, models));
            if (models.isEmpty()) {
                problems.add(new Problem(
                        String.join(" ", traces),
                        "",
                        0,
                        0,
                        NothingToLearn.from(recording, read.seen(), rule)
                                .orElse("No call to a model was found in these traces.")));
            }
        } catch (UncheckedIOException e) {
            problems.add(new Problem(String.join(" ", traces), "", 0, 0, String.valueOf(e.getMessage())));
        }
    }

    private static void addCalls(List<Span> calls, WholeTrace trace, boolean all) {
        trace.assembly().calls().stream()
                .filter(call -> all || call.inExecution())
                .map(SeenCall::span)
                .forEach(calls::add);
    }

    /** Names with a provider before them are further names of the model. */
    private static void add(Span call, Map<String, SeenModel> models) {
        String name = call.genAi().model();
        if (name != null) {
            String bare = ProviderPrefix.stripped(name).orElse(name);
            models.computeIfAbsent(bare, SeenModel::new).add(call);
        }
    }
}
