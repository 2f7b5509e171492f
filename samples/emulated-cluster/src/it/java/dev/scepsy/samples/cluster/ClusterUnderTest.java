package dev.scepsy.samples.cluster;

import dev.scepsy.planner.cluster.ClusterAccess;
import dev.scepsy.samples.cluster.api.ApiFault;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.function.Predicate;

/**
 * What tests of a push need of a cluster of {@link TestClusters#cluster()}, so that the same tests run against the emulated one
 * and against a real API server. What a cluster cannot do ends the test with a line NOT RUN.
 */
public interface ClusterUnderTest extends AutoCloseable {

    /** How a push reaches it in {@code namespace}, with no more rights than it needs. */
    ClusterAccess access(String namespace);

    /** The same for the command line: two words, in namespace {@code default}. */
    List<String> arguments();

    /** A client that may do everything. */
    KubernetesClient kubernetes();

    Breaking faults();

    /** The OpenAI API of the gateway. */
    String openAiBaseUrl();

    /** Whether pods say by number which GPUs they got; no real node does. */
    boolean tellsGpus();

    @Override
    void close();

    /** Breaks things on purpose; see {@link Faults}. */
    interface Breaking {
        void neverReady(String... models);

        void failingImages(String... parts);

        void metricNames(String dialect);

        void api(ApiFault fault, Predicate<String> which, int count);

        void stuck(String namespace, String pod, boolean stuck);

        void nodeDown(String node);
    }
}
