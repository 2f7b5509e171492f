package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.ServingOptions;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.EndpointsFile;
import dev.scepsy.planner.file.MeasuredProfile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.ProfilesFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.file.WorkflowsFile;
import dev.scepsy.planner.problem.PipelineForm;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.router.RouterKind;
import dev.scepsy.planner.router.RouterSettings;
import dev.scepsy.planner.serving.EngineStarts;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.TokenStatistics;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The files of a campaign. Without workflows every model counts alike, called once at no load with the lengths of the options.
 *
 * @param endpoints engines that run already; empty: they are started
 */
record CampaignFiles(
        Reading<ClusterFile.Described> cluster,
        Reading<ModelsFile.Described> models,
        Reading<List<WorkflowStatistics>> workflows,
        Optional<Reading<List<EndpointsFile.Running>>> endpoints,
        Map<String, Double> targets,
        Path out) {

    static CampaignFiles read(String cluster, Path models, CampaignOptions options, LengthOptions lengths, Path out) {
        Catalogue catalogue = Catalogue.builtIn();
        Reading<ModelsFile.Described> described = ModelsFile.read(models, catalogue);
        Path workflows = lengths.workflows;
        return new CampaignFiles(
                ClusterSource.read(cluster, options.connection.server(), catalogue),
                described,
                workflows == null
                        ? ProblemAssembly.unwritten("workflows", List.of(everyModelOnce(described, lengths)))
                        : WorkflowsFile.read(workflows),
                Optional.ofNullable(options.endpoints).map(EndpointsFile::read),
                options.targets,
                out);
    }

    private static WorkflowStatistics everyModelOnce(Reading<ModelsFile.Described> models, LengthOptions lengths) {
        List<ModelStatistics> once = new ArrayList<>();
        for (ServedModel model :
                models.legalValue().map(ModelsFile.Described::models).orElse(List.of())) {
            if (!model.external()) {
                once.add(new ModelStatistics(
                        model.name(),
                        1,
                        1,
                        1,
                        OptionalDouble.empty(),
                        OptionalDouble.empty(),
                        OptionalDouble.empty(),
                        tokens(lengths.inputTokens),
                        tokens(lengths.outputTokens),
                        Optional.empty(),
                        Optional.empty()));
            }
        }
        return new WorkflowStatistics(
                "every model once",
                OptionalLong.empty(),
                OptionalDouble.of(0),
                1,
                0,
                Optional.empty(),
                once,
                false,
                OptionalInt.empty(),
                OptionalDouble.empty());
    }

    private static Optional<TokenStatistics> tokens(@Nullable Integer count) {
        return count == null ? Optional.empty() : Optional.of(new TokenStatistics(count, OptionalDouble.empty()));
    }

    /** What is measured so far, other people's measurements included. */
    Reading<List<MeasuredProfile>> measured() {
        return Files.exists(out) ? ProfilesFile.read(out) : ProblemAssembly.nothingMeasured();
    }

    ProblemAssembly assembly(Reading<List<MeasuredProfile>> measured) {
        return new ProblemAssembly(cluster, models, measured, workflows, targets, PipelineForm.CRITICAL_PATH);
    }

    List<Problem> whyMalformed() {
        return endpoints.map(Reading::whyMalformed).orElse(List.of());
    }

    /** How {@code starts} says that engines are started, with what the options add. */
    static ServingOptions serving(CampaignOptions options, EngineStarts starts) {
        return new ServingOptions(
                options.connection.namespace(),
                options.image,
                ServingOptions.DEFAULT.port(),
                options.loadSeconds,
                ServingOptions.DEFAULT.drainSeconds(),
                options.sharedResource,
                options.runtimeClass,
                options.kaiQueue,
                ServingOptions.DEFAULT_MODEL_CACHE,
                starts.settings(),
                Map.of(),
                RouterSettings.DEFAULT.withKind(RouterKind.NONE));
    }
}
