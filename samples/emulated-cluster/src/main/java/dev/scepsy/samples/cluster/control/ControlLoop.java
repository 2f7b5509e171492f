package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.api.WriteOptions;
import dev.scepsy.samples.cluster.engine.EventClock;
import dev.scepsy.samples.cluster.engine.OpenAiApi;
import dev.scepsy.samples.cluster.route.IdealRouter;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All controllers, run one after the other whenever any object has changed, until nothing changes any more. The cluster is
 * small: looking at everything is simpler than looking at what changed, and quick enough.
 */
public final class ControlLoop {
    private final Vertx vertx;
    private final Resources resources;
    private final List<ServingNode> nodes;
    private final GarbageCollector garbage;
    private final DeploymentController deployments;
    private final GpuScheduler scheduler;
    private final Kubelets kubelets;
    private final ServiceController services;
    private final GatewayController gateways;
    private final NodeObjects nodeObjects;
    private boolean scheduled;

    /**
     * @param seed of what controllers draw at random
     * @param gateway routes to all services' engines
     * @param routers what router pods need
     */
    public ControlLoop(
            Vertx vertx,
            Resources resources,
            EventClock clock,
            OpenAiApi openAi,
            List<ServingNode> nodes,
            EngineFactory factory,
            Startup startup,
            long seed,
            IdealRouter gateway,
            RouterMachine routers) {
        this.vertx = vertx;
        this.resources = resources;
        this.nodes = List.copyOf(nodes);
        EventRecorder events = new EventRecorder(resources);
        Map<String, PodRuntime> runtimes = new LinkedHashMap<>();
        KubeletContext context = new KubeletContext(
                vertx,
                resources,
                clock,
                openAi,
                factory,
                startup,
                events,
                this::reconcileLater,
                runtimes.values(),
                routers);
        this.nodeObjects = new NodeObjects(resources);
        this.garbage = new GarbageCollector(resources);
        this.deployments = new DeploymentController(resources, clock, this::reconcileLater);
        this.scheduler = new GpuScheduler(resources, nodes, events);
        this.kubelets = new Kubelets(nodes, nodeObjects, context, runtimes);
        this.services = new ServiceController(resources, context, seed);
        this.gateways = new GatewayController(resources, kubelets, gateway);
    }

    /** Creates the namespaces and nodes there are from the start, and reacts to changes from now on. */
    public void start() {
        for (String name : List.of("default", "kube-system", "kube-node-lease")) {
            ObjectNode namespace = JsonNodeFactory.instance.objectNode();
            namespace.withObject("/metadata").put("name", name);
            resources.create(ResourceKind.NAMESPACE, "", namespace, WriteOptions.by("kube-apiserver"));
        }
        nodes.forEach(nodeObjects::register);
        resources.store().listen(change -> {
            if (!change.kind().equals(ResourceKind.EVENT)) {
                reconcileLater();
            }
        });
        reconcile();
    }

    /** What a pod publishes at {@code /metrics}; empty while nobody listens. */
    public Optional<String> metrics(ObjectNode pod) {
        return kubelets.metrics(pod);
    }

    /** What a pod has printed. */
    public String log(ObjectNode pod) {
        return kubelets.log(pod);
    }

    /** Ends everything that runs in pods; nothing may be started afterwards. */
    public void stop() {
        kubelets.stop();
    }

    private void reconcileLater() {
        if (!scheduled) {
            scheduled = true;
            vertx.runOnContext(ignored -> {
                scheduled = false;
                reconcile();
            });
        }
    }

    private void reconcile() {
        garbage.reconcile();
        deployments.reconcile();
        scheduler.reconcile();
        kubelets.reconcile();
        services.reconcile();
        gateways.reconcile();
    }

    /** Compute and memory given out on one GPU. */
    public record Given(double compute, double memoryGiB) {}

    /** What pods hold of a GPU. */
    public Given given(ServingNode node, int gpu) {
        GpuLedger ledger = GpuLedger.of(node, resources.store().list(ResourceKind.POD));
        return new Given(ledger.usedCompute(gpu), ledger.usedMemoryGiB(gpu));
    }
}
