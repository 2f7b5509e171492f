package dev.scepsy.samples.cluster;

import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.samples.cluster.api.ApiFaults;
import dev.scepsy.samples.cluster.api.KubernetesApi;
import dev.scepsy.samples.cluster.api.ObjectStore;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.control.Annotations;
import dev.scepsy.samples.cluster.control.ControlLoop;
import dev.scepsy.samples.cluster.control.EngineFactory;
import dev.scepsy.samples.cluster.control.RouterMachine;
import dev.scepsy.samples.cluster.control.ServiceNames;
import dev.scepsy.samples.cluster.control.ServingNode;
import dev.scepsy.samples.cluster.dns.DnsServer;
import dev.scepsy.samples.cluster.engine.EventClock;
import dev.scepsy.samples.cluster.engine.OpenAiApi;
import dev.scepsy.samples.cluster.engine.SharedGpu;
import dev.scepsy.samples.cluster.route.IdealRouter;
import dev.scepsy.samples.cluster.route.Loopback;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A running serving cluster without GPUs: the Kubernetes API, its controllers and vLLM engines, all on one event loop and
 * one emulated clock. It listens on loopback only. Thread-safe; closing it stops everything.
 */
public final class EmulatedCluster implements AutoCloseable {
    private final EventLoop loop;
    private final EmulatedClusterConfig config;
    private final List<ServingNode> nodes = new ArrayList<>();
    private final Resources resources = new Resources(new ObjectStore(), InstantSource.system());
    private final ApiFaults apiFaults = new ApiFaults();
    private final EventClock clock;
    private final IdealRouter gateway;
    private final DnsServer dns;
    private final ControlLoop controllers;
    private final HttpServer apiServer;
    private final HttpServer gatewayServer;

    private EmulatedCluster(EmulatedClusterConfig config, EventLoop loop) {
        this.config = config;
        this.loop = loop;
        Vertx vertx = loop.vertx();
        for (Rack rack : config.cluster().racks()) {
            for (Node node : rack.nodes()) {
                GpuFacts facts = facts(node);
                // Asked for the first time, its kernel tables are read, which takes a while: not on the event loop.
                facts.borrowedKernels();
                nodes.add(ServingNode.of(rack.name(), node, facts));
            }
        }
        this.clock = new EventClock(config.timeScale(), System::nanoTime, (millis, callback) -> {
            if (millis <= 0) {
                vertx.runOnContext(ignored -> callback.run());
            } else {
                vertx.setTimer(millis, ignored -> callback.run());
            }
        });
        this.gateway = new IdealRouter(clock);
        this.dns = loop.await(() -> DnsServer.listen(
                vertx,
                Loopback.HOST,
                config.dnsPort(),
                new ServiceNames(resources),
                clock::nowSeconds,
                config.dnsTtlSeconds(),
                config.timeScale()));
        OpenAiApi openAi = new OpenAiApi(clock, InstantSource.system(), config.answers(), config.seed());
        Map<String, ServingNode> byName =
                nodes.stream().collect(Collectors.toMap(ServingNode::name, Function.identity()));
        this.controllers = loop.call(() -> new ControlLoop(
                vertx,
                resources,
                clock,
                openAi,
                nodes,
                new EngineFactory(config.models(), byName),
                config.startup(),
                config.seed(),
                gateway,
                new RouterMachine(config.haproxy(), dnsAddress())));
        KubernetesApi api = new KubernetesApi(vertx, resources, controllers::log, controllers::metrics, apiFaults);
        loop.call(() -> {
            controllers.start();
            return this;
        });
        this.apiServer = loop.await(() -> Loopback.listen(vertx, config.apiPort(), api::handle));
        this.gatewayServer = loop.await(
                () -> Loopback.listen(vertx, config.gatewayPort(), request -> openAi.handle(request, gateway)));
    }

    /** @throws IllegalStateException if a port is taken */
    public static EmulatedCluster start(EmulatedClusterConfig config) {
        EventLoop loop = new EventLoop();
        try {
            return new EmulatedCluster(config, loop);
        } catch (RuntimeException e) {
            loop.close();
            throw e;
        }
    }

    private GpuFacts facts(Node node) {
        return Objects.requireNonNull(config.gpuFacts().get(node.gpu().name()), "the configuration has checked it");
    }

    /** Where the Kubernetes API is, such as {@code http://127.0.0.1:40123}. */
    public String apiServerUrl() {
        return "http://" + Loopback.HOST + ":" + apiServer.actualPort();
    }

    /**
     * Where the gateway is: the ideal router, which sends each request to the engine of its model with the fewest inside. No real cluster has
     * one; compare with it what a balancer in the cluster reaches.
     */
    public String gatewayUrl() {
        return "http://" + Loopback.HOST + ":" + gatewayServer.actualPort();
    }

    /** The gateway as OpenAI clients want it: with {@code /v1}. */
    public String openAiBaseUrl() {
        return gatewayUrl() + "/v1";
    }

    /** Where a Service of the cluster listens, such as {@code http://127.0.0.1:40125}; empty where there is none, or it has no address. */
    public Optional<String> serviceUrl(String namespace, String name) {
        return loop.call(() -> Optional.ofNullable(resources.store().get(ResourceKind.SERVICE, namespace, name)))
                .map(service -> service.path("metadata")
                        .path("annotations")
                        .path(Annotations.PORT)
                        .asText())
                .filter(port -> !port.isEmpty())
                .map(port -> "http://" + Loopback.HOST + ":" + port);
    }

    /** Where the cluster's DNS is, over UDP, such as {@code 127.0.0.1:40123}: services below {@value ServiceNames#DOMAIN}. */
    public String dnsAddress() {
        return Loopback.HOST + ":" + dns.port();
    }

    /** Emulated seconds per real second. */
    public double timeScale() {
        return config.timeScale();
    }

    /** Emulated seconds since the start. */
    public double emulatedSeconds() {
        return loop.call(clock::nowSeconds);
    }

    /** Every GPU as it is now, node by node. */
    public List<GpuUsage> gpuUsage() {
        return loop.call(() -> {
            clock.catchUp();
            double now = clock.nowSeconds();
            List<GpuUsage> usage = new ArrayList<>();
            for (ServingNode node : nodes) {
                for (SharedGpu gpu : node.gpus()) {
                    ControlLoop.Given given = controllers.given(node, gpu.index());
                    usage.add(new GpuUsage(
                            node.name(),
                            gpu.index(),
                            given.compute(),
                            given.memoryGiB(),
                            now,
                            gpu.busySeconds(now),
                            gpu.computeSeconds()));
                }
            }
            return usage;
        });
    }

    /** How late, at worst, the event loop was since the last call, emulated seconds: large means too little CPU. */
    public double takeWorstLagSeconds() {
        return loop.call(clock::takeWorstLagSeconds);
    }

    /** Breaks things on purpose. */
    public Faults faults() {
        return new Faults(loop, resources, apiFaults);
    }

    @Override
    public void close() {
        loop.call(() -> {
            controllers.stop();
            clock.stop();
            return this;
        });
        loop.close();
    }
}
