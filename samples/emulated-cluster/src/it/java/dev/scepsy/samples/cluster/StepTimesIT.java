package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.cluster.ApplyOptions;
import dev.scepsy.planner.cluster.ClusterAccess;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.PushEvent;
import dev.scepsy.planner.cluster.PushOutcome;
import dev.scepsy.planner.cluster.ServingOptions;
import dev.scepsy.planner.cluster.StepTime;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a push says about how long it takes, and which engines changed settings reach. */
class StepTimesIT {

    private static final ApplyOptions OPTIONS = new ApplyOptions(Set.of(), false, false, "test", SmallPlans.QUICK);
    private static final String[] PLAN = {"generator 0.5 1:0 1:1", "critic 0.5 2:0"};

    private EmulatedCluster cluster;
    private ClusterClient client;

    @BeforeEach
    void start() {
        cluster = TestClusters.start();
        client = ClusterClient.of(ClusterAccess.server(URI.create(cluster.apiServerUrl())), "default");
    }

    @AfterEach
    void stop() {
        client.close();
        cluster.close();
    }

    private static Intent intent(ServingOptions options, String... lines) {
        return SmallPlans.intent(1, TestClusters.cluster(), options, lines);
    }

    private List<PushEvent> apply(Intent intent) {
        List<PushEvent> events = new ArrayList<>();
        assertThat(client.apply(intent, OPTIONS, events::add)).isInstanceOf(PushOutcome.Applied.class);
        return events;
    }

    private static <T> List<T> of(List<PushEvent> events, Class<T> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    @Test
    void timesAreAssumedOnceAndMeasuredFromThenOn() {
        Intent plan = intent(SmallPlans.UNROUTED, PLAN);
        List<StepTime> before = client.rehearse(plan, OPTIONS).forecast().steps();
        assertThat(before).hasSize(3).noneMatch(StepTime::measured);

        List<PushEvent> first = apply(plan);
        assertThat(of(first, PushEvent.Started.class))
                .allSatisfy(started -> assertThat(started.expected().source()).isEqualTo("assumed"));
        double took = of(first, PushEvent.Finished.class).stream()
                .mapToDouble(PushEvent.Finished::seconds)
                .max()
                .orElseThrow();

        apply(intent(SmallPlans.UNROUTED, "critic 0.5 2:0"));
        ClusterClient.Rehearsal again = client.rehearse(plan, OPTIONS);
        // the weights lie on the node by now: nobody has seen a start from there, but it takes no longer than with a
        // download
        assertThat(again.forecast().steps()).allSatisfy(time -> {
            assertThat(time.why()).isEqualTo("a start with a download took this long here before");
            assertThat(time.seconds()).isBetween(0.01, 2 * took + 1);
        });

        apply(plan);
        apply(intent(SmallPlans.UNROUTED, "critic 0.5 2:0"));
        assertThat(client.rehearse(plan, OPTIONS).forecast().steps()).allSatisfy(time -> {
            assertThat(time.measured()).isTrue();
            assertThat(time.seconds()).isBetween(0.01, 10 * took + 10);
        });
    }

    @Test
    void aStopIsMeasuredToo() {
        apply(intent(SmallPlans.UNROUTED, PLAN));
        List<PushEvent> stopping = apply(intent(SmallPlans.UNROUTED, "critic 0.5 2:0"));
        assertThat(of(stopping, PushEvent.Started.class))
                .noneMatch(started -> started.expected().measured());
        apply(intent(SmallPlans.UNROUTED, PLAN));
        assertThat(client.rehearse(intent(SmallPlans.UNROUTED, "critic 0.5 2:0"), OPTIONS)
                        .forecast()
                        .steps())
                .hasSize(2)
                .allMatch(StepTime::measured);
    }

    @Test
    void anotherDrainTimeReachesRunningEngines() throws Exception {
        apply(intent(SmallPlans.UNROUTED, PLAN));
        ServingOptions longer = SmallPlans.UNROUTED.withDeadlines(0, 200);
        assertThat(client.rehearse(intent(longer, PLAN), OPTIONS).steps()).hasSize(6);

        apply(intent(longer, PLAN));

        try (KubernetesClient kubernetes = Engines.client(cluster)) {
            assertThat(kubernetes.pods().inNamespace("default").list().getItems())
                    .hasSize(3)
                    .allSatisfy(pod -> assertThat(pod.getSpec().getTerminationGracePeriodSeconds())
                            .isEqualTo(210));
        }
        assertThat(client.rehearse(intent(longer, PLAN), OPTIONS).steps()).isEmpty();
        assertThat(client.read().engines()).noneMatch(engine -> engine.olderPods());
    }
}
