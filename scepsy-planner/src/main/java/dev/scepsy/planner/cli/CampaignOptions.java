package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.ContainerImage;
import dev.scepsy.planner.cluster.ServingOptions;
import dev.scepsy.planner.cluster.TrialEngines;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.search.choice.AllocationProblem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of a measuring campaign: {@code @Mixin CampaignOptions campaign}. */
final class CampaignOptions {

    @Option(
            names = "--campaign",
            description = "Measure the engines whose profiles could change the plan most, one at a time, on the"
                    + " cluster of --cluster, for --models and --workflows. A stopped campaign continues.")
    boolean requested;

    @Option(
            names = "--cluster",
            converter = ClusterSource.Written.class,
            paramLabel = "cluster.yaml",
            description = "Campaign: the hardware, a file or kubernetes:[NAMESPACE].")
    @Nullable
    String cluster;

    @Option(names = "--models", paramLabel = "models.yaml", description = "Campaign: models that are served.")
    @Nullable
    Path models;

    @Option(
            names = "--target",
            paramLabel = "WORKFLOW=RATE",
            description = "Campaign: executions per second to sustain; replaces targetPerSecond of the file. May"
                    + " be repeated.")
    Map<String, Double> targets = new LinkedHashMap<>();

    @Option(
            names = "--max-utilisation",
            paramLabel = "U",
            defaultValue = "0.85",
            description =
                    "Campaign: highest planned utilisation of a replica, in (0, 1] (default:" + " ${DEFAULT-VALUE}).")
    double maxUtilisation = AllocationProblem.DEFAULT_MAX_UTILISATION;

    @Option(
            names = "--max-measurements",
            paramLabel = "N",
            description = "Campaign: highest number of further measurements (default: no limit).")
    @Nullable
    Integer maxMeasurements;

    @Option(
            names = "--time-limit",
            paramLabel = "D",
            description = "Campaign: time after which no further measurement is begun, such as 90m, 8h (default:"
                    + " no limit).")
    @Nullable
    String timeLimit;

    @Option(
            names = "--stop-loss",
            paramLabel = "PERCENT",
            defaultValue = "0.2",
            description = "Campaign: stop when the plan is expected to be less than this many percent worse than"
                    + " the best one (default: ${DEFAULT-VALUE}).")
    double stopLossPercent = 0.2;

    @Option(
            names = "--endpoints",
            paramLabel = "endpoints.yaml",
            description = "Campaign: measure these running engines, start none: endpoints: [{model, gpu,"
                    + " tensorParallel, gpuFraction, url}].")
    @Nullable
    Path endpoints;

    @Option(
            names = "--reach",
            paramLabel = "WAY",
            defaultValue = "PORT_FORWARD",
            description = "Campaign: way to a started engine, ${COMPLETION-CANDIDATES}; POD_IP works inside the"
                    + " cluster only (default: ${DEFAULT-VALUE}).")
    TrialEngines.Reach reach = TrialEngines.Reach.PORT_FORWARD;

    @Option(
            names = "--image",
            paramLabel = "IMAGE",
            defaultValue = ServingOptions.DEFAULT_IMAGE,
            description = "Campaign: container image of the engines (default: ${DEFAULT-VALUE}).")
    String image = ServingOptions.DEFAULT_IMAGE;

    @Option(
            names = "--load-seconds",
            paramLabel = "SECONDS",
            defaultValue = "900",
            description = "Campaign: longest time until an engine is ready, in seconds (default: ${DEFAULT-VALUE}).")
    int loadSeconds = 900;

    @Option(
            names = "--shared-resource",
            paramLabel = "RESOURCE",
            defaultValue = "nvidia.com/gpu.shared",
            description = "Campaign: resource name of the device plugin's equal parts (default: ${DEFAULT-VALUE}).")
    String sharedResource = ServingOptions.DEFAULT.sharedResource();

    @Option(
            names = "--runtime-class",
            paramLabel = "CLASS",
            defaultValue = "nvidia",
            description = "Campaign: runtime class of pods with pinned GPU ids (default: ${DEFAULT-VALUE}).")
    String runtimeClass = ServingOptions.DEFAULT.runtimeClass();

    @Option(
            names = "--kai-queue",
            paramLabel = "QUEUE",
            defaultValue = "default",
            description = "Campaign: queue of the KAI scheduler (default: ${DEFAULT-VALUE}).")
    String kaiQueue = ServingOptions.DEFAULT.kaiQueue();

    @Mixin
    Connection connection = new Connection();

    /** Everything that is wrong with the options; the time limit where there is one. */
    Optional<Duration> check(String verb, List<Problem> problems) {
        if (cluster == null) {
            problems.add(problem(verb, "--cluster", "This option is missing: the hardware, cluster.yaml."));
        }
        if (models == null) {
            problems.add(problem(verb, "--models", "This option is missing: the served models, models.yaml."));
        }
        if (!(maxUtilisation > 0 && maxUtilisation <= 1)) {
            problems.add(problem(verb, "--max-utilisation", "The value (" + maxUtilisation + ") must lie in (0, 1]."));
        }
        if (!(stopLossPercent >= 0 && stopLossPercent <= 100)) {
            problems.add(problem(verb, "--stop-loss", "The value (" + stopLossPercent + " %) must lie in [0, 100]."));
        }
        if (maxMeasurements != null && maxMeasurements < 0) {
            problems.add(
                    problem(verb, "--max-measurements", "The number (" + maxMeasurements + ") must be 0 or more."));
        }
        if (loadSeconds < 1) {
            problems.add(problem(verb, "--load-seconds", "The time (" + loadSeconds + " s) must be at least 1."));
        }
        ContainerImage.problem(image).ifPresent(text -> problems.add(problem(verb, "--image", text)));
        return timeLimit == null ? Optional.empty() : DurationText.read(verb, "--time-limit", timeLimit, problems);
    }

    private static Problem problem(String verb, String option, String message) {
        return new Problem(verb, option, 0, 0, message);
    }
}
