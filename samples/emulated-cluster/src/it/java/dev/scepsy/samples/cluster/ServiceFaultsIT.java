package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.samples.cluster.api.ApiFault;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * One planner service on a store of its own, with faults of all kinds that such a one can meet. 10 faults; 250 with {@code -Dscepsy.full=true}, or
 * {@code -Dscepsy.faults=N}; {@code -Dscepsy.seed=N} for another order. {@link StoreFaultsIT} has two services on one PostgreSQL.
 */
class ServiceFaultsIT extends ServiceFaults<ServiceFaultsIT.Fault> {

    private static final int FAULTS = Integer.getInteger("scepsy.faults", FULL ? 250 : 10);
    private static final boolean CAN_LIMIT = Files.isExecutable(Path.of("/usr/bin/prlimit"));
    private static final Duration JUMP = Duration.ofHours(1);

    enum Fault {
        KILLED,
        STOPPED,
        DISK_FULL,
        FLOODED,
        CLOCK_FORWARD,
        CLOCK_BACK,
        API_GONE,
        CONFLICTING_WRITER,
        SECOND_SERVICE,
        LYING_ENGINES,
        GARBAGE,
        DEAD_POD
    }

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void start() throws Exception {
        cluster = TestClusters.start(TestClusters.config().timeScale(ServiceFolder.TIME_SCALE));
        kubernetes = Engines.client(cluster);
        ServiceFolder.write(folder);
        service = new ServiceProcess(folder, cluster.apiServerUrl(), ServiceFolder.yaml("propose"));
        service.start();
        traces = TraceLoad.start(service, EXECUTIONS_PER_SECOND, SEED);
    }

    @AfterEach
    void stop() {
        service.close();
    }

    @Test
    void whatWasAnsweredStaysNothingCountsTwiceAndTheLoopGoesOn() throws Exception {
        suite(kinds(), FAULTS);
    }

    private List<Fault> kinds() {
        Set<Fault> kinds = EnumSet.allOf(Fault.class);
        if (!CAN_LIMIT) {
            System.out.println("NOT RUN: no prlimit on this machine, so no disk that looks full.");
            kinds.remove(Fault.DISK_FULL);
        }
        if (!FULL) {
            kinds.removeAll(Set.of(Fault.CLOCK_FORWARD, Fault.DEAD_POD));
        }
        return List.copyOf(kinds);
    }

    @Override
    boolean mayStopAPush(Fault fault) {
        return fault == Fault.API_GONE || fault == Fault.CONFLICTING_WRITER || fault == Fault.DEAD_POD;
    }

    @Override
    boolean mayFailRequests(Fault fault) {
        return fault == Fault.DEAD_POD;
    }

    @Override
    void inject(Fault fault, Random random) throws Exception {
        switch (fault) {
            case KILLED -> {
                service.kill();
                mayHaveLost();
            }
            case STOPPED -> assertThat(service.stop()).isEqualTo(143);
            case DISK_FULL -> {
                limitFiles("1");
                traces.awaitAcknowledged(traces.acknowledged() + 20);
            }
            case FLOODED -> flood();
            case CLOCK_FORWARD -> jump(JUMP);
            case CLOCK_BACK -> jump(JUMP.negated());
            case API_GONE -> {
                cluster.faults().api(ApiFault.UNAVAILABLE, line -> true, Integer.MAX_VALUE);
                traces.awaitAcknowledged(traces.acknowledged() + 40);
            }
            case CONFLICTING_WRITER ->
                kubernetes.apps().deployments().inNamespace("default").list().getItems().stream()
                        .skip(random.nextInt(2))
                        .findFirst()
                        .ifPresent(deployment -> kubernetes
                                .apps()
                                .deployments()
                                .inNamespace("default")
                                .withName(deployment.getMetadata().getName())
                                .edit(live -> {
                                    live.getSpec().setRevisionHistoryLimit(3);
                                    return live;
                                }));
            case SECOND_SERVICE -> {
                Process second = service.command().start();
                assertThat(second.waitFor(120, TimeUnit.SECONDS)).isTrue();
                assertThat(second.exitValue()).as(service.log()).isIn(2, 4);
            }
            case LYING_ENGINES -> {
                cluster.faults().metricNames("other");
                traces.awaitAcknowledged(traces.acknowledged() + 40);
            }
            case GARBAGE -> garbage(random);
            case DEAD_POD ->
                kubernetes.pods().inNamespace("default").list().getItems().stream()
                        .findFirst()
                        .ifPresent(pod -> cluster.faults()
                                .crash("default", pod.getMetadata().getName()));
        }
    }

    @Override
    void heal(Fault fault) throws Exception {
        switch (fault) {
            case DISK_FULL -> limitFiles("unlimited");
            case API_GONE -> cluster.faults().api(ApiFault.UNAVAILABLE, line -> true, 0);
            case LYING_ENGINES -> cluster.faults().metricNames("vllm");
            default -> {}
        }
        if (service.running()) {
            service.awaitReady();
        } else {
            service.start();
        }
    }

    /** A clock that was wrong is set right again only after plans have been made and served by it. */
    @Override
    void over(Fault fault) {
        if (fault == Fault.CLOCK_FORWARD || fault == Fault.CLOCK_BACK) {
            jump(Duration.ZERO);
        }
    }

    /** No file of the service may grow beyond so many bytes: what a full disk does to a writer. */
    private void limitFiles(String bytes) throws IOException, InterruptedException {
        Process limit = new ProcessBuilder(
                        "prlimit", "--pid", Long.toString(service.pid()), "--fsize=" + bytes + ":unlimited")
                .redirectErrorStream(true)
                .start();
        String said = new String(limit.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(limit.waitFor()).as(said).isZero();
    }

    /** More at once than it takes: each is taken or told to come again. */
    private void flood() {
        byte[] large = new byte[8 << 20];
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            answers.add(post(large));
        }
        for (CompletableFuture<Integer> answer : answers) {
            assertThat(answer.join()).isIn(400, 413, 429, 503, 0);
        }
    }

    private void garbage(Random random) {
        for (int i = 0; i < 20; i++) {
            byte[] noise = new byte[random.nextInt(2000)];
            random.nextBytes(noise);
            assertThat(post(noise).join()).isIn(200, 400);
        }
    }

    private CompletableFuture<Integer> post(byte[] body) {
        return http.sendAsync(
                        HttpRequest.newBuilder(URI.create(service.otlpUrl() + "/v1/traces"))
                                .header("Content-Type", "application/x-protobuf")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .handle((response, failure) -> failure != null ? 0 : response.statusCode());
    }
}
