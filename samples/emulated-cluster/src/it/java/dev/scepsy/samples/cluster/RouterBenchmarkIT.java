package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.scepsy.samples.cluster.process.HaproxyBinary;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What a router costs: latency it adds, and processor time a request takes it. With {@code -Dscepsy.full=true} alone; {@code
 * -Dscepsy.router-files=FOLDER} takes the files of that folder for its config map, with backends for a model {@code generator}.
 */
class RouterBenchmarkIT {
    private static final int PAIRS = 400;
    private static final int REQUESTS = 4000;
    private static final int CLIENTS = 16;
    private static final double GOAL_REQUESTS_PER_SECOND_AND_CORE = 1000;
    /** Of Linux, and fixed there whatever the kernel's own tick is. */
    private static final double TICKS_PER_SECOND = 100;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void theRouterAddsLittleAndServesAThousandRequestsASecondWithOneCore() throws Exception {
        assumeTrue(Boolean.getBoolean("scepsy.full"), "NOT RUN: -Dscepsy.full=true measures the router");
        HaproxyBinary haproxy = HaproxyBinary.find(System.getenv());
        assumeTrue(haproxy.path().isPresent(), "NOT RUN: " + haproxy.whyNot());
        try (EmulatedCluster cluster = TestClusters.start(TestClusters.config().dnsTtlSeconds(1));
                KubernetesClient client = Engines.client(cluster)) {
            Engines.serve(client, "generator", "0.5", 2);
            client.resource(Routers.engines()).serverSideApply();
            client.resource(files()).serverSideApply();
            client.resource(Routers.deployment(1)).serverSideApply();
            Engines.await("router ready", () -> Routers.ready(client) == 1);
            Pod router = Routers.pods(client).get(0);
            String through = Routers.baseUrl(router);
            String direct = "http://127.0.0.1:"
                    + Engines.pods(client, "generator")
                            .get(0)
                            .getMetadata()
                            .getAnnotations()
                            .get("scepsy.dev/emulated-port")
                    + "/v1";
            Engines.await("engines found", () -> status(through) == 200);

            measureLatency(direct, through, PAIRS / 4);
            double[][] millis = measureLatency(direct, through, PAIRS);
            double cpuBefore = cpuSeconds(router);
            double seconds = load(through);
            double cpuSeconds = cpuSeconds(router) - cpuBefore;
            double perCore = REQUESTS / cpuSeconds;
            System.out.println(String.format(
                    Locale.ROOT,
                    "ROUTER BENCHMARK median %.2f ms direct, %.2f ms through the router: %.2f ms more (95th percentile %.2f"
                            + " and %.2f); %d requests at %.0f/s took %.3f ms of processor time each: %.0f/s with one core",
                    quantile(millis[0], 0.5),
                    quantile(millis[1], 0.5),
                    quantile(millis[1], 0.5) - quantile(millis[0], 0.5),
                    quantile(millis[0], 0.95),
                    quantile(millis[1], 0.95),
                    REQUESTS,
                    REQUESTS / seconds,
                    cpuSeconds / REQUESTS * 1000,
                    perCore));
            assertThat(perCore).isGreaterThan(GOAL_REQUESTS_PER_SECOND_AND_CORE);
        }
    }

    /** By turns, so that what else the machine does meets both. */
    private double[][] measureLatency(String direct, String through, int pairs) {
        double[][] millis = new double[2][pairs];
        for (int i = 0; i < pairs; i++) {
            for (int way = 0; way < 2; way++) {
                long begun = System.nanoTime();
                assertThat(status(way == 0 ? direct : through)).isEqualTo(200);
                millis[way][i] = (System.nanoTime() - begun) / 1e6;
            }
        }
        return millis;
    }

    private double load(String through) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        long begun = System.nanoTime();
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                all.add(clients.submit(() -> {
                    for (int i = 0; i < REQUESTS / CLIENTS; i++) {
                        assertThat(status(through)).isEqualTo(200);
                    }
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        } finally {
            clients.shutdownNow();
        }
        return (System.nanoTime() - begun) / 1e9;
    }

    /** A prompt of about a thousand tokens: the router has to look into the body. */
    private int status(String baseUrl) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(baseUrl + "/chat/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"messages\":[{\"role\":\"user\",\"content\":\""
                        + "word ".repeat(800) + "\"}],\"max_tokens\":1,\"model\":\"generator\"}"))
                .build();
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofString())
                .join()
                .statusCode();
    }

    private static double cpuSeconds(Pod router) throws IOException {
        double ticks = 0;
        for (ProcessHandle process : Routers.processes(router)) {
            String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            ticks += Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    private static double quantile(double[] values, double q) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
    }

    private static ConfigMap files() throws IOException {
        String folder = System.getProperty("scepsy.router-files", "");
        if (folder.isEmpty()) {
            return Routers.configuration(Routers.CONFIGURATION.replace("log stdout", "#log stdout"));
        }
        ConfigMapBuilder map =
                new ConfigMapBuilder().withNewMetadata().withName("router").endMetadata();
        try (Stream<Path> files = Files.list(Path.of(folder))) {
            for (Path file : files.toList()) {
                map.addToData(file.getFileName().toString(), Files.readString(file));
            }
        }
        return map.build();
    }
}
