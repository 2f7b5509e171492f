package dev.scepsy.planner.file;

import dev.scepsy.planner.share.CallClass;
import dev.scepsy.planner.share.Demand;
import dev.scepsy.planner.share.EngineSeconds;
import dev.scepsy.planner.share.Interval95;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.TokenStatistics;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;

/** Reads and writes {@code workflows.json}: statistics of workflows, from traces or by hand. */
public final class WorkflowsFile {

    /** Ratios that a program wrote may miss 1 by their last digits. */
    private static final double ROUNDING = 1e-9;

    /** Sums of classes that a person wrote may be rounded to a few digits. */
    private static final double CLASS_ROUNDING = 1e-3;

    private static final Map<String, Demand.Source> DEMAND_SOURCES = new LinkedHashMap<>();

    static {
        for (Demand.Source source : Demand.Source.values()) {
            DEMAND_SOURCES.put(source.key(), source);
        }
    }

    private final Map<String, String> names = new HashMap<>();

    private WorkflowsFile() {}

    /** Reads {@code file}. Models are as the file names them, aliases included. */
    public static Reading<List<WorkflowStatistics>> read(Path file) {
        return Fields.readDocument(file, (top, findings) -> workflows(top));
    }

    /** The same of a text; {@code name} stands for the file in problems. */
    public static Reading<List<WorkflowStatistics>> parse(String name, String text) {
        return Fields.readDocument(Document.parse(name, text), (top, findings) -> workflows(top));
    }

    private static List<WorkflowStatistics> workflows(Fields top) {
        top.mapping("incompleteExecutions", Fields::counts);
        WorkflowsFile workflows = new WorkflowsFile();
        return top.has("workflows")
                ? top.optionalMappings("workflows", workflows::workflow)
                : top.mappings("workflows", workflows::workflow);
    }

    private WorkflowStatistics workflow(Fields fields) {
        String name = fields.text("name");
        String first = name.isEmpty() ? null : names.putIfAbsent(name, fields.path());
        if (first != null) {
            fields.problem("name", "The workflow (" + name + ") is already given at " + first + ". Keep one.");
        }
        OptionalLong executions = fields.optionalCount("executions");
        OptionalDouble target = fields.nullableNumber(
                "targetPerSecond",
                Range.NOT_NEGATIVE,
                "Write the executions per second to sustain, or null and give --target " + name + "=RATE.");
        OptionalDouble latencyLimit = fields.optionalNumber("latencyLimitSeconds", Units.LIMIT_SECONDS);
        double weight = fields.optionalNumber("weight", Range.NOT_NEGATIVE).orElse(1);
        double otherSeconds =
                fields.optionalNumber("otherSeconds", Units.EXECUTION_SECONDS).orElse(0);
        Optional<WorkflowStatistics.EndToEnd> endToEnd = fields.mapping("endToEndSeconds", WorkflowsFile::endToEnd);
        Map<String, String> models = new HashMap<>();
        List<ModelStatistics> statistics = fields.optionalMappings("models", model -> model(model, models));
        partsOfOne("executionShare", statistics.stream().map(ModelStatistics::executionShare), fields);
        partsOfOne(
                "demandShare",
                statistics.stream()
                        .map(each -> each.demand()
                                .map(Demand::share)
                                .map(OptionalDouble::of)
                                .orElse(OptionalDouble.empty())),
                fields);
        boolean notEnoughData = fields.flag("notEnoughData", false);
        OptionalInt required = fields.optionalInteger("requiredExecutions", 1, Integer.MAX_VALUE);
        if (notEnoughData) {
            fields.warning(
                    "notEnoughData",
                    "Workflow (" + name + ") has not enough data: "
                            + (executions.isPresent() ? executions.getAsLong() : "few")
                            + (required.isPresent() ? " of " + required.getAsInt() : "")
                            + " executions. Its numbers are used as they are.");
        }
        return new WorkflowStatistics(
                name,
                executions,
                target,
                weight,
                otherSeconds,
                endToEnd,
                statistics,
                notEnoughData,
                required,
                latencyLimit,
                fields.optionalText("service").orElse(null),
                fields.optionalCount("skippedExecutions").orElse(0),
                fields.optionalCount("trimmedExecutions").orElse(0));
    }

    private static WorkflowStatistics.EndToEnd endToEnd(Fields fields) {
        double mean = fields.number("mean", Range.NOT_NEGATIVE);
        OptionalDouble p50 = fields.optionalNumber("p50", Range.NOT_NEGATIVE);
        OptionalDouble p95 = fields.optionalNumber("p95", Range.NOT_NEGATIVE);
        OptionalDouble p99 = fields.optionalNumber("p99", Range.NOT_NEGATIVE);
        rises("p50", p50, "p95", p95, fields);
        rises("p95", p95, "p99", p99, fields);
        rises("p50", p50, "p99", p99, fields);
        return new WorkflowStatistics.EndToEnd(mean, p50.orElse(mean), p95.orElse(mean), p99.orElse(mean));
    }

    /** Shares of one whole: a few of them may be missing, but they do not exceed it. */
    private static void partsOfOne(String key, Stream<OptionalDouble> shares, Fields fields) {
        double sum = shares.mapToDouble(share -> share.orElse(0)).sum();
        if (sum > 1 + CLASS_ROUNDING * 10) {
            fields.problem(
                    "models",
                    "The " + key + " of the models add up to " + sum + ": they are parts of one whole and must not"
                            + " exceed 1 together. Correct them, or leave them out.");
        }
    }

    /** A higher percentile of the same values is no lower. */
    static void rises(String low, OptionalDouble lower, String high, OptionalDouble higher, Fields fields) {
        if (lower.isPresent()
                && higher.isPresent()
                && fields.sound(low, high)
                && lower.getAsDouble() > higher.getAsDouble() * (1 + ROUNDING)) {
            fields.problem(
                    high,
                    "The " + high + " (" + higher.getAsDouble() + ") must be at least the " + low + " ("
                            + lower.getAsDouble() + "): they are percentiles of the same times.");
        }
    }

    private static ModelStatistics model(Fields fields, Map<String, String> models) {
        String name = fields.text("model");
        String first = name.isEmpty() ? null : models.putIfAbsent(name, fields.path());
        if (first != null) {
            fields.problem("model", "The model (" + name + ") is already given at " + first + ". Keep one.");
        }
        double calls = fields.number("callsPerExecution", Range.NOT_NEGATIVE);
        double parallelism = Math.max(
                1,
                fields.optionalNumber("parallelism", Range.atLeast(1 - ROUNDING))
                        .orElse(1));
        double sequentialCalls =
                fields.optionalNumber("sequentialCalls", Range.NOT_NEGATIVE).orElse(calls / parallelism);
        OptionalDouble meanCallSeconds = fields.optionalNumber("meanCallSeconds", Units.CALL_SECONDS_OR_NONE);
        Map<String, String> classNames = new HashMap<>();
        List<CallClass> classes = fields.optionalMappings("callClasses", each -> callClass(each, classNames));
        Optional<TokenStatistics> inputTokens = fields.mapping("inputTokens", WorkflowsFile::tokens);
        Optional<TokenStatistics> outputTokens = fields.mapping("outputTokens", WorkflowsFile::tokens);
        agree(fields, calls, sequentialCalls, meanCallSeconds, classes);
        agreeOn("inputTokens", fields, inputTokens, classes, CallClass::inputTokens);
        agreeOn("outputTokens", fields, outputTokens, classes, CallClass::outputTokens);
        if (fields.sound("callsPerExecution", "sequentialCalls") && sequentialCalls > calls * (1 + ROUNDING)) {
            fields.problem(
                    "sequentialCalls",
                    "The sequentialCalls (" + sequentialCalls + ") must be at most the callsPerExecution (" + calls
                            + "): calls one after another are some of all calls.");
        }
        return new ModelStatistics(
                name,
                calls,
                parallelism,
                sequentialCalls,
                fields.optionalNumber("executionShare", Range.between(0, 1 + ROUNDING)),
                meanCallSeconds,
                fields.optionalNumber("concurrentCalls", Range.atLeast(1)),
                inputTokens,
                outputTokens,
                fields.mapping("engineSeconds", WorkflowsFile::engineSeconds),
                fields.mapping("interval95", WorkflowsFile::intervals),
                classes,
                demand(fields));
    }

    private static Optional<Demand> demand(Fields fields) {
        OptionalDouble seconds = fields.optionalNumber("demandSeconds", Range.NOT_NEGATIVE);
        OptionalDouble share = fields.optionalNumber("demandShare", Range.between(0, 1 + ROUNDING));
        Optional<Demand.Source> source = fields.optionalChoice("demandSource", DEMAND_SOURCES);
        if (seconds.isPresent() != share.isPresent()) {
            fields.problem(
                    seconds.isPresent() ? "demandShare" : "demandSeconds",
                    "demandSeconds and demandShare belong together. Give both, or neither.");
        }
        return seconds.isPresent() && share.isPresent()
                ? Optional.of(
                        new Demand(seconds.getAsDouble(), share.getAsDouble(), source.orElse(Demand.Source.MEASURED)))
                : Optional.empty();
    }

    private static CallClass callClass(Fields fields, Map<String, String> names) {
        String name = fields.text("name");
        String first = name.isEmpty() ? null : names.putIfAbsent(name, fields.path());
        if (first != null) {
            fields.problem("name", "The class (" + name + ") is already given at " + first + ". Keep one.");
        }
        double calls = fields.number("callsPerExecution", Range.NOT_NEGATIVE);
        double parallelism = Math.max(
                1,
                fields.optionalNumber("parallelism", Range.atLeast(1 - ROUNDING))
                        .orElse(1));
        return new CallClass(
                name,
                calls,
                parallelism,
                fields.optionalNumber("sequentialCalls", Range.NOT_NEGATIVE).orElse(calls / parallelism),
                fields.optionalNumber("executionShare", Range.between(0, 1 + ROUNDING)),
                fields.optionalNumber("meanCallSeconds", Units.CALL_SECONDS_OR_NONE),
                fields.optionalNumber("concurrentCalls", Range.atLeast(1)),
                fields.mapping("inputTokens", WorkflowsFile::tokens),
                fields.mapping("outputTokens", WorkflowsFile::tokens));
    }

    /** Classes are parts of their model: calls add up, and so does time on the critical path where durations are known. */
    private static void agree(
            Fields fields,
            double calls,
            double sequentialCalls,
            OptionalDouble meanCallSeconds,
            List<CallClass> classes) {
        if (classes.isEmpty()) {
            return;
        }
        double sum = classes.stream().mapToDouble(CallClass::callsPerExecution).sum();
        if (differ(sum, calls)) {
            fields.problem(
                    "callClasses",
                    "The callsPerExecution of the classes add up to " + sum + ", those of the model are " + calls
                            + ". Correct one, or leave the classes out.");
        }
        if (meanCallSeconds.isPresent()
                && classes.stream().allMatch(each -> each.meanCallSeconds().isPresent())) {
            double path = classes.stream()
                    .mapToDouble(each ->
                            each.sequentialCalls() * each.meanCallSeconds().orElse(0))
                    .sum();
            double own = sequentialCalls * meanCallSeconds.getAsDouble();
            if (differ(path, own)) {
                fields.problem(
                        "callClasses",
                        "The classes spend " + path + " s on the critical path (sequentialCalls x meanCallSeconds), the"
                                + " model " + own + " s. Correct one, or leave the classes out.");
            }
        }
    }

    /** The mean of the model's tokens is that of its classes, weighted by calls, where all of them state one. */
    private static void agreeOn(
            String key,
            Fields fields,
            Optional<TokenStatistics> own,
            List<CallClass> classes,
            Function<CallClass, Optional<TokenStatistics>> of) {
        double calls =
                classes.stream().mapToDouble(CallClass::callsPerExecution).sum();
        if (own.isEmpty()
                || !(calls > 0)
                || classes.stream().anyMatch(each -> of.apply(each).isEmpty())) {
            return;
        }
        double mean = classes.stream()
                        .mapToDouble(each -> each.callsPerExecution()
                                * of.apply(each).map(TokenStatistics::mean).orElse(0.0))
                        .sum()
                / calls;
        // calls that report no tokens make the two differ a little
        if (Math.abs(mean - own.get().mean())
                > 0.05 * Math.max(1, Math.max(mean, own.get().mean()))) {
            fields.problem(
                    "callClasses",
                    "The classes' mean " + key + " is " + mean + ", weighted by calls, the model's is "
                            + own.get().mean() + ". Correct one, or leave the classes out.");
        }
    }

    private static boolean differ(double one, double other) {
        return Math.abs(one - other) > CLASS_ROUNDING * Math.max(1, Math.max(Math.abs(one), Math.abs(other)));
    }

    private static TokenStatistics tokens(Fields fields) {
        return new TokenStatistics(fields.number("mean", Units.TOKENS), fields.optionalNumber("p99", Units.TOKENS));
    }

    private static EngineSeconds engineSeconds(Fields fields) {
        return new EngineSeconds(
                (long) fields.number("calls", Range.atLeast(1)),
                fields.number("queue", Range.NOT_NEGATIVE),
                fields.number("prefill", Range.NOT_NEGATIVE),
                fields.number("decode", Range.NOT_NEGATIVE));
    }

    private static ModelStatistics.Intervals intervals(Fields fields) {
        return new ModelStatistics.Intervals(
                interval("callsPerExecution", fields),
                interval("parallelism", fields),
                interval("sequentialCalls", fields),
                interval("executionShare", fields));
    }

    private static Optional<Interval95> interval(String key, Fields fields) {
        return fields.pair(key, Range.NOT_NEGATIVE).flatMap(ends -> {
            if (ends[0] > ends[1]) {
                fields.problem(key, "The " + key + " [" + ends[0] + ", " + ends[1] + "] ends before it starts.");
                return Optional.empty();
            }
            return Optional.of(new Interval95(ends[0], ends[1]));
        });
    }

    /**
     * Writes {@code workflows} beside {@code file} and renames the result to it.
     *
     * @param incompleteExecutions counts by reason, in the order to write them
     * @throws IOException if the file cannot be written; an older one is then intact
     */
    public static void write(List<WorkflowStatistics> workflows, Map<String, Long> incompleteExecutions, Path file)
            throws IOException {
        WholeFile.write(file, toJson(workflows, incompleteExecutions));
    }

    /** The text {@link #write} writes. */
    public static String toJson(List<WorkflowStatistics> workflows, Map<String, Long> incompleteExecutions) {
        return WorkflowsJson.of(workflows, incompleteExecutions);
    }
}
