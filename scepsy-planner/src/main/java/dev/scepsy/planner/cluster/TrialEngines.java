package dev.scepsy.planner.cluster;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.transition.Engine;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.LocalPortForward;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Engines that are started to be measured and removed again, one at a time. Their objects carry labels of their own: no
 * service routes to them, no push takes them for engines of a plan, and nothing but what carries the label of this campaign is
 * ever removed. So what a killed campaign left behind is found and removed by the next one of the same name.
 *
 * <p>One thread starts and removes; {@link #end} may be called from any thread.
 */
public final class TrialEngines implements AutoCloseable {

    static final String CAMPAIGN = "scepsy.dev/campaign";
    static final String TRIAL = "scepsy.dev/trial";
    private static final String MANAGER = "scepsy-campaign";

    /** Where an emulated cluster's pods listen; real ones have addresses of their own. */
    private static final String EMULATED_PORT = "scepsy.dev/emulated-port";

    private static final Duration POD_DELETION = Duration.ofSeconds(60);

    /** How requests get to an engine. */
    public enum Reach {
        /** Through the API server, from anywhere (the right {@code create pods/portforward}). */
        PORT_FORWARD,
        /** Straight to the pod, from inside the cluster. */
        POD_IP
    }

    /** What came of a start. */
    public sealed interface Start {

        /** It answers at {@code address}. */
        record Ready(String address, double seconds) implements Start {}

        /** It does not, and why; it is removed already. */
        record Failed(String reason) implements Start {}
    }

    private final KubernetesCluster cluster;
    private final String campaign;
    private final Timing timing;
    private final Patience patience;
    private final Function<KubernetesClientException, String> explained;
    private @Nullable LocalPortForward forward;
    private volatile boolean ended;

    TrialEngines(
            KubernetesCluster cluster,
            String campaign,
            Timing timing,
            InstantSource clock,
            Function<KubernetesClientException, String> explained) {
        this.cluster = cluster;
        this.campaign = campaign;
        this.timing = timing;
        this.patience = new Patience(timing, clock);
        this.explained = explained;
    }

    /**
     * GPUs for one replica that nobody has a share of, as far as cluster file and Scepsy's own engines tell: measured alone
     * means alone. Empty where there are none now.
     *
     * @throws ClusterUnreachableException if the API server does not answer or refuses
     */
    public Optional<ReplicaPlacement> freePlace(
            Cluster hardware, String model, String gpu, int tensorParallel, GpuFraction fraction)
            throws ClusterUnreachableException {
        Map<String, Set<Integer>> busy = asked(this::busyGpus);
        for (Node node : hardware.nodes()) {
            if (!node.gpu().name().equals(gpu) || !node.sharing().allows(fraction)) {
                continue;
            }
            Set<Integer> taken = busy.getOrDefault(node.name(), Set.of());
            for (int first = 0; first < node.gpus(); first += node.domainSize()) {
                List<Integer> free = new ArrayList<>();
                for (int id = first; id < Math.min(node.gpus(), first + node.domainSize()); id++) {
                    if (!taken.contains(id) && node.occupied(id).isEmpty() && free.size() < tensorParallel) {
                        free.add(id);
                    }
                }
                if (free.size() == tensorParallel) {
                    return Optional.of(new ReplicaPlacement(model, 0, node.name(), free));
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Whether the cluster answers and lets itself be looked at; costs one call.
     *
     * @throws ClusterUnreachableException if the API server does not answer or refuses
     */
    public void check() throws ClusterUnreachableException {
        asked(cluster::engines);
    }

    /** By node the GPUs that engines of plans are on; where nothing says which, the first ones. */
    private Map<String, Set<Integer>> busyGpus() {
        Map<String, Set<Integer>> busy = new HashMap<>();
        for (LiveEngines.Group group : cluster.engines().groups()) {
            Engine engine = group.engine();
            for (int i = 0; i < Math.max(group.occupying(), group.pods().size()); i++) {
                List<Integer> known =
                        i < group.pods().size() ? group.pods().get(i).gpus() : List.of();
                List<Integer> gpus = known.isEmpty() ? engine.gpus() : known;
                Set<Integer> taken = busy.computeIfAbsent(engine.node(), node -> new TreeSet<>());
                if (!gpus.isEmpty()) {
                    taken.addAll(gpus);
                } else {
                    for (int id = 0, left = engine.shape().tensorParallel(); left > 0; id++) {
                        left -= taken.add(id) ? 1 : 0;
                    }
                }
            }
        }
        return busy;
    }

    /**
     * Starts the only engine of {@code intent} and waits until it is ready.
     *
     * @throws ClusterUnreachableException if the API server does not answer, refuses, or this was ended meanwhile
     */
    public Start start(Intent intent, Reach reach) throws ClusterUnreachableException {
        Deployment trial = trial(intent);
        String name = trial.getMetadata().getName();
        asked(() -> {
            cluster.tryApply(trial);
            return name;
        });
        Instant began = patience.in(Duration.ZERO);
        int loadSeconds = StartEstimate.probeSeconds(
                intent.specs().get(0), intent.options().loadSeconds());
        Instant deadline = patience.in(Duration.ofSeconds(loadSeconds));
        try {
            for (var claim : Manifests.of(intent).claims(intent.engines())) {
                patience.run(() -> cluster.apply(claim, false));
            }
            patience.checkStop();
            patience.run(() -> cluster.apply(trial, false));
            Troubles troubles = new Troubles(timing.poll());
            while (true) {
                List<Pod> pods = patience.call(() -> cluster.podsLabelled(TRIAL, name));
                for (Pod pod : pods) {
                    LivePod live = LivePod.of(pod);
                    if (live.ready() && !live.terminating()) {
                        return new Start.Ready(
                                address(pod, intent.options().port(), reach), patience.secondsSince(began));
                    }
                    if (troubles.hopeless(name, live.outlook(), patience.in(Duration.ZERO))) {
                        return failed("It does not start: " + live.trouble() + ".", intent);
                    }
                }
                if (patience.passed(deadline)) {
                    String trouble = pods.isEmpty()
                            ? "it has no pod"
                            : String.valueOf(LivePod.of(pods.get(0)).trouble());
                    return failed("It did not become ready within " + loadSeconds + " s (" + trouble + ").", intent);
                }
                patience.poll();
            }
        } catch (PushFailedException | PushInterruptedException stopped) {
            remove(intent.options().drainSeconds());
            throw new ClusterUnreachableException(String.valueOf(stopped.getMessage()), stopped);
        }
    }

    private Start failed(String reason, Intent intent) throws ClusterUnreachableException {
        remove(intent.options().drainSeconds());
        return new Start.Failed(reason);
    }

    private String address(Pod pod, int port, Reach reach) {
        Map<String, String> annotations =
                Optional.ofNullable(pod.getMetadata().getAnnotations()).orElse(Map.of());
        String emulated = annotations.get(EMULATED_PORT);
        if (emulated != null) {
            return "http://127.0.0.1:" + emulated;
        }
        if (reach == Reach.POD_IP) {
            return "http://" + pod.getStatus().getPodIP() + ":" + port;
        }
        LocalPortForward opened = cluster.client()
                .pods()
                .inNamespace(cluster.namespace())
                .withName(pod.getMetadata().getName())
                .portForward(port);
        forward = opened;
        return "http://127.0.0.1:" + opened.getLocalPort();
    }

    /**
     * Removes whatever engine this campaign has and waits until its GPUs are free.
     *
     * @return how many engines there were
     * @throws ClusterUnreachableException if the API server does not answer or refuses
     */
    public int remove(int drainSeconds) throws ClusterUnreachableException {
        LocalPortForward open = forward;
        forward = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException gone) {
                // with the pod
            }
        }
        // also after stop was asked for: nothing may be left behind
        Patience own = new Patience(timing, InstantSource.system());
        try {
            List<Deployment> trials = own.call(() -> cluster.deploymentsLabelled(CAMPAIGN, campaign));
            for (Deployment trial : trials) {
                own.run(() -> cluster.deleteDeployment(trial.getMetadata().getName()));
            }
            Instant deadline = own.in(Duration.ofSeconds(drainSeconds).plus(POD_DELETION));
            while (!own.call(() -> cluster.podsLabelled(CAMPAIGN, campaign)).isEmpty()) {
                if (own.passed(deadline)) {
                    throw new ClusterUnreachableException(
                            "A pod of this campaign has been terminating for too long; its GPUs are not free.",
                            new IllegalStateException("terminating"));
                }
                own.poll();
            }
            return trials.size();
        } catch (PushFailedException | PushInterruptedException refused) {
            throw new ClusterUnreachableException(String.valueOf(refused.getMessage()), refused);
        }
    }

    /** Starts nothing any more, and gives up what is being waited for. */
    public void end() {
        ended = true;
        patience.askToStop("The campaign was asked to end.");
    }

    /** Whether {@link #end} was called. */
    public boolean isEnded() {
        return ended;
    }

    private Deployment trial(Intent intent) {
        Engine engine = intent.engines().get(0);
        Deployment planned = Manifests.of(intent).deployment(engine, 1);
        String name = "scepsy-trial-"
                + Names.digest(campaign + "\n" + planned.getMetadata().getName())
                        .substring(0, 12);
        Map<String, String> labels = Map.of(CAMPAIGN, campaign, TRIAL, name);
        return new DeploymentBuilder(planned)
                .editMetadata()
                .withName(name)
                .withLabels(labels)
                .addToLabels(Names.MANAGED_BY, MANAGER)
                .endMetadata()
                .editSpec()
                .withReplicas(1)
                .editSelector()
                .withMatchLabels(Map.of(TRIAL, name))
                .endSelector()
                .editTemplate()
                .editMetadata()
                .withLabels(labels)
                .endMetadata()
                .endTemplate()
                .endSpec()
                .build();
    }

    private <T> T asked(Supplier<T> call) throws ClusterUnreachableException {
        try {
            return call.get();
        } catch (KubernetesClientException failure) {
            throw new ClusterUnreachableException(explained.apply(failure), failure);
        }
    }

    @Override
    public void close() throws ClusterUnreachableException {
        remove(0);
    }
}
