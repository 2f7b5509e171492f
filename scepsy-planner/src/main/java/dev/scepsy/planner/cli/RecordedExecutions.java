package dev.scepsy.planner.cli;

import dev.scepsy.planner.RecordedTraces;
import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.otlp.TraceReader;
import dev.scepsy.planner.otlp.TraceSource;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.share.ExecutionTally;
import dev.scepsy.planner.share.ShareEstimator;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/** Executions read from traces, in the order in which they started, and their statistics. */
final class RecordedExecutions {

    private static final int REQUIRED_EXECUTIONS = 30;
    private static final double NANOS = 1e-9;

    private final List<Execution.Complete> executions;

    private RecordedExecutions(List<Execution.Complete> executions) {
        this.executions = List.copyOf(executions);
    }

    static RecordedExecutions none() {
        return new RecordedExecutions(List.of());
    }

    /** What was read, and the statistics that planning problems are made from. */
    record Read(RecordedExecutions executions, Reading<List<WorkflowStatistics>> statistics) {}

    static Read read(List<String> traces, long seed, Terminal terminal) {
        String name = String.join(" ", traces);
        List<Problem> problems = new ArrayList<>();
        List<Execution.Complete> complete = new ArrayList<>();
        ExecutionTally tally = new ExecutionTally();
        RecordedTraces spans = new RecordedTraces();
        TraceReader reader = new TraceReader(spans::add, line -> terminal.err().println(line), InstantSource.system());
        try (Progress progress = terminal.progress("reading traces")) {
            for (String argument : traces) {
                try {
                    for (TraceSource found : TraceSource.named(argument)) {
                        reader.read(found);
                    }
                } catch (IOException | IllegalArgumentException e) {
                    problems.add(new Problem(argument, "", 0, 0, "The traces cannot be read: " + e.getMessage()));
                }
            }
            spans.drainExecutions(execution -> {
                tally.add(execution);
                if (execution instanceof Execution.Complete each) {
                    complete.add(each);
                }
            });
        }
        if (problems.isEmpty() && complete.isEmpty()) {
            problems.add(new Problem(name, "", 0, 0, "There is no complete execution to replay."));
        }
        // traces come in no order, and the report must not depend on it
        complete.sort(
                Comparator.comparingLong(Execution.Complete::startEpochNanos).thenComparing(Execution.Complete::id));
        RecordedExecutions recorded = new RecordedExecutions(complete);
        if (!problems.isEmpty()) {
            return new Read(recorded, new Reading.Malformed<>(problems, List.of()));
        }
        List<WorkflowStatistics> statistics =
                tally.estimate(new ShareEstimator(REQUIRED_EXECUTIONS, seed)).workflows().stream()
                        .map(recorded::atRecordedRate)
                        .toList();
        return new Read(recorded, ProblemAssembly.unwritten(name, statistics));
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
        return new WorkflowStatistics(
                workflow.name(),
                workflow.executions(),
                OptionalDouble.of((own.size() - 1) / seconds),
                workflow.weight(),
                workflow.otherSeconds(),
                workflow.endToEndSeconds(),
                workflow.models(),
                workflow.notEnoughData(),
                workflow.requiredExecutions(),
                workflow.latencyLimitSeconds());
    }

    boolean isEmpty() {
        return executions.isEmpty();
    }

    /** Those of one workflow. */
    List<Execution.Complete> of(String workflow) {
        return executions.stream()
                .filter(execution -> execution.workflow().equals(workflow))
                .toList();
    }

    /** When those of one workflow started, seconds after the first of all. */
    List<Double> startSeconds(String workflow) {
        long first = executions.get(0).startEpochNanos();
        return of(workflow).stream()
                .map(execution -> (execution.startEpochNanos() - first) * NANOS)
                .toList();
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
