package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.GitOpsFiles;
import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.file.WholeFile;
import dev.scepsy.planner.platform.PlacedPlan;
import dev.scepsy.planner.platform.Platform;
import dev.scepsy.planner.platform.Rendering;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code scepsy render}: a plan as the files of a platform. */
@Command(
        name = "render",
        description = {
            "Writes a plan as the files of a platform: Kubernetes manifests (one Service per model, one Deployment per"
                    + " model and place), or what --platform names.",
            "How GPU shares are enforced on each node is printed on standard error.",
            "Exit codes: 0 written, 2 bad input, 4 the platform cannot express the plan."
        })
final class RenderCommand implements Callable<Integer> {

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
            converter = PlatformOption.Written.class,
            defaultValue = "kubernetes",
            description = "Platform that the plan runs on: " + PlatformOption.NAMES + " (default: ${DEFAULT-VALUE}).")
    private PlatformOption platform = PlatformOption.KUBERNETES;

    @Option(
            names = "--node",
            paramLabel = "NODE",
            description = "Only the engines of this node, for platforms that write files for each node (default: all"
                    + " nodes).")
    private @Nullable String node;

    @Mixin
    private RayBuilder builder = new RayBuilder();

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
        if (gitOps != null && (out == null || platform != PlatformOption.KUBERNETES)) {
            return terminal.badInput(
                    "--gitops writes a folder for Kubernetes: name it with --out, and leave --platform at"
                            + " kubernetes.");
        }
        PlanFiles.Read read = files.read(namespace, Map.of(), server, terminal);
        if (read.placed().isEmpty()) {
            return terminal.badInput(read.problems());
        }
        PlacedPlan plan = read.placed().get();
        Optional<String> otherwise = builder.wrong(platform);
        if (otherwise.isPresent()) {
            return terminal.badInput(otherwise.get());
        }
        Platform chosen = builder.of(platform);
        if (node != null) {
            Optional<String> wrong = platform.whyNoNode(plan, node);
            if (wrong.isPresent()) {
                return terminal.badInput(wrong.get());
            }
            plan = plan.on(node);
        }
        Rendering rendering = chosen.render(plan);
        if (rendering instanceof Rendering.Refused refused) {
            return refused(refused);
        }
        Rendering.Files rendered = (Rendering.Files) rendering;
        if (gitOps != null) {
            rendered = new Rendering.Files(GitOpsFiles.of(plan.intent(), gitOps), rendered.notes());
        }
        rendered.notes().forEach(terminal.err()::println);
        terminal.err().flush();
        return written(rendered);
    }

    private int refused(Rendering.Refused refused) {
        terminal.err().println("Platform (" + platform + ") cannot express the plan; nothing was written.");
        refused.reasons().forEach(reason -> terminal.err().println("  " + reason));
        refused.remedies().forEach(remedy -> terminal.err().println("  What would help: " + remedy));
        terminal.err().flush();
        if (terminal.json()) {
            terminal.out().print(Json.object(json -> {
                json.field("outcome", "refused");
                json.objects("reasons", refused.reasons(), (item, reason) -> item.field("message", reason));
                json.objects("remedies", refused.remedies(), (item, remedy) -> item.field("message", remedy));
            }));
            terminal.out().flush();
        }
        return ExitCode.REFUSED;
    }

    private int written(Rendering.Files rendered) throws IOException {
        Map<String, String> texts = rendered.files();
        if (out != null) {
            for (Map.Entry<String, String> text : texts.entrySet()) {
                Path file = out.resolve(text.getKey());
                Files.createDirectories(file.getParent());
                WholeFile.write(file, text.getValue());
                if (rendered.isProgram(text.getKey())) {
                    makeExecutable(file.toFile());
                }
            }
            terminal.err()
                    .println((texts.size() == 1 ? "1 file" : texts.size() + " files") + " written to " + out + ".");
            sayOfOthers(out, texts.keySet());
        } else if (terminal.json()) {
            terminal.out()
                    .print(Json.object(json -> json.objects(
                            "files",
                            texts.entrySet(),
                            (item, file) -> item.field("name", file.getKey())
                                    .field(file.getKey().endsWith(".yaml") ? "yaml" : "text", file.getValue()))));
        } else if (texts.size() > 1 && !texts.keySet().stream().allMatch(name -> name.endsWith(".yaml"))) {
            return terminal.badInput("The plan becomes " + texts.size() + " files ("
                    + String.join(", ", texts.keySet().stream().limit(3).toList()) + (texts.size() > 3 ? ", ..." : "")
                    + "), which cannot share standard output. Give --out FOLDER.");
        } else {
            texts.values().forEach(terminal.out()::print);
        }
        terminal.out().flush();
        terminal.err().flush();
        return ExitCode.DONE;
    }

    private void makeExecutable(File file) {
        if (!file.setExecutable(true)) {
            terminal.err().println("warning: " + file + " could not be made executable; run it with bash.");
        }
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
