package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.engine.Engine;
import dev.scepsy.samples.cluster.route.Loopback;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A pod with an emulated engine in this process: its port, and whether somebody listens there. */
final class EnginePod extends PodRuntime {
    private static final double DRAIN_POLL_SECONDS = 0.5;
    private static final double MOST_SLOW = 1000;

    private final Set<HttpConnection> connections = new LinkedHashSet<>();
    private @Nullable HttpServer server;
    private @Nullable Engine engine;
    private boolean profilingMemory;
    private double takenBytesPerGpu;

    EnginePod(KubeletContext context, ObjectNode pod) {
        super(context, pod);
    }

    @Override
    void start() {
        context().listen(this::handle, this::opened).onSuccess(listening -> {
            if (isGone()) {
                listening.close();
                return;
            }
            server = listening;
            String port = Integer.toString(listening.actualPort());
            edit(
                    Resources.Part.WHOLE,
                    next -> next.withObject("/metadata/annotations").put(Annotations.PORT, port));
            restart();
        });
    }

    @Override
    void observe(ObjectNode newer) {
        super.observe(newer);
        Engine running = engine;
        if (running != null) {
            setFaults(running);
        }
    }

    private void setFaults(Engine running) {
        running.setHealthy(!context().neverReady(view(), running.spec().servedNames()));
        running.setSlowness(
                view().annotation(Annotations.SLOW).map(EnginePod::slowness).orElse(1.0));
    }

    /** Whoever writes nonsense gets an engine that is well. */
    private static double slowness(String written) {
        try {
            double factor = Double.parseDouble(written);
            return factor >= 1 && factor <= MOST_SLOW ? factor : 1;
        } catch (NumberFormatException noNumber) {
            return 1;
        }
    }

    @Override
    void injectCrash(String fault) {
        crash("BackOff", "Fatal Python error: Segmentation fault (injected fault " + fault + ")", 1);
    }

    @Override
    Optional<Engine> engine() {
        return Optional.ofNullable(engine);
    }

    @Override
    Optional<String> metrics() {
        Engine running = engine;
        return running == null || running.state() != Engine.State.SERVING
                ? Optional.empty()
                : Optional.of(context().inDialect(running.metrics()));
    }

    @Override
    double takenBytesPerGpu() {
        return takenBytesPerGpu;
    }

    @Override
    boolean isProfilingMemory() {
        return profilingMemory;
    }

    @Override
    String ip() {
        return Loopback.HOST;
    }

    @Override
    public void unhealthy(String message) {
        crash("Unhealthy", message, 1);
    }

    private void handle(HttpServerRequest request) {
        Engine running = engine;
        if (running == null || running.state() != Engine.State.SERVING) {
            // Nobody listens before the model is loaded: the nearest thing to a refused connection.
            request.connection().close();
            return;
        }
        context().openAi().handle(request, new SingleEngine(running));
    }

    private void opened(HttpConnection connection) {
        connections.add(connection);
        connection.closeHandler(closed -> connections.remove(connection));
    }

    private void dropConnections() {
        List.copyOf(connections).forEach(HttpConnection::close);
    }

    @Override
    void startContainer() {
        HttpServer listening = server;
        if (listening == null) {
            return;
        }
        EngineFactory.Start start = context().factory().start(view());
        if (start instanceof EngineFactory.Start.Failure failure) {
            crash("BackOff", failure.message(), failure.exitCode());
        } else if (start instanceof EngineFactory.Start.Engine wanted) {
            if (wanted.profilesMemory() && context().anotherProfilesOn(this)) {
                crash(
                        "BackOff",
                        "AssertionError: Error in memory profiling. Initial free memory and current free memory differ:"
                                + " another engine is starting on this GPU. Start one after the other, or set"
                                + " --kv-cache-memory-bytes.",
                        1);
                return;
            }
            Optional<String> refusal = wanted.memory().refusal(context().takenBytesBeside(this));
            if (refusal.isPresent()) {
                crash("BackOff", refusal.get(), 1);
                return;
            }
            started(listening.actualPort());
            load(wanted);
        }
    }

    private void load(EngineFactory.Start.Engine wanted) {
        Engine started = new Engine(wanted.spec(), context().clock());
        setFaults(started);
        engine = started;
        profilingMemory = wanted.profilesMemory();
        takenBytesPerGpu = wanted.memory().takenBytes();
        int thisRun = run();
        double seconds = context().startup().seconds(wanted.weightBytesPerGpu());
        print(String.format(
                Locale.ROOT,
                "INFO Loading weights of %s on %d GPU(s), f = %s, %d KV cache blocks; ready in %.1f emulated s",
                wanted.spec().name(),
                wanted.spec().gpus().size(),
                wanted.spec().model().setup().gpuFraction(),
                wanted.spec().model().setup().kvBlocks().orElse(0),
                seconds));
        context().clock().after(seconds, () -> {
            if (thisRun == run() && started.state() == Engine.State.LOADING) {
                profilingMemory = false;
                started.serve();
                print("INFO Application startup complete.");
                context().reconcileLater();
            }
        });
    }

    @Override
    void stopContainer() {
        // A process that is killed says nothing more.
        dropConnections();
        stopEngine();
    }

    @Override
    void release() {
        HttpServer listening = server;
        if (listening != null) {
            listening.close();
        }
    }

    private void stopEngine() {
        profilingMemory = false;
        takenBytesPerGpu = 0;
        Engine running = engine;
        engine = null;
        if (running != null) {
            running.stop();
        }
    }

    private void crash(String reason, String message, int exitCode) {
        double backoffSeconds =
                Math.min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * Math.pow(2, Math.min(10, restarts())));
        // vLLM's front end still answers what its engine has lost.
        stopEngine();
        dropConnections();
        ended(reason, message, exitCode, backoffSeconds);
    }

    // Requests inside finish; new ones stop coming because a terminating pod is nobody's endpoint.
    @Override
    void drain(double deadlineSeconds) {
        double preStopSeconds =
                view().container().at("/lifecycle/preStop/sleep/seconds").asDouble(0);
        drain(Math.min(context().clock().nowSeconds() + preStopSeconds, deadlineSeconds), deadlineSeconds);
    }

    private void drain(double earliestSeconds, double deadlineSeconds) {
        if (isGone()) {
            return;
        }
        Engine running = engine;
        double now = context().clock().nowSeconds();
        boolean busy = running != null && running.load() > 0;
        if (isStuck() || now < earliestSeconds || (busy && now < deadlineSeconds)) {
            context().clock().after(DRAIN_POLL_SECONDS, () -> drain(earliestSeconds, deadlineSeconds));
        } else {
            finish();
        }
    }
}
