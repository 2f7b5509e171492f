package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * What suites of faults share: a service under load, on an emulated cluster under load; a fault of a kind at a stage, both drawn from a seed; and
 * what has to hold afterwards. Answers stay answered, no execution counts twice or is lost without a kill, no request fails, floors hold (a model
 * below its floor would fail requests), and the loop goes on to the next plan.
 *
 * @param <K> kinds of faults
 */
abstract class ServiceFaults<K extends Enum<K>> {

    static final boolean FULL = Boolean.getBoolean("scepsy.full");
    static final long SEED = Long.getLong("scepsy.seed", 15);

    /** Executions per second on the wall. */
    static final double EXECUTIONS_PER_SECOND = 2 * ServiceFolder.TIME_SCALE;

    /**
     * Executions that may be lost by a kill: those still open, and those folded since the last save, which is every four seconds on the wall, however fast the
     * cluster's time runs; the contract has ten.
     */
    private static final double LOSSY_SECONDS = 5.5;

    /** {@code verify.after} of {@link ServiceFolder}, the six times that it may be put off, and what a slow machine adds. */
    private static final Duration LONGEST_MEASURED = Duration.ofSeconds(10 * 6 + 120);

    /** How much later than the test a service sees that its clock was moved, in the service's time. */
    private static final Duration CLOCK_SEEN = Duration.ofSeconds(60);

    /** What was taken is open by then, or was. */
    private static final long TAKEN_NANOS = 1_500_000_000L;

    /** A push whose pusher was killed waits until the cluster's lock of pushes has run out: 30 s, and a pause between tries. */
    private static final Duration PUSHED = Duration.ofSeconds(120);

    /** Of a push, after which the fault comes. */
    private static final int MOST_STEPS = 6;

    /** What is being done when the fault comes. */
    enum Stage {
        IDLE,
        PLANNING,
        APPLYING,
        VERIFYING
    }

    @TempDir
    Path folder;

    EmulatedCluster cluster;
    KubernetesClient kubernetes;
    TraceLoad traces;

    /** The one that leads. */
    volatile ServiceProcess service;

    private final Map<String, String> answered = new TreeMap<>();
    private final Map<K, Integer> seen = new TreeMap<>();
    private int pinned;
    private long mayBeLost;
    private int requests;

    abstract void inject(K fault, Random random) throws Exception;

    /** Ends the fault, and waits until the service can do its work again. */
    abstract void heal(K fault) throws Exception;

    /** Whether a push may come to nothing by it. */
    abstract boolean mayStopAPush(K fault);

    /** Whether requests may fail by it. */
    abstract boolean mayFailRequests(K fault);

    /** After everything else of this fault. */
    void over(K fault) throws Exception {}

    @AfterEach
    void endLoads() {
        if (traces != null) {
            traces.close();
        }
        if (kubernetes != null) {
            kubernetes.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    /** Kinds in a new order each round, and all of them as often. */
    void suite(List<K> kinds, int faults) throws Exception {
        Random random = new Random(SEED);
        Engines.await("statistics", () -> executions() >= 30);
        String first = propose(2);
        approve(first);
        service.awaitProposal(first, PUSHED, "kept");
        List<K> order = new ArrayList<>();
        for (int i = 0; i < faults; i++) {
            if (order.isEmpty()) {
                order.addAll(kinds);
                Collections.shuffle(order, random);
            }
            K fault = order.remove(0);
            Stage stage = Stage.values()[random.nextInt(Stage.values().length)];
            String which = "seed " + SEED + ", fault " + i + ": " + fault + " while " + stage;
            long begin = System.nanoTime();
            try {
                once(fault, stage, random);
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError(which + "\n" + logs(), failure);
            }
            seen.merge(fault, 1, Integer::sum);
            if (FULL) {
                System.out.println(which + ", "
                        + Duration.ofNanos(System.nanoTime() - begin).toMillis() + " ms");
            }
        }
        traces.close();
        long acknowledged = traces.acknowledged();
        Engines.await(
                "at least " + (acknowledged - mayBeLost) + " of " + acknowledged + " executions count, of which "
                        + mayBeLost + " may be lost",
                () -> executions() >= acknowledged - mayBeLost);
        long counted = executions();
        assertThat(counted).isBetween(acknowledged - mayBeLost, traces.offered());
        System.out.println(getClass().getSimpleName() + " seed " + SEED + ": " + faults + " faults of " + seen.size()
                + " kinds " + seen + "; " + acknowledged + " executions acknowledged, " + counted + " counted, "
                + Math.max(0, acknowledged - counted) + " lost by kills of at most " + mayBeLost + "; "
                + answered.size() + " proposals answered, all kept; " + requests + " requests, 0 failed");
    }

    private void once(K fault, Stage stage, Random random) throws Exception {
        try (RequestLoad load = RequestLoad.start(cluster.openAiBaseUrl(), List.of("generator", "critic"))) {
            load.awaitAnswers(2);
            String underWay = reach(stage, other(), random);
            inject(fault, random);
            heal(fault);
            nothingAnsweredIsLost();
            if (underWay != null) {
                settled(underWay, fault);
            }
            if (underWay == null || FULL) {
                String next = propose(other());
                approve(next);
                settled(next, fault);
            }
            over(fault);
            if (!mayFailRequests(fault)) {
                load.awaitAnswers(2);
                assertThat(load.failures()).isEmpty();
            }
            requests += load.answers();
        }
    }

    /**
     * Moves the clock of the service's machine, and so of the applications on it. Nothing is sent meanwhile: what ended by one clock and is counted by
     * the other would be of the future, and not count.
     */
    void jump(Duration difference) {
        traces.without(() -> {
            awaitAllCounted();
            service.clock().move(difference);
            Engines.await(
                    "the service sees it",
                    () -> Duration.between(pin(pinned), service.now()).abs().compareTo(CLOCK_SEEN) < 0);
        });
        traces.awaitAcknowledged(traces.acknowledged() + 20);
    }

    /** Nothing was open for a while that is longer than what is taken takes to be open. */
    private void awaitAllCounted() {
        long[] since = {System.nanoTime()};
        Engines.await("all is counted", () -> {
            if (openExecutions() > 0) {
                since[0] = System.nanoTime();
            }
            return System.nanoTime() - since[0] > TAKEN_NANOS;
        });
    }

    private long openExecutions() {
        return service.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("scepsy_open_executions"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow();
    }

    /** A process was killed, or lost its lead without knowing. */
    void mayHaveLost() {
        mayBeLost += Math.round(LOSSY_SECONDS * EXECUTIONS_PER_SECOND);
    }

    /** What all services wrote. */
    String logs() {
        return service.log();
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
    private String reach(Stage stage, int critics, Random random) {
        if (stage == Stage.IDLE) {
            return null;
        }
        String id = propose(critics);
        if (stage == Stage.PLANNING) {
            return null;
        }
        approve(id);
        if (stage == Stage.VERIFYING) {
            service.awaitProposal(id, PUSHED, "verifying", "kept");
        } else {
            int steps = random.nextInt(MOST_STEPS);
            Engines.await("step " + steps + " of " + id, PUSHED, () -> steps(id) >= steps);
        }
        return id;
    }

    /** Steps of its push that are on record; very many once it has ended. */
    private int steps(String proposal) {
        for (JsonNode entry : service.get("/api/v1/plans").json().path("plans")) {
            if (entry.path("proposal").asText().equals(proposal)) {
                return entry.path("state").asText().equals("applying")
                        ? entry.path("steps").size()
                        : Integer.MAX_VALUE;
            }
        }
        return 0;
    }

    /** It ends; well unless the fault is one that may stop a push; and it was measured for as long as it should be. */
    private void settled(String proposal, K fault) {
        JsonNode ended = service.awaitProposal(proposal, PUSHED, "kept", "failed", "rolledBack");
        answered.put(proposal, ended.path("state").asText());
        if (!mayStopAPush(fault)) {
            assertThat(ended.path("state").asText())
                    .as(ended.path("decisions").toPrettyString())
                    .isEqualTo("kept");
        }
        cooldownIsNotLonger();
        for (JsonNode entry : service.get("/api/v1/plans").json().path("plans")) {
            JsonNode scorecard = entry.path("scorecard");
            if (entry.path("proposal").asText().equals(proposal) && scorecard.hasNonNull("to")) {
                assertThat(Duration.between(instant(scorecard, "from"), instant(scorecard, "to")))
                        .as(scorecard.toPrettyString())
                        .isBetween(Duration.ZERO, LONGEST_MEASURED);
            }
        }
    }

    /** Whatever the clock did, it lasts no longer than it is configured to. */
    private void cooldownIsNotLonger() {
        JsonNode until = service.get("/api/v1/cluster").json().path("loop").path("cooldownUntil");
        if (!until.isMissingNode() && !until.isNull()) {
            assertThat(Instant.parse(until.asText()))
                    .isBefore(service.now().plus(ServiceFolder.COOLDOWN).plus(CLOCK_SEEN));
        }
    }

    private static Instant instant(JsonNode object, String member) {
        return Instant.parse(object.path(member).asText());
    }

    private String propose(int critics) {
        pin(critics);
        ServiceProcess.Answer planned = service.post("/api/v1/proposals", "{\"reason\": \"the suite asks\"}");
        assertThat(planned.status()).as(planned.body()).isBetween(200, 201);
        String id = planned.json().path("id").asText();
        answered.put(id, "open");
        return id;
    }

    /** When that was, by the service. */
    private Instant pin(int critics) {
        pinned = critics;
        ServiceProcess.Answer answer = service.change("PUT", "/api/v1/pins/critic", "{\"replicas\": " + critics + "}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return instant(answer.json(), "at");
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
}
