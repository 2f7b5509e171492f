package dev.scepsy.planner.cli;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.cluster.ContainerImage;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.ServingOptions;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.MeasuredProfile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.ProfilesFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.platform.PlacedPlan;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.problem.StartableDegrees;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.serving.PlanIntent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The files that say what to serve, and the options that say how; {@code @Mixin} of the verbs that write manifests. */
final class PlanFiles {

    @Option(
            names = "--cluster",
            converter = ClusterSource.Written.class,
            required = true,
            paramLabel = "cluster.yaml",
            description = "Hardware (racks, nodes, GPUs, sharing): a file, or kubernetes:[NAMESPACE] to read it"
                    + " from the cluster.")
    private String cluster = "";

    @Option(names = "--models", required = true, paramLabel = "models.yaml", description = "Models that are served.")
    private Path models = Path.of("");

    @Option(
            names = "--plan",
            required = true,
            paramLabel = "plan.json",
            description = "Plan, as 'scepsy plan' writes it.")
    private Path plan = Path.of("");

    @Option(
            names = "--profiles",
            paramLabel = "profiles.yaml",
            description = "Measured latency curves: they prove tensorParallel degrees that engines would otherwise"
                    + " be expected to refuse (default: none).")
    private @Nullable Path profiles;

    @Option(
            names = "--image",
            paramLabel = "IMAGE",
            defaultValue = ServingOptions.DEFAULT_IMAGE,
            description = "Container image of the engines (default: ${DEFAULT-VALUE}).")
    private String image = ServingOptions.DEFAULT_IMAGE;

    @Option(
            names = "--load-seconds",
            paramLabel = "SECONDS",
            description =
                    "Longest time until an engine is ready, in seconds (default: three times what it is expected to"
                            + " take, at least 600).")
    private @Nullable Integer loadSeconds;

    @Option(
            names = "--drain-seconds",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "Longest time that an engine gets to finish its requests, in seconds (default:"
                    + " ${DEFAULT-VALUE}).")
    private int drainSeconds;

    @Option(
            names = "--shared-resource",
            paramLabel = "RESOURCE",
            defaultValue = "nvidia.com/gpu.shared",
            description = "Resource name of the device plugin's equal parts (default: ${DEFAULT-VALUE}).")
    private String sharedResource = "";

    @Option(
            names = "--runtime-class",
            paramLabel = "CLASS",
            defaultValue = "nvidia",
            description = "Runtime class of pods with pinned GPU ids; empty for the cluster's default (default:"
                    + " ${DEFAULT-VALUE}).")
    private String runtimeClass = "";

    @Option(
            names = "--kai-queue",
            paramLabel = "QUEUE",
            defaultValue = "default",
            description = "Queue of the KAI scheduler (default: ${DEFAULT-VALUE}).")
    private String kaiQueue = "";

    @Option(
            names = "--model-cache",
            paramLabel = "PLACE",
            defaultValue = ServingOptions.DEFAULT_MODEL_CACHE,
            description = "Where engines keep downloaded weights: node:/PATH (a folder of the node), claim:NAME (a"
                    + " PersistentVolumeClaim) or none (default: ${DEFAULT-VALUE}).")
    private String modelCache = ServingOptions.DEFAULT_MODEL_CACHE;

    private void checkSeconds(List<Problem> problems) {
        if (loadSeconds != null && loadSeconds < 1) {
            problems.add(
                    new Problem("--load-seconds", "", 0, 0, "The time (" + loadSeconds + " s) must be at least 1."));
        }
        if (drainSeconds < 0) {
            problems.add(
                    new Problem("--drain-seconds", "", 0, 0, "The time (" + drainSeconds + " s) must not be below 0."));
        }
    }

    private void checkModelCache(List<Problem> problems) {
        if (!ServingOptions.isModelCache(modelCache)) {
            problems.add(new Problem(
                    "--model-cache",
                    "",
                    0,
                    0,
                    "The value (" + modelCache + ") must be node:/PATH, claim:NAME or none."));
        }
    }

    /** What is wrong with the files, or what they want. */
    record Read(List<Problem> problems, Optional<PlacedPlan> placed) {

        /** As the cluster client takes it. */
        Optional<Intent> intent() {
            return placed.map(PlacedPlan::intent);
        }
    }

    Read read(String namespace, Map<String, List<String>> gpuUuids, ServerOptions server, Terminal terminal) {
        Reading<ClusterFile.Described> clusterRead = ClusterSource.read(cluster, server, Catalogue.builtIn());
        Reading<ModelsFile.Described> modelsRead = ModelsFile.read(models, Catalogue.builtIn());
        Reading<Plan> planRead = PlanFile.read(plan);
        Reading<List<MeasuredProfile>> measured =
                profiles == null ? ProblemAssembly.nothingMeasured() : ProfilesFile.read(profiles);
        terminal.warn(clusterRead, modelsRead, measured, planRead);
        List<Problem> problems = new ArrayList<>(clusterRead.whyMalformed());
        problems.addAll(modelsRead.whyMalformed());
        problems.addAll(measured.whyMalformed());
        problems.addAll(planRead.whyMalformed());
        if (clusterRead instanceof Reading.Legal<ClusterFile.Described> legalCluster
                && modelsRead instanceof Reading.Legal<ModelsFile.Described> legalModels
                && measured instanceof Reading.Legal<List<MeasuredProfile>> curves
                && planRead instanceof Reading.Legal<Plan> legalPlan) {
            problems.addAll(new StartableDegrees(legalModels.value(), curves.value())
                    .notStarting(legalPlan.value(), legalPlan.source()));
            if (!problems.isEmpty()) {
                return new Read(problems, Optional.empty());
            }
            checkModelCache(problems);
            checkSeconds(problems);
            ContainerImage.problem(image).ifPresent(text -> problems.add(new Problem("--image", "", 0, 0, text)));
            PlanIntent wanted = PlanIntent.of(
                    legalPlan.value(),
                    legalPlan.source(),
                    legalModels,
                    legalCluster.value().cluster(),
                    plain -> options(plain, namespace, gpuUuids));
            problems.addAll(0, wanted.problems());
            terminal.warn(wanted.warnings());
            ContainerImage.doubt(image)
                    .ifPresent(text -> terminal.warn(List.of(new Problem("--image", "", 0, 0, text))));
            return new Read(
                    problems,
                    problems.isEmpty()
                            ? wanted.intent().map(intent -> PlacedPlan.of(legalPlan.value(), intent))
                            : Optional.empty());
        }
        return new Read(problems, Optional.empty());
    }

    private ServingOptions options(ServingOptions plain, String namespace, Map<String, List<String>> gpuUuids) {
        return new ServingOptions(
                namespace,
                image,
                plain.port(),
                loadSeconds == null ? 0 : loadSeconds,
                drainSeconds,
                sharedResource,
                runtimeClass,
                kaiQueue,
                modelCache,
                plain.engines(),
                gpuUuids,
                plain.router());
    }
}
