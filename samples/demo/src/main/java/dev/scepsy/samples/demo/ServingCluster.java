package dev.scepsy.samples.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.samples.cluster.EmulatedCluster;
import dev.scepsy.samples.cluster.EmulatedClusterConfig;
import dev.scepsy.samples.cluster.Faults;
import dev.scepsy.samples.cluster.GpuUsage;
import dev.scepsy.samples.cluster.control.Startup;
import dev.scepsy.samples.cluster.engine.AnswerScript;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** The emulated cluster as the demo sees it: made from the files the planner reads, and one address for all models. */
final class ServingCluster implements AutoCloseable {

    /** Real seconds; loopback proxies follow at once, where a real cluster needs some. */
    private static final String ENDPOINT_SECONDS = "0.1";

    /** Every node has served every model before, so the weights come from its page cache. */
    private static final Startup WEIGHTS_IN_PAGE_CACHE = new Startup(6, 6e9);

    private static final String NAMESPACE = "default";
    private static final String ROUTER_SERVICE = "scepsy-router";

    private final EmulatedCluster cluster;

    private ServingCluster(EmulatedCluster cluster) {
        this.cluster = cluster;
    }

    static ServingCluster start(DemoFiles files, double timeScale, AnswerScript answers) {
        EmulatedClusterConfig.Builder config = EmulatedClusterConfig.builder(
                        legal(ClusterFile.read(files.path("cluster.yaml"), Catalogue.builtIn()))
                                .cluster())
                .timeScale(timeScale)
                .startup(WEIGHTS_IN_PAGE_CACHE)
                .answers(answers);
        legal(ModelsFile.read(files.path(Scepsy.MODELS), Catalogue.builtIn()))
                .models()
                .forEach(config::model);
        return new ServingCluster(EmulatedCluster.start(config.build()));
    }

    private static <T> T legal(Reading<T> reading) {
        if (reading instanceof Reading.Legal<T> legal) {
            return legal.value();
        }
        throw new DemoFailure(reading.whyMalformed().toString());
    }

    /** Where the application finds {@code models}, as its option takes it; once something serves them. */
    String models(Routing routing, List<String> models) {
        return switch (routing) {
            case IDEAL -> cluster.gatewayUrl();
            case ROUTER -> service(ROUTER_SERVICE);
            case KUBE_PROXY ->
                models.stream().map(model -> model + "=" + service(model)).collect(Collectors.joining(","));
        };
    }

    private String service(String name) {
        return cluster.serviceUrl(NAMESPACE, name)
                .orElseThrow(() -> new DemoFailure("There is no Service (" + name + ")."));
    }

    /** Arguments that push a plan to this cluster. */
    String[] apply(Scepsy scepsy, String models, String plan) {
        return scepsy.of(
                "apply",
                models,
                plan,
                "--server",
                cluster.apiServerUrl(),
                "--endpoint-seconds",
                ENDPOINT_SECONDS,
                "--yes");
    }

    /** Where its Kubernetes API is. */
    String apiServerUrl() {
        return cluster.apiServerUrl();
    }

    /** Asks its Kubernetes API. */
    ClusterApi api() {
        return new ClusterApi(cluster.apiServerUrl());
    }

    /** Breaks things on purpose. */
    Faults faults() {
        return cluster.faults();
    }

    /** One ready engine of {@code model} computes so many times as slowly from now on. */
    void slow(String model, double factor) throws IOException {
        for (JsonNode pod : pods(model)) {
            if (ModelDeployments.isReady(pod)) {
                slow(pod, factor);
                return;
            }
        }
        throw new DemoFailure("There is no ready engine of " + model + " that could slow down.");
    }

    /** The one on {@code node}, or where there is none the one that was made first. */
    void slowOn(String node, String model, double factor) throws IOException {
        List<JsonNode> ready = new ArrayList<>();
        for (JsonNode pod : pods(model)) {
            if (ModelDeployments.isReady(pod)) {
                ready.add(pod);
            }
        }
        JsonNode chosen = ready.stream()
                .min(Comparator.comparing((JsonNode pod) ->
                                !pod.at("/spec/nodeName").asText().equals(node))
                        .thenComparing(
                                pod -> pod.at("/metadata/creationTimestamp").asText()))
                .orElseThrow(() -> new DemoFailure("There is no ready engine of " + model + " that could slow down."));
        slow(chosen, factor);
    }

    private void slow(JsonNode pod, double factor) {
        cluster.faults().slow(NAMESPACE, pod.at("/metadata/name").asText(), factor);
    }

    /** All engines of {@code model} are as fast as they should be. */
    void heal(String model) throws IOException {
        for (JsonNode pod : pods(model)) {
            slow(pod, 1);
        }
    }

    private JsonNode pods(String model) throws IOException {
        return api().get(ModelDeployments.PODS + "?labelSelector=scepsy.dev%2Fmodel%3D" + model)
                .path("items");
    }

    /** Mean part of the GPUs' time in which at least one engine computed, since an earlier snapshot. */
    static double busyShare(List<GpuUsage> earlier, List<GpuUsage> now) {
        double share = 0;
        for (int gpu = 0; gpu < now.size(); gpu++) {
            GpuUsage from = earlier.get(gpu);
            GpuUsage to = now.get(gpu);
            share += (to.busySeconds() - from.busySeconds()) / (to.atSeconds() - from.atSeconds()) / now.size();
        }
        return share;
    }

    List<GpuUsage> usage() {
        return cluster.gpuUsage();
    }

    /** How late the emulated clock ran at worst since last asked. */
    double takeWorstLagSeconds() {
        return cluster.takeWorstLagSeconds();
    }

    @Override
    public void close() {
        cluster.close();
    }
}
