package dev.scepsy.samples.cluster.control;

import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.engine.EventClock;
import dev.scepsy.samples.cluster.engine.OpenAiApi;
import dev.scepsy.samples.cluster.process.LoopbackAddresses;
import dev.scepsy.samples.cluster.route.ConnectionProxy;
import dev.scepsy.samples.cluster.route.Loopback;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** What the pods of all nodes share. */
final class KubeletContext {
    private final Vertx vertx;
    private final Resources resources;
    private final EventClock clock;
    private final OpenAiApi openAi;
    private final EngineFactory factory;
    private final Startup startup;
    private final EventRecorder events;
    private final Runnable reconcileLater;
    private final HttpClient http;
    private final Iterable<PodRuntime> runtimes;
    private final RouterMachine routers;
    private final LoopbackAddresses addresses = new LoopbackAddresses();

    KubeletContext(
            Vertx vertx,
            Resources resources,
            EventClock clock,
            OpenAiApi openAi,
            EngineFactory factory,
            Startup startup,
            EventRecorder events,
            Runnable reconcileLater,
            Iterable<PodRuntime> runtimes,
            RouterMachine routers) {
        this.vertx = vertx;
        this.resources = resources;
        this.clock = clock;
        this.openAi = openAi;
        this.factory = factory;
        this.startup = startup;
        this.events = events;
        this.reconcileLater = reconcileLater;
        this.http = vertx.createHttpClient();
        this.runtimes = runtimes;
        this.routers = routers;
    }

    Resources resources() {
        return resources;
    }

    EventClock clock() {
        return clock;
    }

    OpenAiApi openAi() {
        return openAi;
    }

    EngineFactory factory() {
        return factory;
    }

    Startup startup() {
        return startup;
    }

    EventRecorder events() {
        return events;
    }

    HttpClient http() {
        return http;
    }

    /** What real processes of this machine need. */
    RouterMachine routers() {
        return routers;
    }

    LoopbackAddresses addresses() {
        return addresses;
    }

    /** Runs something on the event loop; from any thread. */
    void onLoop(Runnable action) {
        vertx.runOnContext(ignored -> action.run());
    }

    void reconcileLater() {
        reconcileLater.run();
    }

    /** A server on a free loopback port. */
    Future<HttpServer> listen(Handler<HttpServerRequest> handler, Handler<HttpConnection> opened) {
        return Loopback.listen(vertx, 0, handler, opened);
    }

    /** A port of a service; see {@link ConnectionProxy}. */
    Future<ConnectionProxy> openProxy(RandomGenerator random) {
        return ConnectionProxy.open(vertx, random);
    }

    private String fault(String key) {
        var faults = resources.store().get(ResourceKind.CONFIG_MAP, "kube-system", Annotations.FAULTS);
        return faults == null ? "" : faults.path("data").path(key).asText("");
    }

    /** Whether a fault keeps this image from being pulled. */
    boolean cannotPull(String image) {
        return Arrays.stream(fault("failingImages").split(","))
                .map(String::strip)
                .anyMatch(part -> !part.isEmpty() && image.contains(part));
    }

    /** vLLM's metrics as another engine, or a release to come, names the gauges of requests. */
    String inDialect(String metrics) {
        return switch (fault("metricNames")) {
            case "sglang" ->
                metrics.replace("vllm:num_requests_running", "sglang:num_running_reqs")
                        .replace("vllm:num_requests_waiting", "sglang:num_queue_reqs");
            case "trtllm" -> metrics.replace("vllm:num_requests_", "trtllm_num_requests_");
            case "other" -> metrics.replace("vllm:num_requests_", "engine:requests_now_");
            case "lying" -> metrics.replaceAll("(vllm:num_requests_running\\{[^}]*}) .*", "$1 -7.0");
            default -> metrics;
        };
    }

    /** Whether a fault keeps this engine from ever becoming healthy. */
    boolean neverReady(PodView pod, List<String> servedNames) {
        var faults = resources.store().get(ResourceKind.CONFIG_MAP, "kube-system", Annotations.FAULTS);
        boolean listed = faults != null
                && Arrays.stream(faults.path("data")
                                .path("neverReady")
                                .asText("")
                                .split(","))
                        .map(String::strip)
                        .anyMatch(servedNames::contains);
        return listed || pod.annotation(Annotations.NEVER_READY).orElse("").equals("true");
    }

    /** What other engines take of the fullest GPU that {@code starting} will use. */
    double takenBytesBeside(PodRuntime starting) {
        double most = 0;
        for (int gpu : starting.gpus()) {
            double taken = 0;
            for (PodRuntime other : runtimes) {
                boolean beside = !other.equals(starting)
                        && other.node().equals(starting.node())
                        && other.gpus().contains(gpu);
                taken += beside ? other.takenBytesPerGpu() : 0;
            }
            most = Math.max(most, taken);
        }
        return most;
    }

    /** Whether some other engine measures its memory right now on a GPU that {@code starting} will use. */
    boolean anotherProfilesOn(PodRuntime starting) {
        List<Integer> wanted = starting.gpus();
        for (PodRuntime other : runtimes) {
            if (!other.equals(starting)
                    && other.isProfilingMemory()
                    && other.node().equals(starting.node())
                    && other.gpus().stream().anyMatch(wanted::contains)) {
                return true;
            }
        }
        return false;
    }
}
