package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.cluster.ApplyOptions;
import dev.scepsy.planner.cluster.ClusterAccess;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.ClusterUnreachableException;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.PushEvent;
import dev.scepsy.planner.cluster.PushOutcome;
import dev.scepsy.planner.cluster.Timing;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import dev.scepsy.samples.cluster.real.OnRealKubernetes;
import dev.scepsy.samples.cluster.real.RealCluster;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectRulesReview;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What only a real API server decides: roles, tokens, restarts, evictions, which manifests are valid. */
@OnRealKubernetes
class RealRightsIT {

    private static final Intent ON_NODE_1 = SmallPlans.intent(60, "generator 0.5 1:0", "critic 0.5 1:1");
    private static final Intent BOTH_NODES = SmallPlans.intent(60, "generator 0.5 1:0 2:0", "critic 0.5 1:1");

    /** Long enough for an API server that starts again on a busy machine. */
    private static final Timing PATIENT =
            new Timing(Duration.ofMillis(100), Duration.ofMillis(100), Duration.ofSeconds(120), Duration.ofSeconds(30));

    private static final ApplyOptions OPTIONS = new ApplyOptions(Set.of(), false, false, "test", PATIENT);

    private RealCluster cluster;
    private KubernetesClient kubernetes;
    private ClusterClient client;
    private final List<String> notes = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() {
        cluster = RealCluster.start();
        kubernetes = cluster.kubernetes();
        client = ClusterClient.of(cluster.access("default"), "default");
    }

    @AfterEach
    void stop() {
        if (client != null) {
            client.close();
            cluster.close();
        }
    }

    private PushOutcome apply(Intent intent, java.util.function.Consumer<PushEvent> listener) {
        return client.apply(intent, OPTIONS, event -> {
            if (event instanceof PushEvent.Note note) {
                notes.add(note.text());
            }
            listener.accept(event);
        });
    }

    private void serve(Intent intent) {
        assertThat(apply(intent, event -> {})).isInstanceOf(PushOutcome.Applied.class);
    }

    private List<Pod> pods(String model) {
        return kubernetes
                .pods()
                .inNamespace("default")
                .withLabel("scepsy.dev/model", model)
                .list()
                .getItems();
    }

    private void removeVerb(String resource, String verb) {
        kubernetes.rbac().roles().inNamespace("default").withName("scepsy").edit(role -> {
            for (PolicyRule rule : role.getRules()) {
                if (rule.getResources().contains(resource)) {
                    List<String> kept = new ArrayList<>(rule.getVerbs());
                    kept.remove(verb);
                    rule.setVerbs(kept);
                }
            }
            return role;
        });
    }

    // B12
    @Test
    void theServiceAccountOfTheRoleMayDoNothingElse() {
        SelfSubjectRulesReview asked = new SelfSubjectRulesReview();
        asked.setSpec(new io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectRulesReviewSpecBuilder()
                .withNamespace("default")
                .build());
        try (KubernetesClient pusher = cluster.pusher()) {
            SelfSubjectRulesReview answer = pusher.resource(asked).create();
            assertThat(answer.getStatus().getResourceRules())
                    .noneSatisfy(rule -> assertThat(rule.getVerbs()).contains("*"))
                    .noneSatisfy(rule -> assertThat(rule.getResources()).contains("secrets"));
        }
    }

    // B12
    @Test
    void aRoleThatLacksAVerbIsRefusedBeforeAnyChange() {
        removeVerb("deployments", "patch");
        Engines.await(
                "the server knows",
                () -> apply(ON_NODE_1, event -> {}) instanceof PushOutcome.Refused refused
                        && refused.reasons().toString().contains("cannot patch resource \"deployments\""));
        assertThat(kubernetes
                        .services()
                        .inNamespace("default")
                        .withLabel("scepsy.dev/model")
                        .list()
                        .getItems())
                .isEmpty();
    }

    // B2, B11
    @Test
    void aRightThatIsTakenAwayInTheMiddleIsToldWithWhatIsLeft() {
        serve(BOTH_NODES);
        PushOutcome outcome = client.apply(
                SmallPlans.intent(60, "generator 0.5 1:0", "embedder 0.5 2:1"),
                new ApplyOptions(Set.of(), false, false, "test", SmallPlans.QUICK),
                event -> {
                    if (event instanceof PushEvent.Planned) {
                        removeVerb("deployments", "delete");
                    }
                });
        assertThat(outcome).isInstanceOfSatisfying(PushOutcome.StoppedMidway.class, stopped -> {
            assertThat(stopped.reason())
                    .contains("cannot delete resource \"deployments\"")
                    .doesNotContain("Status(apiVersion");
            assertThat(stopped.left()).isNotEmpty();
        });
        cluster.grant("default");
        serve(ON_NODE_1);
    }

    // B1
    @Test
    void aTokenThatTheServerDoesNotKnowIsToldInItsWords() {
        ClusterAccess unknown = new ClusterAccess(
                Optional.empty(), Optional.of(cluster.kubeconfigFor("unknown.kubeconfig", "nobody")), Optional.empty());
        try (ClusterClient stranger = ClusterClient.of(unknown, "default")) {
            PushOutcome.Refused refused = (PushOutcome.Refused) stranger.apply(ON_NODE_1, OPTIONS, event -> {});
            assertThat(refused.reasons()).singleElement().asString().contains("refused: Unauthorized (HTTP 401)");
        }
    }

    // B2
    @Test
    void aPushOutlivesARestartOfTheApiServer() {
        serve(ON_NODE_1);
        List<Integer> restarts = new ArrayList<>();
        PushOutcome outcome = apply(BOTH_NODES, event -> {
            if (event instanceof PushEvent.Started && restarts.isEmpty()) {
                restarts.add(1);
                cluster.restartApiServer();
            }
        });
        assertThat(outcome).isInstanceOf(PushOutcome.Applied.class);
        assertThat(restarts).hasSize(1);
        // nodes are not heard of while there is no API server, and their pods are not ready for a moment
        Engines.await("all is as planned", this::isAsPlanned);
    }

    private boolean isAsPlanned() {
        try {
            return client.read().asPlanned();
        } catch (ClusterUnreachableException unreachable) {
            throw new AssertionError(unreachable);
        }
    }

    /** As {@code kubectl drain} asks; a floor is kept by everybody, not by Scepsy alone. */
    @Test
    void anEvictionTakesNoModelBelowItsFloor() {
        serve(BOTH_NODES);
        Engines.await(
                "the budget is counted",
                () -> kubernetes.policy().v1().podDisruptionBudget().inNamespace("default").list().getItems().stream()
                        .anyMatch(budget -> budget.getStatus() != null
                                && Integer.valueOf(1).equals(budget.getStatus().getDisruptionsAllowed())));
        cluster.faults().failingImages("vllm-openai");
        List<Pod> generators = pods("generator");
        assertThat(generators).hasSize(2);
        assertThat(evicted(generators.get(0))).isTrue();
        assertThat(evicted(generators.get(1))).as("the last one").isFalse();
    }

    private boolean evicted(Pod pod) {
        return kubernetes
                .pods()
                .inNamespace("default")
                .withName(pod.getMetadata().getName())
                .evict();
    }

    // B10
    @Test
    void anIdleEngineDoesNotWaitForABusyOne() {
        serve(SmallPlans.intent(60, "generator 0.5 1:0", "critic 0.5 1:1", "embedder 0.2 2:0"));
        String busy = pods("critic").get(0).getMetadata().getName();
        cluster.setRequests(busy, 3);
        List<String> finished = new CopyOnWriteArrayList<>();

        PushOutcome outcome = apply(SmallPlans.intent(60, "generator 0.5 1:0"), event -> {
            if (event instanceof PushEvent.Finished step) {
                finished.add(step.step().engine().model());
                cluster.setRequests(busy, 0);
            }
        });

        assertThat(outcome).isInstanceOf(PushOutcome.Applied.class);
        assertThat(finished).containsExactly("embedder", "critic");
    }

    // F17
    @Test
    void requestsUnderAGaugeThatNobodyKnowsAreToldAndLeftToThePod() {
        serve(BOTH_NODES);
        cluster.faults().metricNames("other");
        serve(ON_NODE_1);
        assertThat(notes)
                .anySatisfy(note -> assertThat(note)
                        .contains("still holds requests is unknown")
                        .contains("preStop"));
    }

    @Test
    void theServerTakesTheManifestsOfEverySharingMode() {
        for (Sharing.Mode mode : Sharing.Mode.values()) {
            Sharing sharing = mode == Sharing.Mode.NONE
                    ? new Sharing.Exclusive()
                    : new Sharing.Grid(mode, GpuFraction.of(0.1), false);
            String share = mode == Sharing.Mode.NONE ? "1" : "0.5";
            Intent intent = SmallPlans.intent(
                    shared(sharing), "default", 60, "generator " + share + " 1:0 2:0", "critic " + share + " 1:1");
            ClusterClient.Rehearsal rehearsal = client.rehearse(intent, OPTIONS);
            assertThat(rehearsal.refused()).as(mode.name()).isEmpty();
            assertThat(rehearsal.steps()).as(mode.name()).hasSize(3);
            assertThat(rehearsal.notes()).as(mode.name()).isEmpty();
        }
    }

    private static Cluster shared(Sharing sharing) {
        return new Cluster(TestClusters.cluster().racks().stream()
                .map(rack -> new Rack(
                        rack.name(),
                        rack.nodes().stream()
                                .map(node -> new Node(node.name(), node.gpu(), node.gpus(), node.domainSize(), sharing))
                                .toList()))
                .toList());
    }
}
