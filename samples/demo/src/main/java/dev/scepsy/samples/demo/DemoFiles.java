package dev.scepsy.samples.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.PlanFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;

/** The demo's folder. The time scale stands in every file in it. */
final class DemoFiles {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final String SCALE_KEY = "x-timeScale";

    private static final List<String> UNSTAMPED = List.of(
            "workflows.json",
            "plan.json",
            "predictions-guess.json",
            "predictions-plan.json",
            "result.txt",
            "result.svg",
            "trace.svg",
            "application.log");

    private final Path folder;
    private final double scale;

    private DemoFiles(Path folder, double scale) {
        this.folder = folder;
        this.scale = scale;
    }

    /** An empty folder with the cluster and the models in it; without a router where there is to be none. */
    static DemoFiles prepare(Path folder, double scale, Routing routing) throws IOException {
        return prepare(folder, scale, routing, name -> name);
    }

    /** The same from other resources, by the names of the files. */
    static DemoFiles prepare(Path folder, double scale, Routing routing, UnaryOperator<String> resources)
            throws IOException {
        if (Files.exists(folder)) {
            try (var old = Files.walk(folder)) {
                for (Path path : old.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
        Files.createDirectories(folder);
        DemoFiles files = new DemoFiles(folder, scale);
        for (String name : List.of("cluster.yaml", Scepsy.MODELS, Scepsy.MODELS_OF_GUESS)) {
            try (InputStream resource =
                    Objects.requireNonNull(DemoFiles.class.getResourceAsStream(resources.apply(name)), name)) {
                Files.copy(resource, files.path(name));
            }
            if (!name.equals("cluster.yaml")) {
                Path models = files.path(name);
                replace(models, "router: " + routing.asPlanned() + "\n" + Files.readString(models));
            }
            files.stamp(name);
        }
        return files;
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    /** Writes the time scale into a file. */
    void stamp(String name) throws IOException {
        Path file = path(name);
        if (name.endsWith(".json")) {
            ObjectNode json = read(name);
            json.put(SCALE_KEY, scale);
            write(name, json);
            return;
        }
        String line = SCALE_KEY + ": " + scale;
        replace(file, Files.readString(file) + (name.endsWith(".svg") ? "<!-- " + line + " -->" : line) + "\n");
    }

    /** Writes the time scale as a comment into every file below a folder. */
    void stampComments(String name) throws IOException {
        Files.walkFileTree(path(name), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                replace(file, "# time scale of the emulated cluster: " + scale + "\n" + Files.readString(file));
                return FileVisitResult.CONTINUE;
            }
        });
    }

    ObjectNode read(String name) throws IOException {
        return (ObjectNode) JSON.readTree(path(name).toFile());
    }

    void write(String name, JsonNode json) throws IOException {
        replace(path(name), JSON.writeValueAsString(json) + "\n");
    }

    void writePlan(String name, Plan plan) throws IOException {
        PlanFile.write(plan, path(name));
        stamp(name);
    }

    /** Σ r·t·f of a plan. */
    double gpusUsed(String name) throws IOException {
        return read(name).path("gpusUsed").asDouble();
    }

    /** Writes the table and its picture, draws a trace, and puts the time scale into whatever lacks it. */
    void finish(String table, String picture) throws IOException {
        replace(path("result.txt"), table);
        TracePicture.draw(path("traces.jsonl"), path("trace.svg"));
        replace(path("result.svg"), picture);
        for (String name : UNSTAMPED) {
            stamp(name);
        }
        stampComments("manifests");
        Files.deleteIfExists(path(Demo.RECORDING));
    }

    /** States the rate the workflow is to sustain. */
    void setTarget(String workflow, double perSecond) throws IOException {
        ObjectNode workflows = read("workflows.json");
        for (JsonNode entry : workflows.path("workflows")) {
            if (entry.path("name").asText().equals(workflow)) {
                ((ObjectNode) entry).put("targetPerSecond", perSecond);
            }
        }
        write("workflows.json", workflows);
    }

    /** A number of a workflow's prediction; empty where it is null. */
    OptionalDouble predicted(String name, String workflow, String field) throws IOException {
        for (JsonNode prediction : read(name).path("predictions")) {
            if (prediction.path("workflow").asText().equals(workflow) && prediction.hasNonNull(field)) {
                return OptionalDouble.of(prediction.path(field).asDouble());
            }
        }
        return OptionalDouble.empty();
    }

    private static void replace(Path file, String text) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".tmp");
        Files.writeString(beside, text);
        Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
    }
}
