package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.cluster.ApplyOptions;
import dev.scepsy.planner.cluster.ClusterAccess;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.PushEvent;
import dev.scepsy.planner.cluster.PushOutcome;
import dev.scepsy.samples.cluster.api.ApiFault;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Pushes under load, each with a fault between or inside its steps, in an order drawn from a seed: no model falls below
 * its floor by the push, no accepted request is lost, and the next command finishes or undoes it. 30 faults; 300 with {@code
 * -Dscepsy.full=true}; {@code -Dscepsy.seed=N} for another order.
 */
class FaultSuiteIT {

    private static final int FAULTS = Boolean.getBoolean("scepsy.full") ? 300 : 30;
    private static final long SEED = Long.getLong("scepsy.seed", 19);

    /** Pushes that hang are found by this, long after every one has ended. */
    private static final long HANG_SECONDS = 120;

    private static final List<Intent> PLANS = List.of(
            SmallPlans.intent(60, "generator 0.5 1:0 2:0", "critic 0.5 1:1"),
            SmallPlans.intent(60, "generator 0.5 1:0", "critic 0.5 1:1 2:1"),
            SmallPlans.intent(60, "generator 0.4 1:0", "critic 0.5 1:1", "embedder 0.3 2:0"));

    private enum Fault {
        FORBIDDEN,
        UNAUTHORIZED,
        UNAVAILABLE,
        CLOSED,
        EMPTY,
        NULL,
        IMAGE,
        TAINT,
        CORDON,
        NODE_LOST,
        CRASH,
        STUCK_POD,
        ASKED_TO_STOP,
        UNKNOWN_METRICS,
        QUOTA,
        POD_SECURITY,
        LOCK_LOST;

        /** Whether it ends engines by itself, and requests with them. */
        boolean kills() {
            return this == NODE_LOST || this == CRASH;
        }
    }

    /** How often a push that a fault came into ended how. */
    private final Map<String, Integer> ends = new TreeMap<>();

    private int requests;
    private EmulatedCluster cluster;
    private KubernetesClient kubernetes;
    private ClusterClient client;

    @BeforeEach
    void start() {
        cluster = TestClusters.start();
        kubernetes = Engines.client(cluster);
        client = ClusterClient.of(ClusterAccess.server(URI.create(cluster.apiServerUrl())), "default");
    }

    @AfterEach
    void stop() {
        client.close();
        kubernetes.close();
        cluster.close();
    }

    @Test
    void floorsHoldRequestsArriveAndTheNextCommandFinishesOrUndoes() throws Exception {
        Random random = new Random(SEED);
        Set<Fault> seen = EnumSet.noneOf(Fault.class);
        int plan = 0;
        assertThat(push(PLANS.get(plan), event -> {})).isInstanceOf(PushOutcome.Applied.class);
        for (int i = 0; i < FAULTS; i++) {
            Fault fault = Fault.values()[i % Fault.values().length];
            seen.add(fault);
            int next = (plan + 1 + random.nextInt(PLANS.size() - 1)) % PLANS.size();
            int event = random.nextInt(6);
            String which = "seed " + SEED + ", fault " + i + ": " + fault + " at event " + event + ", plan " + plan
                    + " to " + next;
            boolean brief = random.nextBoolean() || fault == Fault.STUCK_POD;
            plan = once(which + (brief ? ", briefly" : ""), fault, event, brief, plan, next, random.nextBoolean());
        }
        assertThat(seen).containsAll(EnumSet.allOf(Fault.class));
        System.out.println(
                "FAULT SUITE seed " + SEED + ": " + FAULTS + " faults of " + seen.size() + " kinds; outcomes " + ends
                        + "; " + requests + " requests, 0 failed but those of engines that a fault killed");
    }

    /** The plan that is served afterwards. */
    private int once(String which, Fault fault, int at, boolean brief, int before, int next, boolean undo)
            throws Exception {
        AtomicInteger events = new AtomicInteger();
        AtomicBoolean injected = new AtomicBoolean();
        Floors floors = new Floors(brief ? () -> heal(fault) : () -> {});
        PushOutcome outcome;
        try (RequestLoad load = RequestLoad.start(cluster.openAiBaseUrl(), List.of("generator", "critic"))) {
            load.awaitAnswers(2);
            floors.start();
            outcome = push(PLANS.get(next), event -> {
                if (events.getAndIncrement() >= at && injected.compareAndSet(false, true)) {
                    inject(fault);
                    floors.injected();
                } else if (event instanceof PushEvent.Note note
                        && (note.text().contains("ImagePull") || note.text().contains("Waiting for pod"))) {
                    heal(fault);
                }
            });
            Map<String, Integer> fewest = floors.stop();
            ends.merge(outcome.getClass().getSimpleName(), 1, Integer::sum);
            heal(fault);
            if (!fault.kills()) {
                assertThat(fewest)
                        .as(which + ": fewest ready replicas, " + outcome)
                        .allSatisfy((model, replicas) -> assertThat(replicas).isGreaterThanOrEqualTo(1));
                load.awaitAnswers(2);
                assertThat(load.failures()).as(which + ": " + outcome).isEmpty();
            }
            requests += load.answers();
        }
        awaitNodes();
        if (outcome instanceof PushOutcome.Applied) {
            return next;
        }
        assertThat(outcome).as(which).isNotNull();
        if (undo && outcome instanceof PushOutcome.StoppedMidway) {
            PushOutcome undone = client.rollback(options(), event -> {});
            assertThat(undone).as(which + ", " + outcome + ", undone").isInstanceOf(PushOutcome.Applied.class);
            assertThat(client.read().planId())
                    .as(which)
                    .contains(PLANS.get(before).planId());
            return before;
        }
        assertThat(push(PLANS.get(next), event -> {}))
                .as(which + ", " + outcome + ", applied again")
                .isInstanceOf(PushOutcome.Applied.class);
        assertThat(client.read().asPlanned()).as(which).isTrue();
        return next;
    }

    private static ApplyOptions options() {
        return new ApplyOptions(Set.of(), false, false, "suite", SmallPlans.QUICK);
    }

    private PushOutcome push(Intent intent, java.util.function.Consumer<PushEvent> listener) {
        long began = System.nanoTime();
        PushOutcome outcome = client.apply(intent, options(), listener);
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began))
                .as("hang limit")
                .isLessThan(HANG_SECONDS);
        return outcome;
    }

    private void inject(Fault fault) {
        switch (fault) {
            case FORBIDDEN, UNAUTHORIZED, UNAVAILABLE, CLOSED, EMPTY, NULL ->
                cluster.faults().api(ApiFault.valueOf(fault.name()), line -> !line.contains("/proxy/"), 6);
            case IMAGE -> cluster.faults().failingImages("vllm-openai");
            case TAINT -> taint(true);
            case CORDON -> cordon(true);
            case NODE_LOST -> cluster.faults().nodeDown("node-2");
            case CRASH -> anyPod().ifPresent(pod -> cluster.faults().crash("default", pod));
            case STUCK_POD -> anyPod().ifPresent(pod -> cluster.faults().stuck("default", pod, true));
            case ASKED_TO_STOP -> client.stop("The suite asks.");
            case UNKNOWN_METRICS -> cluster.faults().metricNames("other");
            case QUOTA ->
                kubernetes
                        .resource(new ResourceQuotaBuilder()
                                .withNewMetadata()
                                .withName("none")
                                .withNamespace("default")
                                .endMetadata()
                                .withNewSpec()
                                .addToHard("pods", new Quantity("0"))
                                .endSpec()
                                .build())
                        .create();
            case POD_SECURITY -> enforce("restricted");
            case LOCK_LOST ->
                kubernetes
                        .leases()
                        .inNamespace("default")
                        .withName("scepsy-push")
                        .edit(lease -> {
                            lease.getSpec().setHolderIdentity("somebody else");
                            return lease;
                        });
        }
    }

    private void heal(Fault fault) {
        switch (fault) {
            case FORBIDDEN, UNAUTHORIZED, UNAVAILABLE, CLOSED, EMPTY, NULL ->
                cluster.faults().api(ApiFault.CLOSED, line -> true, 0);
            case IMAGE -> cluster.faults().failingImages();
            case TAINT -> taint(false);
            case CORDON -> cordon(false);
            case NODE_LOST -> cluster.faults().nodeUp("node-2");
            case STUCK_POD ->
                pods().forEach(pod ->
                        cluster.faults().stuck("default", pod.getMetadata().getName(), false));
            case UNKNOWN_METRICS -> cluster.faults().metricNames("vllm");
            case QUOTA ->
                kubernetes
                        .resourceQuotas()
                        .inNamespace("default")
                        .withName("none")
                        .delete();
            case POD_SECURITY -> enforce("privileged");
            case LOCK_LOST ->
                kubernetes
                        .leases()
                        .inNamespace("default")
                        .withName("scepsy-push")
                        .delete();
            case CRASH, ASKED_TO_STOP -> {}
        }
    }

    private void taint(boolean tainted) {
        kubernetes.nodes().withName("node-2").edit(node -> {
            node.getSpec()
                    .setTaints(
                            tainted
                                    ? List.of(new TaintBuilder()
                                            .withKey("pool")
                                            .withEffect("NoSchedule")
                                            .build())
                                    : List.of());
            return node;
        });
    }

    private void cordon(boolean cordoned) {
        kubernetes.nodes().withName("node-2").edit(node -> {
            node.getSpec().setUnschedulable(cordoned);
            return node;
        });
    }

    private void enforce(String level) {
        kubernetes.namespaces().withName("default").edit(namespace -> {
            namespace
                    .getMetadata()
                    .setLabels(new java.util.HashMap<>(Map.of("pod-security.kubernetes.io/enforce", level)));
            return namespace;
        });
    }

    private List<Pod> pods() {
        return kubernetes.pods().inNamespace("default").list().getItems();
    }

    private java.util.Optional<String> anyPod() {
        return pods().stream()
                .filter(pod -> "node-2".equals(pod.getSpec().getNodeName()))
                .map(pod -> pod.getMetadata().getName())
                .findFirst();
    }

    private void awaitNodes() {
        Engines.await(
                "node-2 is ready",
                () -> kubernetes.nodes().withName("node-2").get().getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals("True")));
    }

    /** Watches how many ready replicas the two models have that are always served. */
    private final class Floors {
        private final Map<String, Integer> fewest = new ConcurrentHashMap<>();
        private final AtomicBoolean going = new AtomicBoolean(true);
        private final AtomicLong healAtNanos = new AtomicLong(Long.MAX_VALUE);
        private final Runnable heal;
        private final Thread watcher = new Thread(this::watch, "floors");

        /** @param heal ends the fault a second after it came */
        Floors(Runnable heal) {
            this.heal = heal;
        }

        void injected() {
            healAtNanos.set(System.nanoTime() + TimeUnit.SECONDS.toNanos(1));
        }

        void start() {
            watcher.start();
        }

        private void watch() {
            while (going.get()) {
                try {
                    if (System.nanoTime() > healAtNanos.get()) {
                        healAtNanos.set(Long.MAX_VALUE);
                        heal.run();
                    }
                    Map<String, Long> ready = pods().stream()
                            .filter(pod -> SmallPlans.isReady(pod)
                                    && pod.getMetadata().getDeletionTimestamp() == null
                                    && "true"
                                            .equals(pod.getMetadata()
                                                    .getLabels()
                                                    .get("scepsy.dev/serving")))
                            .collect(Collectors.groupingBy(
                                    pod -> pod.getMetadata().getLabels().get("scepsy.dev/model"),
                                    Collectors.counting()));
                    for (String model : List.of("generator", "critic")) {
                        fewest.merge(model, ready.getOrDefault(model, 0L).intValue(), Math::min);
                    }
                } catch (RuntimeException faulted) {
                    // the fault of the API server has met the watcher
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
        }

        Map<String, Integer> stop() throws InterruptedException {
            going.set(false);
            watcher.join();
            return fewest;
        }
    }
}
