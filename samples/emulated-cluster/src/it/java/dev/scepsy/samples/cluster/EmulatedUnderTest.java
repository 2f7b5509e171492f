package dev.scepsy.samples.cluster;

import dev.scepsy.planner.cluster.ClusterAccess;
import dev.scepsy.samples.cluster.api.ApiFault;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.util.List;
import java.util.function.Predicate;

/** {@link TestClusters#start()}, which everybody may change. */
final class EmulatedUnderTest implements ClusterUnderTest {

    private final EmulatedCluster cluster = TestClusters.start();
    private final KubernetesClient kubernetes = Engines.client(cluster);

    @Override
    public ClusterAccess access(String namespace) {
        return ClusterAccess.server(URI.create(cluster.apiServerUrl()));
    }

    @Override
    public List<String> arguments() {
        return List.of("--server", cluster.apiServerUrl());
    }

    @Override
    public KubernetesClient kubernetes() {
        return kubernetes;
    }

    @Override
    public String openAiBaseUrl() {
        return cluster.openAiBaseUrl();
    }

    @Override
    public boolean tellsGpus() {
        return true;
    }

    @Override
    public Breaking faults() {
        Faults faults = cluster.faults();
        return new Breaking() {
            @Override
            public void neverReady(String... models) {
                faults.neverReady(models);
            }

            @Override
            public void failingImages(String... parts) {
                faults.failingImages(parts);
            }

            @Override
            public void metricNames(String dialect) {
                faults.metricNames(dialect);
            }

            @Override
            public void api(ApiFault fault, Predicate<String> which, int count) {
                faults.api(fault, which, count);
            }

            @Override
            public void stuck(String namespace, String pod, boolean stuck) {
                faults.stuck(namespace, pod, stuck);
            }

            @Override
            public void nodeDown(String node) {
                faults.nodeDown(node);
            }
        };
    }

    @Override
    public void close() {
        kubernetes.close();
        cluster.close();
    }
}
