package dev.scepsy.planner.problem;

import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.MeasuredProfile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.file.Source;
import dev.scepsy.planner.profile.Balancing;
import dev.scepsy.planner.profile.EngineProfiles;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * From what the files say to one {@link PlanningProblem}, or to everything that is wrong with them.
 *
 * @param cluster the hardware
 * @param models the models
 * @param profiles measured curves; a legal empty list where there are none
 * @param workflows statistics
 * @param targets by workflow name; they replace what the statistics say
 * @param form which sum of model latencies is meant
 * @param balancing how calls spread over replicas
 */
public record ProblemAssembly(
        Reading<ClusterFile.Described> cluster,
        Reading<ModelsFile.Described> models,
        Reading<List<MeasuredProfile>> profiles,
        Reading<List<WorkflowStatistics>> workflows,
        Map<String, Double> targets,
        PipelineForm form,
        Balancing balancing) {

    public ProblemAssembly {
        targets = Map.copyOf(targets);
    }

    /** Behind least-loaded routers. */
    public ProblemAssembly(
            Reading<ClusterFile.Described> cluster,
            Reading<ModelsFile.Described> models,
            Reading<List<MeasuredProfile>> profiles,
            Reading<List<WorkflowStatistics>> workflows,
            Map<String, Double> targets,
            PipelineForm form) {
        this(cluster, models, profiles, workflows, targets, form, Balancing.POOLED);
    }

    /** No measured curves. */
    public static Reading<List<MeasuredProfile>> nothingMeasured() {
        return unwritten("profiles", List.of());
    }

    /** A value that stands in no file, as if it had been read from one called {@code name}. */
    public static <T> Reading<T> unwritten(String name, T value) {
        return new Reading.Legal<>(value, Source.unwritten(name), List.of());
    }

    /** The same with other models; {@code change} sees only models that could be read. */
    public ProblemAssembly withModels(UnaryOperator<ServedModel> change) {
        if (!(models instanceof Reading.Legal<ModelsFile.Described> legal)) {
            return this;
        }
        ModelsFile.Described described = legal.value();
        return new ProblemAssembly(
                cluster,
                new Reading.Legal<>(
                        new ModelsFile.Described(
                                described.models().stream().map(change).toList(),
                                described.architectures(),
                                described.starts(),
                                described.podTemplate(),
                                described.router()),
                        legal.source(),
                        legal.warnings()),
                profiles,
                workflows,
                targets,
                form,
                balancing);
    }

    /** The problem; malformed with all problems of all files if there is any. */
    public Reading<PlanningProblem> assemble() {
        List<Problem> problems = new ArrayList<>();
        List<Problem> warnings = new ArrayList<>();
        for (Reading<?> reading : List.of(cluster, models, profiles, workflows)) {
            problems.addAll(reading.whyMalformed());
            warnings.addAll(reading.warnings());
        }
        if (cluster instanceof Reading.Legal<ClusterFile.Described> hardware
                && models instanceof Reading.Legal<ModelsFile.Described> described
                && profiles instanceof Reading.Legal<List<MeasuredProfile>> measured
                && workflows instanceof Reading.Legal<List<WorkflowStatistics>> statistics) {
            PlanningProblem problem = assemble(hardware, described, measured, statistics, problems, warnings);
            problems.addAll(new StartableDegrees(described.value(), measured.value()).neverStarted(described.source()));
            // alone they leave a well stated problem without a solution; beside what is malformed all is said at once
            (problems.isEmpty() ? warnings : problems)
                    .addAll(Restrictions.contradictions(
                            problem.cluster(),
                            true,
                            described.value().models(),
                            problem.usedModels(),
                            described.source()));
            if (problems.isEmpty()) {
                return new Reading.Legal<>(problem, statistics.source(), warnings);
            }
        } else {
            acrossFiles(problems);
        }
        return new Reading.Malformed<>(problems, warnings);
    }

    /** What files that cannot be used say of each other is wrong with them too. */
    private void acrossFiles(List<Problem> problems) {
        Optional<Reading.Legal<ModelsFile.Described>> described = models.readAllTheSame();
        Optional<Reading.Legal<List<WorkflowStatistics>>> statistics = workflows.readAllTheSame();
        if (described.isPresent() && profiles instanceof Reading.Legal<List<MeasuredProfile>> measured) {
            problems.addAll(new StartableDegrees(described.get().value(), measured.value())
                    .neverStarted(described.get().source()));
        }
        if (statistics.isEmpty()
                || described.isEmpty()
                || described.get().value().models().isEmpty()
                || described.get().value().models().stream()
                        .anyMatch(model -> model.name().isBlank())) {
            return;
        }
        List<WorkflowStatistics> named = statistics.get().value().stream()
                .filter(workflow -> workflow.models().stream()
                        .noneMatch(model -> model.model().isBlank()))
                .toList();
        // places in the file are counted by position, so all or none
        if (named.size() == statistics.get().value().size()) {
            new Demands(
                            new ModelNames(described.get().value().models()),
                            targets,
                            form,
                            statistics.get().source(),
                            problems,
                            new ArrayList<>())
                    .of(named);
            new RequestLimits(described.get().value(), statistics.get().source(), problems, new ArrayList<>())
                    .check(named);
        }
        restrictions(described.get(), named, problems);
    }

    private void restrictions(
            Reading.Legal<ModelsFile.Described> described, List<WorkflowStatistics> named, List<Problem> problems) {
        Optional<Reading.Legal<ClusterFile.Described>> hardware = cluster.readAllTheSame();
        if (hardware.isEmpty() || hardware.get().value().cluster().nodes().isEmpty()) {
            return;
        }
        ModelNames names = new ModelNames(described.value().models());
        List<ServedModel> used = named.stream()
                .flatMap(workflow -> workflow.models().stream())
                .flatMap(model -> names.find(model.model()).stream())
                .toList();
        problems.addAll(Restrictions.contradictions(
                hardware.get().value().cluster(),
                cluster.whyMalformed().stream().noneMatch(wrong -> wrong.path().contains(".sharing")),
                described.value().models(),
                used,
                described.source()));
    }

    private PlanningProblem assemble(
            Reading.Legal<ClusterFile.Described> hardware,
            Reading.Legal<ModelsFile.Described> described,
            Reading.Legal<List<MeasuredProfile>> measured,
            Reading.Legal<List<WorkflowStatistics>> statistics,
            List<Problem> problems,
            List<Problem> warnings) {
        ModelNames names = new ModelNames(described.value().models());
        List<Demands.Resolved> demands =
                new Demands(names, targets, form, statistics.source(), problems, warnings).of(statistics.value());
        new RequestLimits(described.value(), statistics.source(), problems, warnings).check(statistics.value());
        Map<String, MeanCall> calls = new HashMap<>();
        Map<String, Double> siblings = new HashMap<>();
        for (ServedModel model : described.value().models()) {
            ModelArchitecture architecture = described.value().architectures().get(model.name());
            MeanCall.of(model.name(), architecture == null || !architecture.isEncoder(), demands)
                    .ifPresent(mean -> calls.put(model.name(), mean));
            siblings.put(model.name(), MeanCall.siblings(model.name(), demands));
        }
        Profiles known = new Profiles(
                hardware.value(),
                described.value(),
                calls,
                siblings,
                EngineProfiles.builtIn().behind(balancing));
        known.take(measured.value(), names, measured.source(), problems, warnings);
        StartableDegrees degrees = new StartableDegrees(described.value(), measured.value());
        for (MeasuredProfile curve : measured.value()) {
            degrees.surprising(curve)
                    .ifPresent(sentence ->
                            warnings.add(measured.source().problem(curve.path() + ".tensorParallel", sentence)));
        }
        // the published form knows one latency per model, whoever calls it
        List<Demands.Resolved> weighed =
                form == PipelineForm.PUBLISHED ? demands : CallLengths.weigh(demands, names, known);
        PlanningProblem problem = new PlanningProblem(
                hardware.value().cluster(),
                described.value().models(),
                described.value().starts(),
                weighed,
                known);
        problem.usedModels().stream()
                .flatMap(model -> known.borrowedKernels(model).stream())
                .distinct()
                .forEach(borrowed -> warnings.add(hardware.source()
                        .problem(
                                "",
                                "The engine model has " + borrowed + ": it may be some 10 to 20 % off. Measure profiles"
                                        + " there (scepsy profile), or calibrate it with some.")));
        for (ServedModel model : problem.usedModels()) {
            known.coverage(model)
                    .forEach(sentence -> warnings.add(measured.source().problem("", sentence)));
            boolean needsTokens = !calls.containsKey(model.name()) && known.engineKnows(model);
            if (needsTokens && known.hasMeasured(model)) {
                warnings.add(statistics
                        .source()
                        .problem(
                                place(model, statistics.value()),
                                "No workflow reports input and output tokens of model (" + model.name()
                                        + "): only its measured profiles are used."));
            } else if (needsTokens) {
                problems.add(statistics
                        .source()
                        .problem(
                                place(model, statistics.value()),
                                "Model (" + model.name()
                                        + ") has no measured profile on this cluster, and the engine model needs its"
                                        + " token statistics. Give inputTokens and outputTokens of some workflow that"
                                        + " calls it, or measure profiles."));
            }
        }
        return problem;
    }

    private static String place(ServedModel model, List<WorkflowStatistics> workflows) {
        for (int w = 0; w < workflows.size(); w++) {
            for (int m = 0; m < workflows.get(w).models().size(); m++) {
                String name = workflows.get(w).models().get(m).model();
                if (model.allNames().contains(name)) {
                    return "workflows[" + w + "].models[" + m + "]";
                }
            }
        }
        return "";
    }
}
