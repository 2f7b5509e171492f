package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.GitOpsFiles;
import dev.scepsy.planner.cluster.Manifests;
import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.file.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code scepsy render}: a plan as manifests. */
@Command(
        name = "render",
        description = {
            "Writes a plan as Kubernetes manifests: one Service per model, one Deployment per model and place.",
            "How GPU shares are enforced on each node is printed on standard error."
        })
final class RenderCommand implements Callable<Integer> {

    /** Where plans can be rendered for. */
    enum Platform {
        kubernetes
    }

    private static final int MOST_NAMED = 5;

    @Mixin
    private Terminal terminal = new Terminal();

    @Mixin
    private ServerOptions server = new ServerOptions();

    @Mixin
    private PlanFiles files = new PlanFiles();

    @Option(
            names = "--platform",
            paramLabel = "PLATFORM",
            defaultValue = "kubernetes",
            description = "Platform that the plan runs on: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Platform platform = Platform.kubernetes;

    @Option(
            names = {"--namespace", "-n"},
            paramLabel = "NAME",
            converter = Connection.NamespaceName.class,
            defaultValue = "default",
            description = "Namespace of all objects (default: ${DEFAULT-VALUE}).")
    private String namespace = "default";

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "Folder for one file per object (default: standard output).")
    private @Nullable Path out;

    @Option(
            names = "--gitops",
            paramLabel = "TOOL",
            description =
                    "Add what a tool needs that applies the folder from Git: a kustomization, the record that 'scepsy status'"
                            + " compares with, and for argo the order of engines that share a GPU: ${COMPLETION-CANDIDATES}. With --out.")
    private GitOpsFiles.@Nullable Tool gitOps;

    @Override
    public Integer call() throws IOException {
        if (gitOps != null && out == null) {
            return terminal.badInput("--gitops writes a folder; name it with --out.");
        }
        PlanFiles.Read read = files.read(namespace, Map.of(), server, terminal);
        if (read.intent().isEmpty()) {
            return terminal.badInput(read.problems());
        }
        Manifests manifests = switch (platform) {
            case kubernetes -> Manifests.of(read.intent().get());
        };
        manifests.enforcement().forEach((place, enforced) -> terminal.err().println(place + ": " + enforced));
        terminal.err().flush();
        if (out != null) {
            Map<String, String> texts = gitOps == null
                    ? manifests.files()
                    : GitOpsFiles.of(read.intent().get(), gitOps);
            Files.createDirectories(out);
            for (Map.Entry<String, String> file : texts.entrySet()) {
                WholeFile.write(out.resolve(file.getKey()), file.getValue());
            }
            terminal.err().println(texts.size() + " files written to " + out + ".");
            sayOfOthers(out, texts.keySet());
        } else if (terminal.json()) {
            terminal.out()
                    .print(Json.object(json -> json.objects(
                            "files",
                            manifests.files().entrySet(),
                            (item, file) -> item.field("name", file.getKey()).field("yaml", file.getValue()))));
        } else {
            terminal.out().print(manifests.yaml());
        }
        terminal.out().flush();
        terminal.err().flush();
        return ExitCode.DONE;
    }

    /** Files that stand in the folder and are not of this plan: an earlier one's would be applied with it by {@code kubectl apply -f}. */
    private void sayOfOthers(Path folder, Set<String> written) throws IOException {
        List<String> others;
        try (Stream<Path> there = Files.list(folder)) {
            others = there.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".yaml") && !written.contains(name))
                    .sorted()
                    .toList();
        }
        if (!others.isEmpty()) {
            terminal.err()
                    .println("Not of this plan, and left as they are: "
                            + String.join(
                                    ", ", others.stream().limit(MOST_NAMED).toList())
                            + (others.size() > MOST_NAMED ? " and " + (others.size() - MOST_NAMED) + " more" : "")
                            + (gitOps == null
                                    ? ". Remove what is of an earlier plan before the folder is applied."
                                    : ". The kustomization leaves them out."));
        }
    }
}
