package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.file.WorkflowsFile;
import dev.scepsy.planner.measure.LengthSource;
import dev.scepsy.planner.measure.RequestLengths;
import dev.scepsy.planner.otlp.Seen;
import dev.scepsy.planner.otlp.TraceReader;
import dev.scepsy.planner.otlp.TraceSource;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.TokenStatistics;
import dev.scepsy.planner.share.WorkflowStatistics;
import dev.scepsy.planner.span.Span;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how long requests are: {@code @Mixin LengthOptions lengths}. */
final class LengthOptions {

    /** Models that a message names. */
    private static final int MOST_NAMED = 20;

    @Option(
            names = "--workflows",
            paramLabel = "workflows.json",
            description = "Statistics to take the lengths from, of the workflows that call the model.")
    @Nullable
    Path workflows;

    @Option(
            names = "--traces",
            paramLabel = "TRACES",
            arity = "1..*",
            description = "Traces to take the lengths from, of the recorded calls of the model; sources as for"
                    + " 'shares'.")
    List<String> traces = List.of();

    @Option(names = "--input-tokens", paramLabel = "N", description = "Prompt tokens of every request.")
    @Nullable
    Integer inputTokens;

    @Option(
            names = "--output-tokens",
            paramLabel = "N",
            description = "Tokens to generate in every request (default: 0, for models that generate nothing).")
    @Nullable
    Integer outputTokens;

    /**
     * The lengths that the options ask for; empty with problems where they make no sense.
     *
     * @param names the model as recorded calls may name it
     * @param generates whether the model answers token by token
     */
    Optional<LengthSource> read(Set<String> names, boolean generates, Terminal terminal, List<Problem> problems)
            throws IOException {
        int ways = (workflows == null ? 0 : 1) + (traces.isEmpty() ? 0 : 1) + (inputTokens == null ? 0 : 1);
        if (ways != 1) {
            problems.add(problem(
                    "",
                    "Say in one way how long requests are: --workflows FILE, --traces TRACES, or --input-tokens with"
                            + " --output-tokens."));
            return Optional.empty();
        }
        if (workflows != null) {
            return ofWorkflows(workflows, names, generates, problems);
        }
        return inputTokens == null
                ? ofTraces(names, generates, terminal, problems)
                : fixed(inputTokens, generates, problems);
    }

    private Optional<LengthSource> fixed(int input, boolean generates, List<Problem> problems) {
        int output = outputTokens == null ? 0 : outputTokens;
        if (input < 1 || output < 0 || (generates && output < 1)) {
            problems.add(problem(
                    "--output-tokens",
                    "The lengths (" + input + " and " + output + " tokens) must be at least 1"
                            + (generates ? " and 1: a generating model needs --output-tokens." : " and 0.")));
            return Optional.empty();
        }
        return Optional.of(new LengthSource.Fixed(new RequestLengths(input, generates ? output : 0)));
    }

    private static Optional<LengthSource> ofWorkflows(
            Path file, Set<String> names, boolean generates, List<Problem> problems) {
        Reading<List<WorkflowStatistics>> reading = WorkflowsFile.read(file);
        problems.addAll(reading.whyMalformed());
        if (!(reading instanceof Reading.Legal<List<WorkflowStatistics>> legal)) {
            return Optional.empty();
        }
        LengthSource.Distribution input = merged(legal.value(), names, ModelStatistics::inputTokens);
        LengthSource.Distribution output = merged(legal.value(), names, ModelStatistics::outputTokens);
        if (input.mean() <= 0 || (generates && output.mean() <= 0)) {
            problems.add(new Problem(
                    file.toString(),
                    "",
                    0,
                    0,
                    "No workflow reports inputTokens" + (generates ? " and outputTokens" : "") + " of model ("
                            + String.join(", ", names) + "). Give --input-tokens and --output-tokens instead."));
            return Optional.empty();
        }
        return Optional.of(new LengthSource.Spread(
                input, generates ? output : new LengthSource.Distribution(0, OptionalDouble.empty())));
    }

    /** Means weighted by calls per second where targets are known, by calls per execution else; the widest percentile. */
    private static LengthSource.Distribution merged(
            List<WorkflowStatistics> workflows,
            Set<String> names,
            Function<ModelStatistics, Optional<TokenStatistics>> tokens) {
        double weights = 0;
        double sum = 0;
        double p99 = 0;
        for (WorkflowStatistics workflow : workflows) {
            for (ModelStatistics model : workflow.models()) {
                Optional<TokenStatistics> known = tokens.apply(model);
                if (names.contains(model.model()) && known.isPresent()) {
                    double weight = model.callsPerExecution()
                            * Math.max(1e-9, workflow.targetPerSecond().orElse(1));
                    weights += weight;
                    sum += weight * known.get().mean();
                    p99 = Math.max(p99, known.get().p99().orElse(0));
                }
            }
        }
        return new LengthSource.Distribution(
                weights > 0 ? sum / weights : 0, p99 > 0 ? OptionalDouble.of(p99) : OptionalDouble.empty());
    }

    private Optional<LengthSource> ofTraces(
            Set<String> names, boolean generates, Terminal terminal, List<Problem> problems) throws IOException {
        List<RequestLengths> calls = new ArrayList<>();
        Set<String> models = new TreeSet<>();
        Seen seen = new Seen();
        TraceReader reader = new TraceReader(
                span -> add(span, names, generates, calls, models),
                line -> terminal.err().println(line),
                InstantSource.system());
        try (Progress progress = terminal.progress("reading traces")) {
            for (String argument : traces) {
                for (TraceSource source : TraceSource.named(argument)) {
                    progress.now("reading " + source.name());
                    seen.add(reader.read(source));
                }
            }
        } catch (IllegalArgumentException e) {
            problems.add(problem("--traces", String.valueOf(e.getMessage())));
            return Optional.empty();
        }
        if (calls.isEmpty()) {
            problems.add(problem(
                    "--traces",
                    "No call of model (" + String.join(", ", names)
                            + ") with token counts was found in these traces: "
                            + (seen.calls() == 0
                                    ? seen.spans() + " spans made by " + SourceLine.makers(seen) + ". "
                                            + Advice.onNoCalls(seen)
                                    : "they call " + String.join(", ", models)
                                            + ". Name the model as they do, or give it an alias")
                            + "."));
            return Optional.empty();
        }
        return Optional.of(new LengthSource.Recorded(calls));
    }

    private static void add(
            Span span, Set<String> names, boolean generates, List<RequestLengths> calls, Set<String> models) {
        String model = span.genAi().model();
        if (model != null && span.isModelCall() && models.size() < MOST_NAMED) {
            models.add(span.genAi().inputTokens().orElse(0) > 0 ? model : model + " (without token counts)");
        }
        OptionalLong input = span.genAi().inputTokens();
        OptionalLong output = span.genAi().outputTokens();
        if (model != null
                && names.contains(model)
                && span.isModelCall()
                && input.orElse(0) > 0
                && (!generates || output.orElse(0) > 0)) {
            calls.add(new RequestLengths(
                    (int) Math.min(Integer.MAX_VALUE, input.orElse(1)),
                    generates ? (int) Math.min(Integer.MAX_VALUE, output.orElse(0)) : 0));
        }
    }

    private static Problem problem(String option, String message) {
        return new Problem("scepsy profile", option, 0, 0, message);
    }
}
