package dev.scepsy.planner.cli;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.file.WholeFile;
import dev.scepsy.planner.predict.AggregateLlmPipeline;
import dev.scepsy.planner.predict.ConnectionRouting;
import dev.scepsy.planner.predict.PredictionIntervals;
import dev.scepsy.planner.problem.PipelineForm;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.share.Interval95;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code scepsy predict}: what a given plan would do, by the closed form. */
@Command(name = "predict", description = "Predicts latency and throughput of every workflow under a given plan.")
final class PredictCommand implements Callable<Integer> {

    @Mixin
    private Terminal terminal = new Terminal();

    @Mixin
    private ProblemFiles files = new ProblemFiles();

    @Option(names = "--plan", required = true, paramLabel = "plan.json", description = "Plan to judge.")
    private Path plan = Path.of("plan.json");

    @Option(names = "--out", paramLabel = "FILE", description = "File for the predictions (default: standard output).")
    private @Nullable Path out;

    @Option(
            names = "--max-utilisation",
            defaultValue = "1",
            paramLabel = "U",
            description = "Highest utilisation that maxThroughputPerSecond allows a replica: the fraction of its"
                    + " saturation rate, in (0, 1]; 'plan' keeps headroom and uses 0.85 (default:"
                    + " ${DEFAULT-VALUE}).")
    private double maxUtilisation;

    @Mixin
    private FormOption form = new FormOption();

    @Override
    public Integer call() throws IOException {
        if (!(maxUtilisation > 0 && maxUtilisation <= 1)) {
            return terminal.badInput("The --max-utilisation (" + maxUtilisation + ") must lie in (0, 1].");
        }
        Optional<PipelineForm> chosen = form.form();
        if (chosen.isEmpty()) {
            return terminal.badInput(form.wrong());
        }
        Reading<PlanningProblem> problem = files.read(chosen.get());
        Reading<Plan> given = PlanFile.read(plan);
        terminal.warn(problem, given);
        List<Problem> problems = new ArrayList<>(problem.whyMalformed());
        problems.addAll(given.whyMalformed());
        if (problem instanceof Reading.Legal<PlanningProblem> legal && given instanceof Reading.Legal<Plan> placed) {
            return predict(legal.value(), placed, chosen.get());
        }
        return terminal.badInput(problems);
    }

    private int predict(PlanningProblem problem, Reading.Legal<Plan> given, PipelineForm chosen) throws IOException {
        List<Problem> problems = new ArrayList<>(problem.brokenRules(given.value(), given.source()));
        Map<String, AggregateLlmPipeline.Serving> servings = servings(problem, given, problems);
        if (!problems.isEmpty()) {
            return terminal.badInput(problems);
        }
        AggregateLlmPipeline pipeline = problem.pipeline();
        List<WorkflowPrediction> predictions = pipeline.predict(servings, maxUtilisation);
        List<Optional<Interval95>> intervals = chosen == PipelineForm.CRITICAL_PATH
                ? PredictionIntervals.of(
                        problem.demands(), servings, relativeErrors(problem, given.value()), problem.spreads())
                : predictions.stream()
                        .map(prediction -> Optional.<Interval95>empty())
                        .toList();
        String json = PlanFile.toJson(predictions, intervals, routed(pipeline, servings));
        if (out == null) {
            terminal.out().print(json);
            terminal.out().flush();
        } else {
            WholeFile.write(out, json);
        }
        return ExitCode.DONE;
    }

    /** What routing makes of each prediction. */
    private List<PlanFile.Routed> routed(
            AggregateLlmPipeline pipeline, Map<String, AggregateLlmPipeline.Serving> servings) {
        String written = files.routing().written();
        List<WorkflowPrediction> inHalf = pipeline.predict(servings, maxUtilisation, 0.5);
        if (files.routing().connections().isEmpty()) {
            return inHalf.stream().map(each -> PlanFile.Routed.even(written)).toList();
        }
        double[] overloaded = pipeline.overloadProbabilities(servings);
        return IntStream.range(0, overloaded.length)
                .mapToObj(w -> new PlanFile.Routed(
                        written, OptionalDouble.of(overloaded[w]), inHalf.get(w).maxThroughputPerSecond()))
                .toList();
    }

    private AggregateLlmPipeline.Serving serving(LatencyProfile profile, int replicas) {
        OptionalInt connections = files.routing().connections();
        return connections.isEmpty()
                ? new AggregateLlmPipeline.Serving(profile, replicas)
                : new AggregateLlmPipeline.Serving(
                        profile,
                        replicas,
                        Optional.of(ConnectionRouting.of(profile, replicas, connections.getAsInt())));
    }

    private static Map<String, Double> relativeErrors(PlanningProblem problem, Plan plan) {
        Map<String, Double> errors = new HashMap<>();
        for (LlmAllocation allocation : plan.allocations()) {
            problem.model(allocation.model())
                    .ifPresent(model -> errors.put(
                            model.name(),
                            problem.relativeError(
                                    model, allocation.gpu(), allocation.tensorParallel(), allocation.gpuFraction())));
        }
        return errors;
    }

    private Map<String, AggregateLlmPipeline.Serving> servings(
            PlanningProblem problem, Reading.Legal<Plan> given, List<Problem> problems) {
        Map<String, AggregateLlmPipeline.Serving> servings = new HashMap<>();
        List<LlmAllocation> allocations = given.value().allocations();
        for (int i = 0; i < allocations.size(); i++) {
            LlmAllocation allocation = allocations.get(i);
            Optional<ServedModel> model = problem.model(allocation.model());
            if (model.isEmpty() || !problem.usedModels().contains(model.get())) {
                continue;
            }
            Optional<LatencyProfile> profile = problem.profile(
                    model.get(), allocation.gpu(), allocation.tensorParallel(), allocation.gpuFraction());
            if (profile.isPresent()) {
                servings.put(allocation.model(), serving(profile.get(), allocation.replicas()));
            } else {
                problems.add(given.source()
                        .problem(
                                "allocations[" + i + "]",
                                "Model (" + allocation.model() + ") has no profile on " + allocation.gpu()
                                        + " with tensorParallel " + allocation.tensorParallel() + " and gpuFraction "
                                        + allocation.gpuFraction() + ": "
                                        + problem.whyNoProfile(
                                                model.get(),
                                                allocation.gpu(),
                                                allocation.tensorParallel(),
                                                allocation.gpuFraction())
                                        + ". Measure one, or change the plan."));
            }
        }
        return servings;
    }
}
