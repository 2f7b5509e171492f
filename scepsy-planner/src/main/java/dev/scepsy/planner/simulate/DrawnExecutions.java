package dev.scepsy.planner.simulate;

import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.TokenStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Executions drawn from a workflow's statistics. Each model's n calls come in κ stages one after another, n / κ calls at
 * once in each; a model without a stage of its own runs beside the first. Fractions of calls and stages are met on
 * average. Stages of different models alternate, and the other time is spread before them. Token counts are log-normal
 * with the recorded mean and 99th percentile; calls to models that are not ours take their mean time.
 */
public final class DrawnExecutions {

    private final String workflow;
    private final double otherSeconds;
    private final List<ModelStatistics> models;
    private final Set<String> selfHosted;

    /**
     * @param workflow its name
     * @param otherSeconds o, critical-path time outside any model
     * @param models what it calls
     * @param selfHosted models that simulated engines serve
     */
    public DrawnExecutions(String workflow, double otherSeconds, List<ModelStatistics> models, Set<String> selfHosted) {
        this.workflow = workflow;
        this.otherSeconds = otherSeconds;
        // each role of a model draws lengths, calls and stages of its own
        this.models = models.stream()
                .flatMap(model -> model.callClasses().isEmpty()
                        ? Stream.of(model)
                        : model.callClasses().stream().map(each -> each.as(model.model())))
                .toList();
        this.selfHosted = Set.copyOf(selfHosted);
    }

    /** One calls list per stage, with the model it belongs to. */
    private record Stage(ModelStatistics model, int calls) {}

    /** The next execution. */
    public ExecutionScript draw(Random random) {
        List<List<Stage>> perModel = new ArrayList<>();
        List<Stage> beside = new ArrayList<>();
        for (ModelStatistics model : models) {
            int calls = rounded(model.callsPerExecution(), random);
            int stages = Math.min(calls, rounded(model.sequentialCalls(), random));
            if (calls > 0 && stages == 0) {
                beside.add(new Stage(model, calls));
            } else if (calls > 0) {
                perModel.add(IntStream.range(0, stages)
                        .mapToObj(stage -> new Stage(model, calls * (stage + 1) / stages - calls * stage / stages))
                        .toList());
            }
        }
        List<Stage> onPath = alternating(perModel);
        double gap = otherSeconds / (onPath.size() + 1);
        List<CallScript> calls = new ArrayList<>();
        for (Stage stage : beside) {
            addAll(calls, stage, List.of(), gap, random);
        }
        List<Integer> before = List.of();
        for (Stage stage : onPath) {
            int from = calls.size();
            addAll(calls, stage, before, gap, random);
            before = IntStream.range(from, calls.size()).boxed().toList();
        }
        return new ExecutionScript(workflow, calls, gap);
    }

    private static List<Stage> alternating(List<List<Stage>> perModel) {
        List<Stage> stages = new ArrayList<>();
        int most = perModel.stream().mapToInt(List::size).max().orElse(0);
        for (int i = 0; i < most; i++) {
            for (List<Stage> own : perModel) {
                if (i < own.size()) {
                    stages.add(own.get(i));
                }
            }
        }
        return stages;
    }

    private void addAll(List<CallScript> calls, Stage stage, List<Integer> after, double gap, Random random) {
        ModelStatistics model = stage.model();
        for (int i = 0; i < stage.calls(); i++) {
            calls.add(new CallScript(
                    selfHosted.contains(model.model()) ? Optional.of(model.model()) : Optional.empty(),
                    Math.max(1, tokens(model.inputTokens(), random)),
                    tokens(model.outputTokens(), random),
                    model.meanCallSeconds().orElse(0),
                    after,
                    gap));
        }
    }

    private static int rounded(double mean, Random random) {
        int whole = (int) mean;
        return whole + (random.nextDouble() < mean - whole ? 1 : 0);
    }

    private static int tokens(Optional<TokenStatistics> statistics, Random random) {
        double normal = random.nextGaussian();
        if (statistics.isEmpty() || statistics.get().mean() <= 0) {
            return 0;
        }
        return (int) Math.max(1, Math.round(statistics.get().atDeviations(normal)));
    }
}
