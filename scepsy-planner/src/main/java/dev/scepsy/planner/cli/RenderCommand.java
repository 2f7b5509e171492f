package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.Manifests;
import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.file.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
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

    @Override
    public Integer call() throws IOException {
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
            Files.createDirectories(out);
            for (Map.Entry<String, String> file : manifests.files().entrySet()) {
                WholeFile.write(out.resolve(file.getKey()), file.getValue());
            }
            terminal.err().println(manifests.files().size() + " files written to " + out + ".");
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
}
