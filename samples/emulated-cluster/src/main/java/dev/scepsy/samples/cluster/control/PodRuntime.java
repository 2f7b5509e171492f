package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.engine.Engine;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One pod on its node: its port, its engine, its probes, from the first start to the last request. */
final class PodRuntime implements PodProbes.Listener {
    private static final String MANAGER = "kubelet";
    private static final double FIRST_BACKOFF_SECONDS = 10;
    private static final double LONGEST_BACKOFF_SECONDS = 300;
    private static final double DRAIN_POLL_SECONDS = 0.5;
    private static final int LOG_LINES = 200;

    private final KubeletContext context;
    private final List<String> log = new ArrayList<>();
    private final Set<HttpConnection> connections = new LinkedHashSet<>();
    private ObjectNode pod;
    private @Nullable HttpServer server;
    private @Nullable Engine engine;
    private @Nullable PodProbes probes;
    private ContainerStatus.Phase phase = ContainerStatus.Phase.CREATING;
    private String lastFailure = "";
    private int lastExitCode = 1;
    private String startedAt = "";
    private String seenCrash;
    private boolean profilingMemory;
    private double takenBytesPerGpu;
    private boolean terminating;
    private boolean gone;
    private boolean nodeDown;
    private int restarts;
    private int failedPulls;
    /** Counts starts and ends, so that what was planned for one run of the container never happens to another. */
    private int run;

    PodRuntime(KubeletContext context, ObjectNode pod) {
        this.context = context;
        this.pod = pod;
        this.seenCrash = view().annotation(Annotations.CRASH).orElse("");
    }

    /** Opens the pod's port and starts its engine. */
    void start() {
        context.listen(this::handle, this::opened).onSuccess(listening -> {
            if (gone) {
                listening.close();
                return;
            }
            server = listening;
            String port = Integer.toString(listening.actualPort());
            context.resources()
                    .edit(
                            ResourceKind.POD,
                            pod,
                            Resources.Part.WHOLE,
                            MANAGER,
                            next -> next.withObject("/metadata/annotations").put(Annotations.PORT, port));
            startContainer();
        });
    }

    /** Takes note of a newer version of the pod. */
    void observe(ObjectNode newer) {
        pod = newer;
        String crash = view().annotation(Annotations.CRASH).orElse("");
        if (!crash.equals(seenCrash)) {
            seenCrash = crash;
            crash("BackOff", "Fatal Python error: Segmentation fault (injected fault " + crash + ")");
        }
        Engine running = engine;
        if (running != null) {
            running.setHealthy(!context.neverReady(view(), running.spec().servedNames()));
        }
        if (view().isTerminating() && !terminating && !nodeDown) {
            terminate();
        }
    }

    /** The node's power: without it nothing answers, and what was running is lost. */
    void setNodeDown(boolean down) {
        if (down == nodeDown || gone) {
            return;
        }
        nodeDown = down;
        if (down) {
            dropConnections();
            stopEngine();
            phase = ContainerStatus.Phase.CREATING;
        } else if (view().isTerminating()) {
            finish();
        } else if (server != null) {
            restarts++;
            startContainer();
        }
        report();
    }

    /** Ends everything at once: the pod is no more. */
    void kill() {
        gone = true;
        // A process that is killed says nothing more.
        dropConnections();
        stopEngine();
        HttpServer listening = server;
        if (listening != null) {
            listening.close();
        }
    }

    Optional<Engine> engine() {
        return Optional.ofNullable(engine);
    }

    /** What it publishes; empty while nobody listens. */
    Optional<String> metrics() {
        Engine running = engine;
        return running == null || running.state() != Engine.State.SERVING || nodeDown
                ? Optional.empty()
                : Optional.of(context.inDialect(running.metrics()));
    }

    String node() {
        return view().node();
    }

    List<Integer> gpus() {
        return view().assignedGpus();
    }

    /** What its engine takes of each of its GPUs; 0 while it has none. */
    double takenBytesPerGpu() {
        return takenBytesPerGpu;
    }

    boolean isProfilingMemory() {
        return profilingMemory;
    }

    String log() {
        return String.join("\n", log) + "\n";
    }

    @Override
    public void changed() {
        report();
    }

    @Override
    public void unhealthy(String message) {
        crash("Unhealthy", message);
    }

    private PodView view() {
        return new PodView(pod);
    }

    private void handle(HttpServerRequest request) {
        Engine running = engine;
        if (running == null || running.state() != Engine.State.SERVING || nodeDown) {
            // Nobody listens before the model is loaded: the nearest thing to a refused connection.
            request.connection().close();
            return;
        }
        context.openAi().handle(request, new SingleEngine(running));
    }

    private void opened(HttpConnection connection) {
        connections.add(connection);
        connection.closeHandler(closed -> connections.remove(connection));
    }

    private void dropConnections() {
        List.copyOf(connections).forEach(HttpConnection::close);
    }

    private void startContainer() {
        HttpServer listening = server;
        if (gone || nodeDown || terminating || listening == null) {
            return;
        }
        String image = view().container().path("image").asText();
        if (context.cannotPull(image)) {
            cannotPull(image);
            return;
        }
        EngineFactory.Start start = context.factory().start(view());
        if (start instanceof EngineFactory.Start.Failure failure) {
            crash("BackOff", failure.message(), failure.exitCode());
        } else if (start instanceof EngineFactory.Start.Engine wanted) {
            if (wanted.profilesMemory() && context.anotherProfilesOn(this)) {
                crash(
                        "BackOff",
                        "AssertionError: Error in memory profiling. Initial free memory and current free memory differ:"
                                + " another engine is starting on this GPU. Start one after the other, or set"
                                + " --kv-cache-memory-bytes.");
                return;
            }
            Optional<String> refusal = wanted.memory().refusal(context.takenBytesBeside(this));
            if (refusal.isPresent()) {
                crash("BackOff", refusal.get());
                return;
            }
            load(wanted);
            probes = new PodProbes(context, listening.actualPort(), view().container(), this);
            report();
        }
    }

    private void load(EngineFactory.Start.Engine wanted) {
        Engine started = new Engine(wanted.spec(), context.clock());
        started.setHealthy(!context.neverReady(view(), wanted.spec().servedNames()));
        engine = started;
        phase = ContainerStatus.Phase.RUNNING;
        profilingMemory = wanted.profilesMemory();
        takenBytesPerGpu = wanted.memory().takenBytes();
        startedAt = context.resources().timestamp();
        int thisRun = ++run;
        double seconds = context.startup().seconds(wanted.weightBytesPerGpu());
        print(String.format(
                Locale.ROOT,
                "INFO Loading weights of %s on %d GPU(s), f = %s, %d KV cache blocks; ready in %.1f emulated s",
                wanted.spec().name(),
                wanted.spec().gpus().size(),
                wanted.spec().model().setup().gpuFraction(),
                wanted.spec().model().setup().kvBlocks().orElse(0),
                seconds));
        context.clock().after(seconds, () -> {
            if (thisRun == run && started.state() == Engine.State.LOADING) {
                profilingMemory = false;
                started.serve();
                print("INFO Application startup complete.");
                context.reconcileLater();
            }
        });
    }

    private void stopEngine() {
        PodProbes asking = probes;
        probes = null;
        if (asking != null) {
            asking.stop();
        }
        profilingMemory = false;
        takenBytesPerGpu = 0;
        Engine running = engine;
        engine = null;
        if (running != null) {
            running.stop();
        }
    }

    // The kubelet says ErrImagePull, a moment later that it backs off, and tries again: 10 s, 20 s, 40 s.
    private void cannotPull(String image) {
        lastFailure =
                "failed to pull and unpack image \"" + image + "\": failed to resolve reference: dial tcp: i/o timeout";
        phase = ContainerStatus.Phase.PULL_FAILED;
        context.events().warning(view(), "Failed", "Failed to pull image \"" + image + "\": " + lastFailure);
        report();
        int thisRun = ++run;
        double backoffSeconds = Math.min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * Math.pow(2, failedPulls++));
        context.clock().after(1, () -> {
            if (thisRun == run && !gone) {
                phase = ContainerStatus.Phase.PULL_BACKING_OFF;
                report();
            }
        });
        context.clock().after(backoffSeconds, () -> {
            if (thisRun == run) {
                startContainer();
            }
        });
    }

    private void crash(String reason, String message) {
        crash(reason, message, 1);
    }

    private void crash(String reason, String message, int exitCode) {
        if (gone || nodeDown) {
            return;
        }
        print("ERROR " + message);
        context.events().warning(view(), reason, message);
        stopEngine();
        dropConnections();
        lastFailure = message;
        lastExitCode = exitCode;
        phase = ContainerStatus.Phase.BACKING_OFF;
        double backoffSeconds =
                Math.min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * Math.pow(2, Math.min(10, restarts)));
        restarts++;
        int thisRun = ++run;
        if (terminating) {
            finish();
            return;
        }
        report();
        context.clock().after(backoffSeconds, () -> {
            if (thisRun == run) {
                startContainer();
            }
        });
    }

    // Requests inside finish; new ones stop coming because a terminating pod is nobody's endpoint.
    private void terminate() {
        terminating = true;
        report();
        context.events().normal(view(), "Killing", "Stopping container engine");
        double now = context.clock().nowSeconds();
        int graceSeconds =
                pod.path("metadata").path("deletionGracePeriodSeconds").asInt(30);
        double preStopSeconds =
                view().container().at("/lifecycle/preStop/sleep/seconds").asDouble(0);
        drain(now + Math.min(preStopSeconds, graceSeconds), now + graceSeconds);
    }

    private void drain(double earliestSeconds, double deadlineSeconds) {
        if (gone) {
            return;
        }
        Engine running = engine;
        double now = context.clock().nowSeconds();
        boolean busy = running != null && running.load() > 0;
        boolean stuck = view().annotation(Annotations.STUCK).orElse("").equals("true");
        if (stuck || now < earliestSeconds || (busy && now < deadlineSeconds)) {
            context.clock().after(DRAIN_POLL_SECONDS, () -> drain(earliestSeconds, deadlineSeconds));
        } else {
            finish();
        }
    }

    private void finish() {
        kill();
        context.resources().remove(ResourceKind.POD, pod);
    }

    private void print(String line) {
        if (log.size() >= LOG_LINES) {
            log.remove(0);
        }
        log.add(context.resources().timestamp() + " " + line);
    }

    /** Writes the pod's status as it is now. */
    private void report() {
        PodProbes asking = probes;
        boolean startedUp = asking != null && asking.isStartedUp();
        boolean ready = asking != null && startedUp && asking.answersReady() && !terminating && !nodeDown;
        ContainerStatus status =
                new ContainerStatus(phase, ready, startedUp, restarts, startedAt, lastFailure, lastExitCode);
        context.resources()
                .edit(
                        ResourceKind.POD,
                        pod,
                        Resources.Part.STATUS,
                        MANAGER,
                        next -> status.writeTo(next, context.resources().timestamp()));
    }
}
