package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.cluster.ApplyOptions;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.GitOpsFiles;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.PushEvent;
import dev.scepsy.planner.cluster.PushOutcome;
import dev.scepsy.planner.cluster.ServingState;
import dev.scepsy.samples.cluster.api.ApiFault;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A cluster that others look at and change too: events, autoscalers, tools that apply from Git, and a watch that sees drift. */
class ReconciliationIT {

    private static final int LOAD_SECONDS = 15;

    private static final ApplyOptions OPTIONS = new ApplyOptions(Set.of(), false, false, "test", SmallPlans.QUICK);

    private static final Intent GUESS =
            SmallPlans.intent(LOAD_SECONDS, "generator 0.5 1:0 1:1", "critic 0.5 1:0", "embedder 0.5 2:1");

    private static final Intent BETTER =
            SmallPlans.intent(LOAD_SECONDS, "generator 0.5 1:0 1:1 2:0", "embedder 0.5 2:1", "critic 0.5 1:0");

    private ClusterUnderTest cluster;
    private KubernetesClient kubernetes;
    private ClusterClient client;

    @BeforeEach
    void start() {
        cluster = startCluster();
        kubernetes = cluster.kubernetes();
        client = ClusterClient.of(cluster.access("default"), "default");
    }

    /** The same tests run against others. */
    ClusterUnderTest startCluster() {
        return new EmulatedUnderTest();
    }

    @AfterEach
    void stop() {
        if (client != null) {
            client.close();
            cluster.close();
        }
    }

    private PushOutcome apply(Intent intent) {
        return client.apply(intent, OPTIONS, event -> {});
    }

    private List<Deployment> deployments() {
        return kubernetes.apps().deployments().inNamespace("default").list().getItems();
    }

    private List<Event> events() {
        return kubernetes.v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> event.getSource() != null
                        && "scepsy".equals(event.getSource().getComponent()))
                .toList();
    }

    @Test
    void whoDescribesADeploymentSeesWhatThePushDidToIt() {
        assertThat(apply(GUESS)).isInstanceOf(PushOutcome.Applied.class);

        assertThat(deployments())
                .isNotEmpty()
                .allSatisfy(deployment -> assertThat(events())
                        .filteredOn(event -> deployment
                                .getMetadata()
                                .getUid()
                                .equals(event.getInvolvedObject().getUid()))
                        .isNotEmpty()
                        .allSatisfy(event -> {
                            assertThat(event.getReason()).isEqualTo("EngineStarted");
                            assertThat(event.getMessage())
                                    .contains("serves after")
                                    .contains("plan " + GUESS.planId());
                        }));
        assertThat(events())
                .filteredOn(
                        event -> "scepsy-plan".equals(event.getInvolvedObject().getName()))
                .extracting(Event::getReason)
                .contains("PushBegan", "PlanApplied")
                .containsOnly("PushBegan", "PlanApplied"); // a server that others use remembers theirs too
    }

    @Test
    void aPushWithoutTheRightToWriteEventsSucceedsAndSaysSoOnce() {
        cluster.faults().api(ApiFault.FORBIDDEN, line -> line.contains("/events"), 10_000);
        List<String> notes = new ArrayList<>();

        PushOutcome outcome = client.apply(GUESS, OPTIONS, event -> {
            if (event instanceof PushEvent.Note note) {
                notes.add(note.text());
            }
        });

        assertThat(outcome).isInstanceOf(PushOutcome.Applied.class);
        assertThat(notes)
                .filteredOn(note -> note.contains("event(s) about this push could not be written"))
                .hasSize(1);
        cluster.faults().api(ApiFault.FORBIDDEN, line -> true, 0);
    }

    @Test
    void anAutoscalersReplicasAreDriftThatIsNamedAndRefusedWithARemedy() throws Exception {
        apply(GUESS);
        String name = deployments().stream()
                .map(each -> each.getMetadata().getName())
                .filter(each -> each.startsWith("embedder"))
                .findFirst()
                .orElseThrow();
        String scale = "/apis/apps/v1/namespaces/default/deployments/" + name + "/scale";
        kubernetes.raw(
                scale + "?fieldManager=kube-controller-manager",
                "PUT",
                Map.of(
                        "apiVersion",
                        "autoscaling/v1",
                        "kind",
                        "Scale",
                        "metadata",
                        Map.of("name", name, "namespace", "default"),
                        "spec",
                        Map.of("replicas", 2)));

        ServingState state = client.read();
        assertThat(state.asPlanned()).isFalse();
        assertThat(state.engines())
                .filteredOn(engine -> engine.deployment().equals(name))
                .singleElement()
                .satisfies(engine -> assertThat(engine.trouble())
                        .contains("Its replica count was set by (kube-controller-manager) through its scale, so an"
                                + " autoscaler owns it"));
        assertThat(apply(GUESS)).isInstanceOfSatisfying(PushOutcome.Refused.class, refused -> {
            assertThat(refused.reasons())
                    .anySatisfy(reason -> assertThat(reason)
                            .contains(name)
                            .contains("kube-controller-manager")
                            .endsWith(".spec.replicas"));
            assertThat(refused.remedies().get(0)).contains("HorizontalPodAutoscaler");
        });
        ApplyOptions forced = new ApplyOptions(Set.of(), true, false, "test", SmallPlans.QUICK);
        assertThat(client.apply(GUESS, forced, event -> {})).isInstanceOf(PushOutcome.Applied.class);
        assertThat(client.read().asPlanned()).isTrue();
    }

    @Test
    void whatArgoCdAppliesFromGitBecomesHealthyWaveByWaveAndIsAsPlanned() throws Exception {
        syncAsArgo(GitOpsFiles.of(GUESS, GitOpsFiles.Tool.argo));

        ServingState state = client.read();
        assertThat(state.planId()).contains(GUESS.planId());
        assertThat(state.asPlanned()).as(state.toString()).isTrue();
        // somebody pushes over it
        assertThat(apply(BETTER)).isInstanceOfSatisfying(PushOutcome.Refused.class, refused -> {
            assertThat(refused.reasons().get(0)).contains("argocd-controller");
            assertThat(refused.remedies().get(0)).startsWith("Argo CD writes these objects from Git");
        });
        // and the next commit changes the plan
        syncAsArgo(GitOpsFiles.of(BETTER, GitOpsFiles.Tool.argo));
        assertThat(client.read().asPlanned()).isTrue();
    }

    @Test
    void aWatchEndsWhenThePlanIsServedAndTellsDriftByItsExitCode() throws Exception {
        Process early = scepsy("status", "--until-planned", "--every", "0.2s", "--timeout", "120s", "--json");
        apply(GUESS);
        assertThat(ended(early, 0).lines().reduce((first, last) -> last).orElseThrow())
                .contains("\"plan\":\"" + GUESS.planId() + "\"")
                .contains("\"asPlanned\":true");
        String name = deployments().get(0).getMetadata().getName();
        kubernetes.apps().deployments().inNamespace("default").withName(name).scale(0);
        Engines.await("drift", () -> {
            try {
                return !client.read().asPlanned();
            } catch (dev.scepsy.planner.cluster.ClusterUnreachableException unreachable) {
                return false;
            }
        });
        String drifted = ended(scepsy("status", "--until-planned", "--every", "0.2s", "--timeout", "1s"), 7);
        assertThat(drifted).contains("The cluster is not as planned.").containsOnlyOnce("last push: applied");

        Process again = scepsy("status", "--until-planned", "--every", "0.2s", "--timeout", "120s", "--json");
        kubernetes.apps().deployments().inNamespace("default").withName(name).scale(1);
        assertThat(ended(again, 0).lines().reduce((first, last) -> last).orElseThrow())
                .contains("\"asPlanned\":true");
    }

    private Process scepsy(String... arguments) throws IOException {
        List<String> command = Stream.of(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-jar",
                                Path.of(System.getProperty("scepsy.root"), "scepsy-planner/target/scepsy-cli.jar")
                                        .toString()),
                        Stream.of(arguments),
                        cluster.arguments().stream())
                .flatMap(each -> each)
                .toList();
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static String ended(Process process, int code) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isEqualTo(code);
        return output;
    }

    /** As Argo CD does: what the kustomization names, wave by wave, each healthy before the next, and the rest of its own pruned. */
    private void syncAsArgo(Map<String, String> files) {
        Map<Integer, List<HasMetadata>> waves = new TreeMap<>();
        files.get("kustomization.yaml")
                .lines()
                .filter(line -> line.startsWith("  - "))
                .map(line -> (HasMetadata) Serialization.unmarshal(files.get(line.substring(4))))
                .forEach(object -> waves.computeIfAbsent(wave(object), wave -> new ArrayList<>())
                        .add(object));
        List<String> kept = new ArrayList<>();
        waves.values().forEach(wave -> {
            wave.forEach(object -> {
                kept.add(object.getMetadata().getName());
                kubernetes
                        .resource(object)
                        .inNamespace("default")
                        .fieldManager("argocd-controller")
                        .forceConflicts()
                        .serverSideApply();
            });
            Engines.await(
                    "healthy",
                    () -> deployments().stream()
                            .filter(each -> kept.contains(each.getMetadata().getName()))
                            .allMatch(ReconciliationIT::isHealthy));
        });
        deployments().stream()
                .filter(each -> !kept.contains(each.getMetadata().getName()))
                .forEach(each -> kubernetes.resource(each).delete());
        Engines.await(
                "pruned",
                () -> deployments().size()
                        == kept.stream()
                                .filter(name -> deployments().stream()
                                        .anyMatch(each ->
                                                each.getMetadata().getName().equals(name)))
                                .count());
    }

    private static int wave(HasMetadata object) {
        Map<String, String> annotations = object.getMetadata().getAnnotations();
        return annotations == null
                ? 0
                : Integer.parseInt(annotations.getOrDefault("argocd.argoproj.io/sync-wave", "0"));
    }

    /** Argo CD's own rule for deployments (gitops-engine, pkg/health/health_deployment.go). */
    private static boolean isHealthy(Deployment deployment) {
        var status = deployment.getStatus();
        if (status == null
                || status.getObservedGeneration() == null
                || status.getObservedGeneration() < deployment.getMetadata().getGeneration()) {
            return false;
        }
        List<DeploymentCondition> conditions = status.getConditions() == null ? List.of() : status.getConditions();
        assertThat(conditions)
                .as("degraded")
                .noneMatch(condition -> "ProgressDeadlineExceeded".equals(condition.getReason()));
        int wanted = deployment.getSpec().getReplicas();
        int updated = status.getUpdatedReplicas() == null ? 0 : status.getUpdatedReplicas();
        int there = status.getReplicas() == null ? 0 : status.getReplicas();
        int available = status.getAvailableReplicas() == null ? 0 : status.getAvailableReplicas();
        return updated >= wanted && there <= updated && available >= updated;
    }
}
