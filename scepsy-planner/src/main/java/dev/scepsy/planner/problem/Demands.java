package dev.scepsy.planner.problem;

import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Source;
import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** What the workflows ask of the described models: names resolved, targets known, external models' time summed. */
final class Demands {

    private static final double HIGHEST_RATE = 1e15;

    private final ModelNames names;
    private final Map<String, Double> targets;
    private final PipelineForm form;
    private final Source source;
    private final List<Problem> problems;
    private final List<Problem> warnings;

    Demands(
            ModelNames names,
            Map<String, Double> targets,
            PipelineForm form,
            Source source,
            List<Problem> problems,
            List<Problem> warnings) {
        this.names = names;
        this.targets = targets;
        this.form = form;
        this.source = source;
        this.problems = problems;
        this.warnings = warnings;
    }

    /**
     * One workflow with its statistics under the models' own names.
     *
     * @param demand what is asked of self-hosted models
     * @param models statistics of the models it uses, external ones included, aliases merged
     */
    record Resolved(WorkflowDemand demand, List<ModelStatistics> models) {}

    List<Resolved> of(List<WorkflowStatistics> workflows) {
        targets.forEach((name, rate) -> {
            if (!(rate >= 0 && rate <= HIGHEST_RATE)) {
                problems.add(source.problem(
                        "",
                        "The target (" + rate + ") of workflow (" + name + ") must lie in [0, " + HIGHEST_RATE + "]."));
            }
        });
        Map<String, Double> targetsByName = new HashMap<>();
        targets.forEach((called, rate) ->
                named(called, workflows).ifPresent(workflow -> targetsByName.put(workflow.name(), rate)));
        if (workflows.isEmpty()) {
            problems.add(source.problem(
                    "workflows",
                    "There is no workflow, so there is nothing to plan for. Learn some with scepsy shares."));
        } else if (workflows.stream()
                .flatMap(workflow -> workflow.models().stream())
                .noneMatch(model -> model.callsPerExecution() > 0)) {
            boolean noneComplete = workflows.stream()
                    .allMatch(workflow -> workflow.executions().orElse(1) == 0);
            problems.add(source.problem(
                    "workflows",
                    noneComplete
                            ? "No workflow has a complete execution, so there is nothing to plan for. Record until runs"
                                    + " have ended, with the spans of all their parts: scepsy shares says what was left"
                                    + " out, and why."
                            : "No workflow calls a model, so there is nothing to plan for. Record their model calls,"
                                    + " too: scepsy shares says what its traces lack."));
        }
        List<Resolved> resolved = new ArrayList<>();
        for (int i = 0; i < workflows.size(); i++) {
            resolve(workflows.get(i), targetsByName, "workflows[" + i + "]").ifPresent(resolved::add);
        }
        return resolved;
    }

    /** The workflow that somebody calls so, by the name it is shown under or with its service; else a problem. */
    private Optional<WorkflowStatistics> named(String called, List<WorkflowStatistics> workflows) {
        Optional<WorkflowStatistics> found =
                workflows.stream().filter(workflow -> workflow.isCalled(called)).findFirst();
        if (found.isEmpty()) {
            List<String> several = workflows.stream()
                    .map(WorkflowStatistics::name)
                    .filter(name -> name.startsWith(called + "@"))
                    .toList();
            problems.add(source.problem(
                    "",
                    several.isEmpty()
                            ? "There is no workflow (" + called + ") to give a target. Its workflows are "
                                    + workflows.stream()
                                            .map(WorkflowStatistics::name)
                                            .toList() + "."
                            : "Several services have a workflow (" + called + "). Give the target to one of "
                                    + String.join(", ", several) + "."));
        }
        return found;
    }

    private Optional<Resolved> resolve(WorkflowStatistics workflow, Map<String, Double> targetsByName, String path) {
        OptionalDouble target = targetsByName.containsKey(workflow.name())
                ? OptionalDouble.of(clamped(targetsByName.getOrDefault(workflow.name(), 0.0)))
                : workflow.targetPerSecond();
        if (target.isEmpty() && workflow.models().isEmpty()) {
            warnings.add(source.problem(
                    path,
                    "Workflow (" + workflow.name() + ") has "
                            + (workflow.executions().orElse(0) == 0
                                    ? "no complete execution"
                                    : workflow.executions().getAsLong() + " executions without any model call")
                            + " and no target: it is left out."));
            return Optional.empty();
        }
        if (target.isEmpty()) {
            problems.add(source.problem(
                    path + ".targetPerSecond",
                    "Workflow (" + workflow.name() + ") has no targetPerSecond. Write one, or give --target "
                            + workflow.name() + "=RATE."));
        }
        List<ModelCalls> calls = new ArrayList<>();
        List<ModelStatistics> merged = new ArrayList<>();
        double externalSeconds = 0;
        for (Map.Entry<ServedModel, List<ModelStatistics>> used :
                byModel(workflow, path).entrySet()) {
            ServedModel model = used.getKey();
            ModelStatistics statistics = MergedStatistics.of(model.name(), used.getValue());
            merged.add(statistics);
            double sequentialCalls = form == PipelineForm.PUBLISHED
                    ? statistics.callsPerExecution() / statistics.parallelism()
                    : statistics.sequentialCalls();
            if (!model.external()) {
                calls.add(new ModelCalls(model.name(), statistics.callsPerExecution(), sequentialCalls));
            } else if (statistics.meanCallSeconds().isPresent()) {
                externalSeconds +=
                        sequentialCalls * statistics.meanCallSeconds().getAsDouble();
            } else if (sequentialCalls > 0) {
                problems.add(source.problem(
                        path + ".models",
                        "Model (" + model.name() + ") is external, and workflow (" + workflow.name()
                                + ") does not say how long its calls take. Give its meanCallSeconds."));
            }
        }
        return Optional.of(new Resolved(
                new WorkflowDemand(
                        workflow.name(),
                        target.orElse(0),
                        workflow.weight(),
                        form == PipelineForm.PUBLISHED ? 0 : workflow.otherSeconds(),
                        externalSeconds,
                        calls,
                        workflow.latencyLimitSeconds()),
                merged));
    }

    /** A rate out of range is reported; what comes of this one is thrown away. */
    private static double clamped(double rate) {
        return rate >= 0 && rate <= HIGHEST_RATE ? rate : 0;
    }

    private Map<ServedModel, List<ModelStatistics>> byModel(WorkflowStatistics workflow, String path) {
        Map<ServedModel, List<ModelStatistics>> byModel = new LinkedHashMap<>();
        for (int k = 0; k < workflow.models().size(); k++) {
            ModelStatistics statistics = workflow.models().get(k);
            if (statistics.callsPerExecution() == 0 && statistics.sequentialCalls() == 0) {
                continue;
            }
            Optional<ServedModel> model = names.find(statistics.model());
            if (model.isPresent()) {
                byModel.computeIfAbsent(model.get(), name -> new ArrayList<>()).add(statistics);
            } else {
                problems.add(source.problem(
                        path + ".models[" + k + "].model",
                        "Workflow (" + workflow.name() + ") calls model (" + statistics.model()
                                + "), which the models file does not describe. Describe it there (or name it as an"
                                + " alias of one that is), or mark it external: true if it is an API."));
            }
        }
        return byModel;
    }
}
