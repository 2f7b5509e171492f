package dev.scepsy.planner.serving;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.cluster.ContainerImage;
import dev.scepsy.planner.cluster.EngineSettings;
import dev.scepsy.planner.cluster.LoadedModel;
import dev.scepsy.planner.cluster.PodPatch;
import dev.scepsy.planner.cluster.ServingTask;
import dev.scepsy.planner.file.EngineStart;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.file.Source;
import dev.scepsy.planner.profile.ServedModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How the models file wants its engines to be started, as the cluster client takes it.
 *
 * @param settings by model name
 * @param problems what is wrong with it
 */
public record EngineStarts(
        Map<String, EngineSettings> settings, List<Problem> problems, List<ServedModel> models, Source source) {

    /** What {@code models} says. */
    public static EngineStarts of(Reading.Legal<ModelsFile.Described> models) {
        ModelsFile.Described described = models.value();
        List<String> said = new ArrayList<>();
        PodPatch.Read common = PodPatch.read(described.podTemplate(), "podTemplate");
        said.addAll(common.problems());
        Map<String, EngineSettings> settings = new HashMap<>();
        List<Problem> problems = new ArrayList<>();
        for (int i = 0; i < described.models().size(); i++) {
            ServedModel model = described.models().get(i);
            EngineStart start = described.starts().get(model.name());
            if (start == null || model.external()) {
                continue;
            }
            String imagePath = "models[" + i + "].image";
            start.image()
                    .flatMap(ContainerImage::problem)
                    .ifPresent(text -> problems.add(models.source().problem(imagePath, text)));
            PodPatch.Read own = PodPatch.read(start.podTemplate(), start.podTemplatePath());
            said.addAll(own.problems());
            List<PodPatch> patches = new ArrayList<>(common.patch());
            patches.addAll(own.patch());
            settings.put(
                    model.name(),
                    new EngineSettings(
                            start.servedFrom(),
                            start.image(),
                            start.task().map(task -> ServingTask.valueOf(task.toUpperCase(Locale.ROOT))),
                            start.engineArguments(),
                            OptionalLong.empty(),
                            Optional.ofNullable(described.architectures().get(model.name())),
                            start.cpuCores(),
                            start.hostMemoryGiB(),
                            patches));
        }
        said.forEach(text -> problems.add(problem(models.source(), text)));
        return new EngineStarts(settings, problems, described.models(), models.source());
    }

    /** Texts come as {@code path: sentence}. */
    private static Problem problem(Source source, String text) {
        String[] parts = text.split(": ", 2);
        String path = parts[0];
        // where a deeper place has no line of its own, the template's
        String known = path.replaceAll("(podTemplate).*", "$1");
        return source.problem(known, path.substring(known.length()).isEmpty() ? parts[1] : path + ": " + parts[1]);
    }

    private static boolean sharesCards(Plan plan, ServedModel model) {
        return plan.allocations().stream()
                .anyMatch(allocation -> allocation.model().equals(model.name())
                        && !allocation.gpuFraction().isWhole());
    }

    /** What is not known to be wrong with what the engines of {@code plan} load, but may be. */
    public List<Problem> warnings(Plan plan) {
        List<Problem> warnings = new ArrayList<>();
        for (int i = 0; i < models.size(); i++) {
            ServedModel model = models.get(i);
            boolean planned =
                    plan.allocations().stream().map(LlmAllocation::model).anyMatch(model.name()::equals);
            if (planned) {
                int at = i;
                EngineSettings own = settings.getOrDefault(model.name(), EngineSettings.DEFAULT);
                own.image()
                        .flatMap(ContainerImage::doubt)
                        .ifPresent(doubt -> warnings.add(source.problem("models[" + at + "].image", doubt)));
                if (model.engine().equals("trtllm") && sharesCards(plan, model)) {
                    warnings.add(source.problem(
                            "models[" + at + "]",
                            "Model (" + model.name()
                                    + ") is planned on parts of cards, and trtllm-serve takes a share of all"
                                    + " that is free: right only where it sees no more than its own part (HAMi, MPS with a"
                                    + " limit). Give gpuFractions: [1], or serve it with vllm."));
                }
                LoadedModel.doubts(model, own)
                        .forEach(doubt -> warnings.add(source.problem("models[" + at + "]", doubt)));
            }
        }
        return warnings;
    }
}
