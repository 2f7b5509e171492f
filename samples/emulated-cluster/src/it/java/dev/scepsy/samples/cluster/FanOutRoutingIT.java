package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.scepsy.planner.cluster.ApplyOptions;
import dev.scepsy.planner.cluster.ClusterAccess;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.PushOutcome;
import dev.scepsy.planner.cluster.ServingOptions;
import dev.scepsy.planner.router.RouterKind;
import dev.scepsy.planner.router.RouterSettings;
import dev.scepsy.samples.cluster.control.Startup;
import dev.scepsy.samples.cluster.process.HaproxyBinary;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * One workflow that fans out, behind the ideal router, behind HAProxy as {@code apply} sets it up, and behind Services alone: a critic,
 * then six generators at once, then a critic. Prints latency at half of what three generators sustain, and executions completed per
 * second where twice that is offered. {@code -Dscepsy.full=true}; NOT RUN without haproxy.
 */
@EnabledIfSystemProperty(
        named = "scepsy.full",
        matches = "true",
        disabledReason = "NOT RUN: only with -Dscepsy.full=true")
class FanOutRoutingIT {

    private enum Way {
        IDEAL,
        HAPROXY,
        SERVICES
    }

    private static final int FAN_OUT = 6;
    private static final int SHORT = 40;
    private static final int LONG = 200;
    private static final double TIME_SCALE = 4;
    private static final int WARM_UP = 10;
    private static final int MEASURED = 80;
    private static final double STEADY_PER_SECOND = 0.9;
    private static final double FLOOD_PER_SECOND = 4;
    private static final int SEEDS = Integer.getInteger("scepsy.seeds", 3);

    @Test
    void latencyAndThroughputByTheWayThatRequestsTake() throws Exception {
        HaproxyBinary haproxy = HaproxyBinary.find(System.getenv());
        assumeTrue(haproxy.path().isPresent(), "NOT RUN: " + haproxy.whyNot());
        List<String> rows = new ArrayList<>();
        for (Way way : Way.values()) {
            double latency = 0;
            double completed = 0;
            for (int seed = 1; seed <= SEEDS; seed++) {
                Run run = run(way, seed);
                latency += run.meanSeconds() / SEEDS;
                completed += run.perSecond() / SEEDS;
            }
            rows.add(String.format(
                    Locale.ROOT, "FAN OUT %-8s mean latency %.2f s, completed %.2f/s", way, latency, completed));
        }
        rows.forEach(System.out::println);
    }

    private record Run(double meanSeconds, double perSecond) {}

    private static Run run(Way way, int seed) throws Exception {
        RouterSettings router = way == Way.HAPROXY
                ? new RouterSettings(
                        Optional.of(RouterKind.HAPROXY),
                        2,
                        Optional.empty(),
                        "cluster.local",
                        512,
                        400,
                        1,
                        Optional.empty())
                : RouterSettings.DEFAULT.withKind(RouterKind.NONE);
        Intent intent = SmallPlans.intent(
                1,
                TestClusters.cluster(),
                ServingOptions.DEFAULT.withDeadlines(120, 60).withRouter(router),
                "generator 0.5 1:0 1:1 2:0",
                "critic 0.5 1:0 2:1");
        try (EmulatedCluster cluster = EmulatedCluster.start(TestClusters.config()
                        .startup(new Startup(1, 20e9))
                        .timeScale(TIME_SCALE)
                        .seed(seed)
                        .build());
                ClusterClient client =
                        ClusterClient.of(ClusterAccess.server(URI.create(cluster.apiServerUrl())), "default")) {
            PushOutcome outcome = client.apply(
                    intent, new ApplyOptions(Set.of(), false, false, "test", SmallPlans.QUICK), event -> {});
            assertThat(outcome).isInstanceOf(PushOutcome.Applied.class);
            Function<String, String> address = model -> switch (way) {
                case IDEAL -> cluster.gatewayUrl();
                case HAPROXY -> cluster.serviceUrl("default", "scepsy-router").orElseThrow();
                case SERVICES -> cluster.serviceUrl("default", model).orElseThrow();
            };
            List<Double> steady = load(address, STEADY_PER_SECOND, WARM_UP + MEASURED, seed);
            double mean = steady.stream()
                    .skip(WARM_UP)
                    .mapToDouble(each -> each)
                    .average()
                    .orElseThrow();
            long begin = System.nanoTime();
            List<Double> flood = load(address, FLOOD_PER_SECOND, MEASURED, seed);
            double seconds = (System.nanoTime() - begin) / 1e9 * TIME_SCALE;
            return new Run(mean, flood.size() / seconds);
        }
    }

    /** Latencies of executions that begin at Poisson times, in order of their ends, emulated seconds. */
    private static List<Double> load(Function<String, String> address, double perSecond, int executions, int seed)
            throws Exception {
        HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .executor(Executors.newFixedThreadPool(4, FanOutRoutingIT::daemon))
                .build();
        ScheduledExecutorService arrivals = Executors.newSingleThreadScheduledExecutor(FanOutRoutingIT::daemon);
        ConcurrentLinkedQueue<Double> seconds = new ConcurrentLinkedQueue<>();
        List<CompletableFuture<Void>> running = new ArrayList<>();
        Random random = new Random(seed);
        double at = 0;
        for (int i = 0; i < executions; i++) {
            at += -Math.log(1 - random.nextDouble()) / perSecond / TIME_SCALE;
            int answers = (int) Math.max(10, -Math.log(1 - random.nextDouble()) * LONG);
            Executor then = work -> arrivals.execute(work);
            running.add(CompletableFuture.supplyAsync(
                            System::nanoTime,
                            CompletableFuture.delayedExecutor(Math.round(at * 1e9), TimeUnit.NANOSECONDS, then))
                    .thenCompose(begin -> execution(http, address, answers)
                            .thenAccept(done -> seconds.add((System.nanoTime() - begin) / 1e9 * TIME_SCALE))));
        }
        CompletableFuture.allOf(running.toArray(CompletableFuture[]::new)).get(600, TimeUnit.SECONDS);
        arrivals.shutdownNow();
        return List.copyOf(seconds);
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "load");
        thread.setDaemon(true);
        return thread;
    }

    private static CompletableFuture<?> execution(HttpClient http, Function<String, String> address, int answers) {
        return call(http, address, "critic", SHORT)
                .thenCompose(first ->
                        CompletableFuture.allOf(Stream.generate(() -> call(http, address, "generator", answers))
                                .limit(FAN_OUT)
                                .toArray(CompletableFuture[]::new)))
                .thenCompose(all -> call(http, address, "critic", SHORT));
    }

    private static CompletableFuture<?> call(
            HttpClient http, Function<String, String> address, String model, int tokens) {
        String body = "{\"model\":\"" + model + "\",\"prompt\":\"" + "word ".repeat(200) + "\",\"max_tokens\":" + tokens
                + ",\"ignore_eos\":true}";
        HttpRequest request = HttpRequest.newBuilder(URI.create(address.apply(model) + "/v1/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofString())
                .thenAccept(answer ->
                        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200));
    }
}
