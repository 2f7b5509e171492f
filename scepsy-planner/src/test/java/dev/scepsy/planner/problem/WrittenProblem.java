package dev.scepsy.planner.problem;

import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.ProfilesFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.file.WorkflowsFile;
import dev.scepsy.planner.profile.Catalogue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A problem as four texts, each replaceable, read the way the command line reads files. */
final class WrittenProblem {

    private final Path folder;
    private final Map<String, Double> targets = new HashMap<>();
    private String cluster = """
            racks:
              - name: r
                nodes:
                  - {name: n, gpu: G, gpus: 4, memoryGiB: 80, sharing: {mode: mps}}
            """;
    private String models = """
            models:
              - {name: a}
            """;
    private String profiles = """
            profiles:
              - model: a
                gpu: G
                curve: [{requestsPerSecond: 4, meanLatencySeconds: 1}]
            """;
    private String workflows = """
            {"workflows": [{"name": "w", "targetPerSecond": 1, "models": [{"model": "a", "callsPerExecution": 2}]}]}
            """;
    private PipelineForm form = PipelineForm.CRITICAL_PATH;

    WrittenProblem(Path folder) {
        this.folder = folder;
    }

    WrittenProblem cluster(String text) {
        cluster = text;
        return this;
    }

    /** One node of four GPUs of type G with {@code sharing}, and further keys. */
    WrittenProblem node(String keys) {
        return cluster("racks: [{name: r, nodes: [{name: n, gpu: G, gpus: 4, memoryGiB: 80, " + keys + "}]}]");
    }

    WrittenProblem models(String text) {
        models = text;
        return this;
    }

    WrittenProblem profiles(String text) {
        profiles = text;
        return this;
    }

    WrittenProblem workflows(String text) {
        workflows = text;
        return this;
    }

    WrittenProblem target(String workflow, double rate) {
        targets.put(workflow, rate);
        return this;
    }

    WrittenProblem form(PipelineForm chosen) {
        form = chosen;
        return this;
    }

    Reading<PlanningProblem> assemble() {
        return new ProblemAssembly(
                        ClusterFile.read(write("cluster.yaml", cluster), Catalogue.builtIn()),
                        ModelsFile.read(write("models.yaml", models), Catalogue.builtIn()),
                        ProfilesFile.read(write("profiles.yaml", profiles)),
                        WorkflowsFile.read(write("workflows.json", workflows)),
                        targets,
                        form)
                .assemble();
    }

    PlanningProblem legal() {
        Reading<PlanningProblem> reading = assemble();
        return reading.legalValue().orElseThrow(() -> new AssertionError(reading.whyMalformed()));
    }

    /** The problems as the command line prints them, folder left out. */
    List<String> problems() {
        return assemble().whyMalformed().stream().map(this::printed).toList();
    }

    List<String> warnings() {
        return assemble().warnings().stream().map(this::printed).toList();
    }

    Path write(String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String printed(Problem problem) {
        return problem.toString().replace(folder + "/", "");
    }
}
