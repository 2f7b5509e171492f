package dev.scepsy.planner.serving;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.cluster.ContainerImage;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.ServiceNames;
import dev.scepsy.planner.cluster.ServingOptions;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.file.Source;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.topology.Cluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A plan with the models' descriptions, as the cluster client takes it; or everything that is wrong with them. Immutable.
 *
 * @param intent empty where there are problems
 * @param warnings what is not known to be wrong, but may be
 */
public record PlanIntent(Optional<Intent> intent, List<Problem> problems, List<Problem> warnings) {

    public PlanIntent {
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
    }

    /**
     * @param planSource where the plan stands, for problems
     * @param options for an intent whose engines start as the models file says: gets their settings and the router
     */
    public static PlanIntent of(
            Plan plan,
            Source planSource,
            Reading.Legal<ModelsFile.Described> models,
            Cluster cluster,
            UnaryOperator<ServingOptions> options) {
        EngineStarts starts = EngineStarts.of(models);
        List<Problem> problems = new ArrayList<>(starts.problems());
        models.value()
                .router()
                .image()
                .flatMap(ContainerImage::problem)
                .ifPresent(text -> problems.add(models.source().problem("router.image", text)));
        if (!problems.isEmpty()) {
            return new PlanIntent(Optional.empty(), problems, List.of());
        }
        List<Problem> warnings = starts.warnings(plan);
        try {
            Intent intent = Intent.of(
                    plan,
                    models.value().models(),
                    cluster,
                    options.apply(ServingOptions.DEFAULT
                            .withEngines(starts.settings())
                            .withRouter(models.value().router())));
            problems.addAll(collisions(intent, models));
            return new PlanIntent(problems.isEmpty() ? Optional.of(intent) : Optional.empty(), problems, warnings);
        } catch (IllegalArgumentException mismatch) {
            problems.add(planSource.problem("placements", String.valueOf(mismatch.getMessage())));
            return new PlanIntent(Optional.empty(), problems, warnings);
        }
    }

    private static List<Problem> collisions(Intent intent, Reading.Legal<ModelsFile.Described> models) {
        List<String> names =
                models.value().models().stream().map(ServedModel::name).toList();
        return ServiceNames.collisions(intent).entrySet().stream()
                .map(found ->
                        models.source().problem("models[" + names.indexOf(found.getKey()) + "].name", found.getValue()))
                .toList();
    }
}
