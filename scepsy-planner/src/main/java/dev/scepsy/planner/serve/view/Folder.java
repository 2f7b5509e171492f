package dev.scepsy.planner.serve.view;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.ProfilesFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.file.WorkflowsFile;
import dev.scepsy.planner.otlp.TraceSource;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.web.NotShownException;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What a folder holds, read once. A file that is not there is empty here, and said to be missing where it is asked for.
 *
 * @param problems what is wrong with files that are there; nothing is shown then
 * @param traces files of OTLP JSON lines, in the order of their names
 * @param plan {@code plan.json} as it is written, which may also say why there is no plan
 * @param planned the same where it is a plan
 * @param planAt when {@code plan.json} was written
 */
record Folder(
        Path path,
        List<Problem> problems,
        List<String> warnings,
        List<TraceSource> traces,
        Optional<List<WorkflowStatistics>> workflows,
        Optional<ClusterFile.Described> cluster,
        Optional<ModelsFile.Described> models,
        Optional<JsonNode> plan,
        Optional<Plan> planned,
        Instant planAt) {

    private static final String WORKFLOWS = "workflows.json";
    private static final String EVENTS = "events.jsonl";

    static NotShownException missing(String name) {
        return NotShownException.missing("not in this folder: " + name);
    }

    /** Reads all but the traces. */
    static Folder read(Path path) {
        List<Problem> problems = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        List<TraceSource> traces = traces(path, problems);
        Optional<List<WorkflowStatistics>> workflows = file(path, WORKFLOWS, WorkflowsFile::read, problems, warnings);
        Optional<ClusterFile.Described> cluster =
                file(path, "cluster.yaml", file -> ClusterFile.read(file, Catalogue.builtIn()), problems, warnings);
        Optional<ModelsFile.Described> models =
                file(path, "models.yaml", file -> ModelsFile.read(file, Catalogue.builtIn()), problems, warnings);
        file(path, "profiles.yaml", ProfilesFile::read, problems, warnings);
        Optional<JsonNode> plan = json(path.resolve("plan.json"), problems);
        Optional<Plan> planned = plan.filter(written -> !written.has("infeasible"))
                .flatMap(written -> file(path, "plan.json", PlanFile::read, problems, warnings));
        Instant planAt = plan.isPresent() ? modified(path.resolve("plan.json")) : Instant.EPOCH;
        boolean nothing = traces.isEmpty()
                && workflows.isEmpty()
                && cluster.isEmpty()
                && models.isEmpty()
                && plan.isEmpty()
                && !Files.exists(path.resolve(FolderJournal.PLANS));
        if (problems.isEmpty() && nothing) {
            problems.add(problem(
                    path,
                    "The folder has nothing to show: workflows.json, or traces (*.jsonl, *.jsonl.gz), are enough to begin"
                            + " with."));
        }
        return new Folder(path, problems, warnings, traces, workflows, cluster, models, plan, planned, planAt);
    }

    private static Problem problem(Path file, String message) {
        return new Problem(file.toString(), "", 0, 0, message);
    }

    private static List<TraceSource> traces(Path path, List<Problem> problems) {
        try (Stream<Path> files = Files.list(path)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> isTrace(file.getFileName().toString()))
                    .sorted()
                    .<TraceSource>map(TraceSource.TraceFile::new)
                    .toList();
        } catch (NoSuchFileException e) {
            problems.add(problem(path, "There is no such folder."));
        } catch (NotDirectoryException e) {
            problems.add(problem(path, "This is no folder: name the one that the files lie in."));
        } catch (IOException e) {
            problems.add(problem(path, "The folder cannot be read: " + e.getMessage()));
        }
        return List.of();
    }

    private static boolean isTrace(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return !name.startsWith(".")
                && !lower.equals(EVENTS)
                && (lower.endsWith(".jsonl") || lower.endsWith(".jsonl.gz"));
    }

    private static <T> Optional<T> file(
            Path folder, String name, Function<Path, Reading<T>> read, List<Problem> problems, List<String> warnings) {
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Reading<T> reading = read.apply(file);
        problems.addAll(reading.whyMalformed());
        reading.warnings().forEach(warning -> warnings.add(warning.toString()));
        return reading.legalValue();
    }

    /** A file of JSON as it is; empty where it is not there. */
    static Optional<JsonNode> json(Path file, List<Problem> problems) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Documents.mapper().readTree(Files.readString(file, StandardCharsets.UTF_8)));
        } catch (JsonProcessingException e) {
            problems.add(new Problem(
                    file.toString(),
                    "",
                    e.getLocation() == null ? 0 : e.getLocation().getLineNr(),
                    0,
                    "This is no JSON: " + e.getOriginalMessage()));
        } catch (IOException e) {
            problems.add(problem(file, "The file cannot be read: " + e.getMessage()));
        }
        return Optional.empty();
    }

    private static Instant modified(Path file) {
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (IOException e) {
            return Instant.EPOCH;
        }
    }
}
