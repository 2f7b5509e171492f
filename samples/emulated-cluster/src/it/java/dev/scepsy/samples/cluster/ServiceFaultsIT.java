package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.samples.cluster.api.ApiFault;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The planner service with a fault at a stage drawn from a seed: what it has answered stays answered, no execution counts twice, no request of
 * the load fails, floors hold, and the loop goes on. 10 faults; 300 with {@code -Dscepsy.full=true}; {@code -Dscepsy.seed=N} for
 * another order.
 */
class ServiceFaultsIT {

    private static final boolean FULL = Boolean.getBoolean("scepsy.full");
    private static final int FAULTS = Integer.getInteger("scepsy.faults", FULL ? 300 : 10);
    private static final boolean CAN_LIMIT = Files.isExecutable(Path.of("/usr/bin/prlimit"));
    private static final long SEED = Long.getLong("scepsy.seed", 15);

    /**
     * Executions that may be lost by a kill: those still open, and those folded since the last save, which is every four seconds on the wall, however fast the
     * cluster's time runs; the contract has ten.
     */
    private static final double LOSSY_SECONDS = 5.5;

    private static final double EXECUTIONS_PER_SECOND = 20;

    /** What is being done when the fault comes. */
    private enum Stage {
        IDLE,
        PLANNING,
        APPLYING,
        VERIFYING
    }

    private enum Fault {
        KILLED,
        DISK_FULL,
        FLOODED,
        API_GONE,
        CONFLICTING_WRITER,
        SECOND_SERVICE,
        LYING_ENGINES,
        GARBAGE,
        STOPPED,
        DEAD_POD
    }

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, String> answered = new TreeMap<>();
    private final Map<Fault, Integer> seen = new EnumMap<>(Fault.class);
    private EmulatedCluster cluster;
    private KubernetesClient kubernetes;
    private ServiceProcess service;
    private TraceLoad traces;
    private long mayBeLost;
    private int requests;

    @BeforeEach
    void start() throws Exception {
        cluster = TestClusters.start();
        kubernetes = Engines.client(cluster);
        ServiceFolder.write(folder);
        service = new ServiceProcess(folder, cluster.apiServerUrl(), ServiceFolder.yaml("propose"));
        service.start();
        traces = TraceLoad.start(service, EXECUTIONS_PER_SECOND, SEED);
        traces.awaitAcknowledged(40);
    }

    @AfterEach
    void stop() {
        traces.close();
        service.close();
        kubernetes.close();
        cluster.close();
    }

    @Test
    void whatWasAnsweredStaysNothingCountsTwiceAndTheLoopGoesOn() throws Exception {
        Random random = new Random(SEED);
        Engines.await("statistics", () -> executions() >= 30);
        String first = propose(2);
        approve(first);
        service.awaitProposal(first, "kept");
        for (int i = 0; i < FAULTS; i++) {
            Fault fault = Fault.values()[i % Fault.values().length];
            Stage stage = Stage.values()[random.nextInt(Stage.values().length)];
            if (fault == Fault.DISK_FULL && !CAN_LIMIT) {
                System.out.println("NOT RUN: no prlimit on this machine, so no disk that looks full.");
                continue;
            }
            String which = "seed " + SEED + ", fault " + i + ": " + fault + " while " + stage;
            try {
                once(fault, stage, random);
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError(which + "\n" + service.log(), failure);
            }
            seen.merge(fault, 1, Integer::sum);
        }
        traces.close();
        long acknowledged = traces.acknowledged();
        Engines.await(
                "at least " + (acknowledged - mayBeLost) + " of " + acknowledged + " executions count",
                () -> executions() >= acknowledged - mayBeLost);
        assertThat(executions()).isBetween(acknowledged - mayBeLost, acknowledged);
        System.out.println("SERVICE FAULTS seed " + SEED + ": " + FAULTS + " faults " + seen + "; " + acknowledged
                + " executions acknowledged, " + executions() + " counted, at most " + mayBeLost
                + " to be lost by kills; "
                + answered.size() + " proposals answered, all kept; " + requests + " requests, 0 failed");
    }

    private void once(Fault fault, Stage stage, Random random) throws Exception {
        try (RequestLoad load = RequestLoad.start(cluster.openAiBaseUrl(), List.of("generator", "critic"))) {
            load.awaitAnswers(2);
            String underWay = reach(stage, other());
            inject(fault, random);
            heal(fault);
            if (!service.running()) {
                service.start();
            } else {
                service.awaitReady();
            }
            nothingAnsweredIsLost();
            if (underWay != null) {
                settled(underWay, fault);
            }
            if (underWay == null || FULL) {
                String next = propose(other());
                approve(next);
                settled(next, fault);
            }
            if (fault != Fault.DEAD_POD) {
                load.awaitAnswers(2);
                assertThat(load.failures()).isEmpty();
            }
            requests += load.answers();
        }
    }

    /** Replicas of the critic that do not serve now: two or three. */
    private int other() {
        long critics = 0;
        for (JsonNode engine : service.get("/api/v1/cluster").json().path("engines")) {
            critics += engine.path("model").asText().equals("critic")
                            && engine.path("planned").asBoolean()
                    ? 1
                    : 0;
        }
        return critics == 2 ? 3 : 2;
    }

    /** The proposal that is under way then. */
    private String reach(Stage stage, int critics) {
        if (stage == Stage.IDLE) {
            return null;
        }
        String id = propose(critics);
        if (stage == Stage.PLANNING) {
            return null;
        }
        approve(id);
        if (stage == Stage.VERIFYING) {
            service.awaitProposal(id, "verifying", "kept");
        }
        return id;
    }

    /** It ends; well unless the fault is one that may stop a push. */
    private void settled(String proposal, Fault fault) {
        JsonNode ended = service.awaitProposal(proposal, "kept", "failed", "rolledBack");
        answered.put(proposal, ended.path("state").asText());
        if (fault != Fault.API_GONE && fault != Fault.CONFLICTING_WRITER && fault != Fault.DEAD_POD) {
            assertThat(ended.path("state").asText())
                    .as(ended.path("decisions").toPrettyString())
                    .isEqualTo("kept");
        }
    }

    private String propose(int critics) {
        pin(critics);
        ServiceProcess.Answer planned = service.post("/api/v1/proposals", "{\"reason\": \"the suite asks\"}");
        assertThat(planned.status()).as(planned.body()).isBetween(200, 201);
        String id = planned.json().path("id").asText();
        answered.put(id, "open");
        return id;
    }

    private void pin(int critics) {
        ServiceProcess.Answer pinned = service.change("PUT", "/api/v1/pins/critic", "{\"replicas\": " + critics + "}");
        assertThat(pinned.status()).as(pinned.body()).isEqualTo(200);
    }

    private void approve(String proposal) {
        ServiceProcess.Answer answer = service.post("/api/v1/proposals/" + proposal + "/approve", "{}");
        assertThat(answer.status()).as(answer.body()).isBetween(200, 202);
        answered.put(proposal, "approved");
    }

    private void nothingAnsweredIsLost() {
        answered.forEach((id, state) -> {
            ServiceProcess.Answer now = service.get("/api/v1/proposals/" + id);
            assertThat(now.status())
                    .as(id + " was " + state + ": " + now.body())
                    .isEqualTo(200);
            if (!state.equals("open")) {
                assertThat(now.json().path("state").asText())
                        .as(id + " was " + state)
                        .isNotIn("open", "superseded");
            }
        });
    }

    private long executions() {
        long sum = 0;
        for (JsonNode workflow : service.get("/api/v1/statistics").json().path("workflows")) {
            sum += workflow.path("executions").asLong();
        }
        return sum;
    }

    private void inject(Fault fault, Random random) throws Exception {
        switch (fault) {
            case KILLED -> {
                service.kill();
                mayBeLost += Math.round(LOSSY_SECONDS * EXECUTIONS_PER_SECOND);
            }
            case STOPPED -> assertThat(service.stop()).isEqualTo(143);
            case DISK_FULL -> {
                limitFiles("1");
                traces.awaitAcknowledged(traces.acknowledged() + 20);
            }
            case FLOODED -> flood();
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
                assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
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

    private void heal(Fault fault) throws Exception {
        switch (fault) {
            case DISK_FULL -> limitFiles("unlimited");
            case API_GONE -> cluster.faults().api(ApiFault.UNAVAILABLE, line -> true, 0);
            case LYING_ENGINES -> cluster.faults().metricNames("vllm");
            default -> {}
        }
    }

    /** No file of the service may grow beyond so many bytes: what a full disk does to a writer. */
    private void limitFiles(String bytes) throws IOException, InterruptedException {
        Process limit = new ProcessBuilder(
                        "prlimit", "--pid", Long.toString(service.pid()), "--fsize=" + bytes + ":unlimited")
                .redirectErrorStream(true)
                .start();
        String said = new String(limit.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
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
