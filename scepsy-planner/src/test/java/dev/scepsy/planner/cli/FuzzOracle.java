package dev.scepsy.planner.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.file.ProfilesFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.file.WorkflowsFile;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.share.Interval95;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.WorkflowStatistics;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What no answer may say, whatever the input was; and that all that is written can be read again. */
final class FuzzOracle {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern NO_NUMBER = Pattern.compile("(?<![A-Za-z=(\"])(NaN|-?Infinity|∞)(?![A-Za-z])");
    private static final double ROUNDING = 1e-6;

    /** Differences, which may be below zero. */
    private static final List<String> SIGNED =
            List.of("optimalityGap", "gap", "extraSeconds", "maxThroughputPerSecond");

    private final List<String> wrong = new ArrayList<>();

    /** What is wrong with a success that printed {@code out} and wrote {@code files}; {@code cluster} is what it was told of. */
    static List<String> wrong(FuzzCase of, String out, List<Path> files, Optional<Path> cluster) throws IOException {
        FuzzOracle oracle = new FuzzOracle();
        oracle.printed(of, out);
        for (Path file : files) {
            oracle.written(of, file, cluster);
        }
        return oracle.wrong;
    }

    private void printed(FuzzCase of, String out) throws IOException {
        if (NO_NUMBER.matcher(out).find()) {
            wrong.add("prints what is no number: "
                    + NO_NUMBER.matcher(out).results().findFirst());
        }
        if (of.command().contains("--json") || of.verb().equals("predict")) {
            numbers("", JSON.readTree(out));
        }
        if (of.verb().equals("render") && !of.command().contains("--json")) {
            new org.snakeyaml.engine.v2.api.Load(
                            org.snakeyaml.engine.v2.api.LoadSettings.builder().build())
                    .loadAllFromString(out)
                    .forEach(document -> numbers("", JSON.valueToTree(document)));
        }
        if (of.verb().equals("engine")
                && !of.command().contains("--fit")
                && !of.command().contains("--out")) {
            engine(out);
        }
    }

    private void written(FuzzCase of, Path file, Optional<Path> cluster) throws IOException {
        String name = file.getFileName().toString();
        if (Files.isDirectory(file)) {
            legal(ClusterFile.read(file.resolve("cluster.yaml"), Catalogue.builtIn()));
            legal(ModelsFile.read(file.resolve("models.yaml"), Catalogue.builtIn()));
        } else if (name.equals("out.json") || name.equals("served.json")) {
            Optional<Plan> plan = legal(PlanFile.read(file));
            numbers("", JSON.readTree(file.toFile()));
            if (plan.isPresent() && cluster.isPresent() && name.equals("out.json")) {
                plan(
                        plan.get(),
                        ClusterFile.read(cluster.get(), Catalogue.builtIn())
                                .legalValue()
                                .orElseThrow()
                                .cluster());
            }
        } else if (name.equals("workflows.json")) {
            numbers("", JSON.readTree(file.toFile()));
            legal(WorkflowsFile.read(file)).ifPresent(workflows -> workflows.forEach(this::workflow));
        } else if (name.startsWith("profiles")) {
            legal(ProfilesFile.read(file));
        } else if (name.equals("engine.csv") && !of.command().contains("--fit")) {
            engine(Files.readString(file));
        } else if (name.equals("engine.csv")) {
            if (NO_NUMBER.matcher(Files.readString(file)).find()) {
                wrong.add("fits what is no number");
            }
        } else if (name.equals("simulated.json")) {
            JsonNode report = JSON.readTree(file.toFile());
            numbers("", report);
            ordered("", report);
        }
    }

    private <T> Optional<T> legal(Reading<T> reading) {
        if (!reading.whyMalformed().isEmpty()) {
            wrong.add("cannot read again what it wrote: " + reading.whyMalformed());
        }
        return reading.legalValue();
    }

    private void expect(boolean holds, String what) {
        if (!holds) {
            wrong.add(what);
        }
    }

    /** Every number is finite and, unless it is a difference, not below 0. */
    private void numbers(String path, JsonNode node) {
        if (node.isNumber()) {
            String key = path.substring(path.lastIndexOf('/') + 1);
            expect(Double.isFinite(node.asDouble()), path + " = " + node);
            expect(node.asDouble() >= 0 || SIGNED.contains(key), path + " = " + node);
            expect(
                    !key.toLowerCase(java.util.Locale.ROOT).contains("utilisation")
                                    && !key.toLowerCase(java.util.Locale.ROOT).endsWith("share")
                            || node.asDouble() <= 1 + ROUNDING,
                    path + " = " + node);
        }
        expect(!node.isTextual() || !NO_NUMBER.matcher(node.asText()).find(), path + " = " + node);
        if (node.isObject()) {
            node.fields().forEachRemaining(field -> numbers(path + "/" + field.getKey(), field.getValue()));
        } else {
            node.forEach(item -> numbers(path, item));
        }
    }

    /** Percentiles rise. */
    private void ordered(String path, JsonNode node) {
        if (node.has("p50") && node.has("p95") && node.has("p99")) {
            double p50 = value(node.path("p50"));
            double p95 = value(node.path("p95"));
            double p99 = value(node.path("p99"));
            expect(p50 <= p95 * (1 + ROUNDING) && p95 <= p99 * (1 + ROUNDING), path + " percentiles fall: " + node);
        }
        node.fields().forEachRemaining(field -> ordered(path + "/" + field.getKey(), field.getValue()));
        if (node.isArray()) {
            node.forEach(item -> ordered(path, item));
        }
    }

    private static double value(JsonNode node) {
        return node.isNumber() ? node.asDouble() : node.path("value").asDouble();
    }

    private void workflow(WorkflowStatistics workflow) {
        workflow.endToEndSeconds().ifPresent(seconds -> {
            expect(seconds.p50() <= seconds.p95() && seconds.p95() <= seconds.p99(), "percentiles fall: " + seconds);
            expect(seconds.p50() <= 2 * seconds.mean() * (1 + ROUNDING), "median above twice the mean: " + seconds);
        });
        double shares = 0;
        for (ModelStatistics model : workflow.models()) {
            expect(model.parallelism() >= 1, "parallelism: " + model);
            expect(model.sequentialCalls() <= model.callsPerExecution() * (1 + ROUNDING), "kappa above n: " + model);
            shares += model.executionShare().orElse(0);
            model.interval95()
                    .ifPresent(intervals -> List.of(
                                    intervals.callsPerExecution(),
                                    intervals.parallelism(),
                                    intervals.sequentialCalls(),
                                    intervals.executionShare())
                            .forEach(each -> each.ifPresent(this::interval)));
        }
        expect(shares <= 1 + ROUNDING, "shares add up to " + shares);
    }

    private void interval(Interval95 interval) {
        expect(interval.low() >= 0 && interval.low() <= interval.high(), "interval " + interval);
    }

    private void plan(Plan plan, Cluster cluster) {
        Map<String, Node> nodes = new HashMap<>();
        cluster.nodes().forEach(node -> nodes.put(node.name(), node));
        int gpus = cluster.nodes().stream().mapToInt(Node::gpus).sum();
        expect(plan.gpusUsed() <= gpus + ROUNDING, plan.gpusUsed() + " of " + gpus + " GPUs");
        Map<String, LlmAllocation> allocations = new HashMap<>();
        plan.allocations().forEach(allocation -> allocations.put(allocation.model(), allocation));
        Map<String, Integer> placed = new HashMap<>();
        Map<String, Double> held = new HashMap<>();
        for (ReplicaPlacement placement : plan.placements()) {
            LlmAllocation allocation = allocations.get(placement.model());
            Node node = nodes.get(placement.node());
            if (allocation == null || node == null) {
                wrong.add("placed nowhere: " + placement);
                continue;
            }
            expect(placement.gpus().size() == allocation.tensorParallel(), "GPUs of " + placement);
            expect(allocation.gpu().equals(node.gpu().name()), "GPU type of " + placement);
            placed.merge(placement.model(), 1, Integer::sum);
            for (int gpu : placement.gpus()) {
                expect(gpu >= 0 && gpu < node.gpus(), "no such GPU: " + placement);
                held.merge(node.name() + "/" + gpu, allocation.gpuFraction().toDouble(), Double::sum);
            }
        }
        held.forEach((gpu, sum) -> expect(sum <= 1 + ROUNDING, gpu + " is given away " + sum + " times"));
        allocations
                .values()
                .forEach(allocation -> expect(
                        placed.getOrDefault(allocation.model(), 0) == allocation.replicas(),
                        "replicas placed of " + allocation));
        for (WorkflowPrediction prediction : plan.predictions()) {
            expect(
                    prediction.maxThroughputPerSecond().orElse(Double.MAX_VALUE)
                            >= prediction.targetPerSecond() * (1 - ROUNDING),
                    "target out of reach: " + prediction);
        }
    }

    private void engine(String csv) {
        List<String> lines = csv.lines().toList();
        for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
            expect(!line.contains("-1") || !line.matches(".*,-[0-9.]+,.*"), "a time below 0: " + line);
            expect(!NO_NUMBER.matcher(line).find(), "no number: " + line);
        }
    }
}
