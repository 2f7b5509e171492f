package dev.scepsy.planner.cli;

import dev.scepsy.planner.execution.ClockSkew;
import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.LeafCall;
import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.recorded.Recording;
import dev.scepsy.planner.recorded.WholeTrace;
import dev.scepsy.planner.share.ShareEstimator;
import dev.scepsy.planner.share.WorkflowKey;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Executions read from traces, in the order in which they started, and their statistics. */
final class RecordedExecutions {

    private static final int REQUIRED_EXECUTIONS = 30;
    private static final double NANOS = 1e-9;

    private final List<Execution.Complete> executions;
    private final Map<WorkflowKey, String> shownNames;

    private RecordedExecutions(List<Execution.Complete> executions, Map<WorkflowKey, String> shownNames) {
        this.executions = List.copyOf(executions);
        this.shownNames = shownNames;
    }

    static RecordedExecutions none() {
        return new RecordedExecutions(List.of(), Map.of());
    }

    /** What was read, and the statistics that planning problems are made from. */
    record Read(RecordedExecutions executions, Reading<List<WorkflowStatistics>> statistics) {}

    static Read read(List<String> traces, TraceOptions reading, long seed, Terminal terminal) {
        String name = String.join(" ", traces);
        List<Problem> problems = new ArrayList<>();
        RootRule rule = reading.rule(terminal, problems);
        if (!problems.isEmpty()) {
            return new Read(none(), new Reading.Malformed<>(problems, List.of()));
        }
        try (Progress progress = terminal.progress("reading traces");
                ReadTraces read = ReadTraces.of(traces, terminal, progress, problems)) {
            if (!problems.isEmpty()) {
                return new Read(none(), new Reading.Malformed<>(problems, List.of()));
            }
            ClockSkew skew = read.skew(reading);
            Recording recording = Recording.of(read.traces(), rule, skew);
            List<Execution.Complete> complete =
                    read.traces().collect(rule, skew, ArrayList::new, RecordedExecutions::addComplete, List::addAll);
            progress.close();
            read.explain(recording, rule);
            NothingToLearn.from(recording, read.seen(), rule)
                    .ifPresent(nothing -> problems.add(new Problem(name, "", 0, 0, nothing)));
            if (problems.isEmpty() && complete.isEmpty()) {
                problems.add(new Problem(name, "", 0, 0, "There is no complete execution to replay."));
            }
            // traces come in no order, and the report must not depend on it
            complete.sort(Comparator.comparingLong(Execution.Complete::startEpochNanos)
                    .thenComparing(Execution.Complete::id));
            RecordedExecutions recorded = new RecordedExecutions(
                    complete, WorkflowKey.shown(recording.tally().executions().keySet()));
            if (!problems.isEmpty()) {
                return new Read(recorded, new Reading.Malformed<>(problems, List.of()));
            }
            List<WorkflowStatistics> statistics =
                    recording.tally().estimate(new ShareEstimator(REQUIRED_EXECUTIONS, seed)).workflows().stream()
                            .map(recorded::atRecordedRate)
                            .toList();
            return new Read(recorded, ProblemAssembly.unwritten(name, statistics));
        } catch (UncheckedIOException e) {
            problems.add(new Problem(name, "", 0, 0, String.valueOf(e.getMessage())));
            return new Read(none(), new Reading.Malformed<>(problems, List.of()));
        }
    }

    private static void addComplete(List<Execution.Complete> complete, WholeTrace trace) {
        trace.assembly().executions().forEach(assembled -> {
            if (assembled.execution() instanceof Execution.Complete each) {
                complete.add(each);
            }
        });
    }

    /** Recordings say how often a workflow ran, should it not say what it is to sustain. */
    private WorkflowStatistics atRecordedRate(WorkflowStatistics workflow) {
        List<Execution.Complete> own = of(workflow.name());
        double seconds = own.size() < 2
                ? 0
                : (own.get(own.size() - 1).startEpochNanos() - own.get(0).startEpochNanos()) * NANOS;
        if (workflow.targetPerSecond().isPresent() || !(seconds > 0)) {
            return workflow;
        }
        return workflow.withTarget(OptionalDouble.of((own.size() - 1) / seconds));
    }

    boolean isEmpty() {
        return executions.isEmpty();
    }

    /** Those of one workflow, by the name that it is shown under. */
    List<Execution.Complete> of(String workflow) {
        return executions.stream()
                .filter(execution -> workflow.equals(shownNames.get(
                        new WorkflowKey(execution.workflow(), execution.origin().service()))))
                .toList();
    }

    /** When those of one workflow started, seconds after the first of all. */
    List<Double> startSeconds(String workflow) {
        long first = executions.get(0).startEpochNanos();
        return of(workflow).stream()
                .map(execution -> (execution.startEpochNanos() - first) * NANOS)
                .toList();
    }

    /** One sentence per model whose engines would refuse some of the recorded calls for their length. */
    List<String> tooLong(PlanningProblem problem) {
        Map<String, long[]> counts = new TreeMap<>();
        for (Execution.Complete execution : executions) {
            for (LeafCall call : execution.calls()) {
                Optional<ServedModel> model = Optional.ofNullable(call.model()).flatMap(problem::modelServing);
                OptionalInt most = model.map(problem::mostTokens).orElse(OptionalInt.empty());
                if (model.isPresent() && most.isPresent() && !model.get().external()) {
                    long tokens =
                            call.inputTokens().orElse(0) + call.outputTokens().orElse(0);
                    long[] count = counts.computeIfAbsent(model.get().name(), name -> new long[2]);
                    count[0]++;
                    count[1] += tokens > most.getAsInt() ? 1 : 0;
                }
            }
        }
        List<String> sentences = new ArrayList<>();
        counts.forEach((name, count) -> {
            if (count[1] > 0) {
                sentences.add(String.format(
                        Locale.ROOT,
                        "%d of %d recorded calls to model (%s), %.1f %%, are longer than its engines take: they would be"
                                + " answered with an error.",
                        count[1],
                        count[0],
                        name,
                        100.0 * count[1] / count[0]));
            }
        });
        return sentences;
    }

    /** From the first start to the last end, seconds. */
    double spanSeconds() {
        long last = executions.stream()
                .mapToLong(Execution.Complete::endEpochNanos)
                .max()
                .orElse(0);
        return executions.isEmpty() ? 0 : (last - executions.get(0).startEpochNanos()) * NANOS;
    }
}
