package dev.scepsy.samples.cluster.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.samples.cluster.EmulatedCluster;
import dev.scepsy.samples.cluster.Engines;
import dev.scepsy.samples.cluster.TestClusters;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.dns.DnsClient;
import io.vertx.core.dns.DnsClientOptions;
import io.vertx.core.dns.SrvRecord;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The cluster's DNS as a client asks it. */
class ServiceNamesTest {
    private static final String ENGINES = "generator-engines.default.svc.cluster.local";
    private static final String SRV = "_http._tcp." + ENGINES;

    private final Vertx vertx = Vertx.vertx();
    private EmulatedCluster cluster;
    private KubernetesClient client;
    private DnsClient dns;

    private void start(double ttlSeconds) {
        cluster = TestClusters.start(TestClusters.config().dnsTtlSeconds(ttlSeconds));
        client = Engines.client(cluster);
        dns = vertx.createDnsClient(new DnsClientOptions()
                .setHost("127.0.0.1")
                .setPort(Integer.parseInt(cluster.dnsAddress().split(":")[1]))
                .setQueryTimeout(5000));
        client.resource(new ServiceBuilder(Engines.service("generator"))
                        .editMetadata()
                        .withName("generator-engines")
                        .endMetadata()
                        .editSpec()
                        .withClusterIP("None")
                        .editFirstPort()
                        .withName("http")
                        .withTargetPort(new IntOrString("http"))
                        .endPort()
                        .endSpec()
                        .build())
                .serverSideApply();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        cluster.close();
        answer(vertx.close());
    }

    @Test
    void aHeadlessServiceNamesEveryReadyPodWithItsPort() throws Exception {
        start(0);
        assertNoSuchName(SRV);
        Engines.serve(client, "generator", "0.5", 3);

        List<SrvRecord> servers = answer(dns.resolveSRV(SRV));
        assertThat(servers)
                .extracting(server -> Integer.toString(server.port()))
                .containsExactlyInAnyOrderElementsOf(Engines.pods(client, "generator").stream()
                        .map(pod -> pod.getMetadata().getAnnotations().get("scepsy.dev/emulated-port"))
                        .toList());
        assertThat(servers)
                .extracting(SrvRecord::target)
                .doesNotHaveDuplicates()
                .allSatisfy(
                        target -> assertThat(target).startsWith("127-0-0-1-").endsWith("." + ENGINES));
        assertThat(servers).extracting(SrvRecord::weight).containsOnly(33);
        for (SrvRecord server : servers) {
            assertThat(answer(dns.resolveA(server.target()))).containsExactly("127.0.0.1");
        }
        assertThat(answer(dns.resolveA(ENGINES))).containsExactly("127.0.0.1");

        client.apps().deployments().withName("generator").scale(1);
        Engines.await("one left", () -> Engines.pods(client, "generator").size() == 1);
        assertThat(answer(dns.resolveSRV(SRV))).hasSize(1);
    }

    @Test
    void aServiceWithAnAddressIsFoundByNameInAnyCase() throws Exception {
        start(0);
        Engines.serve(client, "generator", "0.5", 1);
        assertThat(answer(dns.resolveA("Generator.DEFAULT.svc.Cluster.Local"))).containsExactly("127.0.0.1");
        // its only port has no name
        assertNoSuchName("_http._tcp.generator.default.svc.cluster.local");
    }

    @Test
    void unknownNamesDoNotExistAndOtherTypesAreEmpty() throws Exception {
        start(0);
        Engines.serve(client, "generator", "0.5", 1);
        assertNoSuchName("_grpc._tcp." + ENGINES);
        assertNoSuchName("_http._udp." + ENGINES);
        assertNoSuchName("_http._tcp.critic-engines.default.svc.cluster.local");
        assertNoSuchName("_http._tcp.generator-engines.other.svc.cluster.local");
        assertNoSuchName("nothing.cluster.local");
        assertThat(answer(dns.resolveAAAA(ENGINES))).isEmpty();
        assertThatThrownBy(() -> answer(dns.resolveA("example.org"))).hasMessageContaining("REFUSED");
    }

    @Test
    void anAnswerIsAsOldAsItsTimeToLiveAtWorst() throws Exception {
        start(30);
        assertNoSuchName(SRV);
        double asked = cluster.emulatedSeconds();
        Engines.serve(client, "generator", "0.5", 1);
        if (cluster.emulatedSeconds() < asked + 29) {
            assertNoSuchName(SRV);
        }
        Engines.await("forgotten", () -> cluster.emulatedSeconds() > asked + 31);
        assertThat(answer(dns.resolveSRV(SRV))).hasSize(1);
    }

    private void assertNoSuchName(String name) {
        assertThatThrownBy(() -> answer(dns.resolveSRV(name))).hasMessageContaining("NXDOMAIN");
    }

    private static <T> T answer(Future<T> future) throws Exception {
        try {
            return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("no answer", e);
        }
    }
}
