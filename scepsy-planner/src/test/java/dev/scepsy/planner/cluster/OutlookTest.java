package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether waiting helps, from what Kubernetes really says. */
class OutlookTest {

    private static final Duration POLL = Duration.ofMillis(500);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POOR | 0/3 nodes are available: 1 node(s) had untolerated taint {nvidia.com/gpu: present}, 2 node(s) didn't match Pod's node affinity/selector. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
                "POOR | 0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.",
                "POOR | 0/218 nodes are available: 1 node(s) had untolerated taint(s), 217 node(s) didn't satisfy plugin(s) [NodeAffinity].",
                "DOUBTFUL | 0/3 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, 2 node(s) didn't match Pod's node affinity/selector.",
                "DOUBTFUL | 0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector.",
                "OPEN | 0/3 nodes are available: 1 Insufficient nvidia.com/gpu, 2 node(s) didn't match Pod's node affinity/selector.",
                "OPEN | pod has unbound immediate PersistentVolumeClaims"
            })
    void unschedulablePodsAreHopelessWhereNoNodeCanEverMatch(Outlook expected, String message) {
        assertThat(Outlook.unschedulable(message)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "ErrImagePull, 0, DOUBTFUL",
        "ImagePullBackOff, 0, DOUBTFUL",
        "InvalidImageName, 0, POOR",
        "CreateContainerConfigError, 0, POOR",
        "CrashLoopBackOff, 1, OPEN",
        "CrashLoopBackOff, 3, NONE",
        "ContainerCreating, 0, OPEN"
    })
    void oneFailedImagePullIsAHiccupAndAWrongNameIsNot(String reason, int restarts, Outlook expected) {
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName("p")
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .withNewStatus()
                .addNewContainerStatus()
                .withRestartCount(restarts)
                .withNewState()
                .withNewWaiting()
                .withReason(reason)
                .endWaiting()
                .endState()
                .endContainerStatus()
                .endStatus()
                .build();

        assertThat(LivePod.of(pod).outlook()).isEqualTo(expected);
    }

    @Test
    void aTroubleIsHopelessWhenItLastsLongerThanItsOutlookAllows() {
        Troubles troubles = new Troubles(POLL);
        Instant start = Instant.EPOCH;

        assertThat(troubles.hopeless("e", Outlook.POOR, start)).isFalse();
        assertThat(troubles.hopeless("e", Outlook.POOR, start.plusMillis(9_999)))
                .isFalse();
        assertThat(troubles.hopeless("e", Outlook.POOR, start.plusSeconds(10))).isTrue();
        // what mended itself begins anew
        assertThat(troubles.hopeless("e", Outlook.OPEN, start.plusSeconds(11))).isFalse();
        assertThat(troubles.hopeless("e", Outlook.DOUBTFUL, start.plusSeconds(12)))
                .isFalse();
        assertThat(troubles.hopeless("e", Outlook.DOUBTFUL, start.plusSeconds(71)))
                .isFalse();
        assertThat(troubles.hopeless("e", Outlook.DOUBTFUL, start.plusSeconds(72)))
                .isTrue();
        assertThat(troubles.hopeless("f", Outlook.NONE, start)).isTrue();
    }
}
