package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.engine.Engine;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One pod on its node: its port, its engine, its probes, from the first start to the last request. */
final class PodRuntime {
    private static final String MANAGER = "kubelet";
    private static final double FIRST_BACKOFF_SECONDS = 10;
    private static final double LONGEST_BACKOFF_SECONDS = 300;
    private static final double DRAIN_POLL_SECONDS = 0.5;
    private static final int LOG_LINES = 200;

    private enum Container {
        CREATING,
        RUNNING,
        BACKING_OFF
    }

    private final KubeletContext context;
    private final String uid;
    private ObjectNode pod;
    private @Nullable HttpServer server;
    private @Nullable Engine engine;
    private final List<HealthProbe> probes = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private Container container = Container.CREATING;
    private String lastFailure = "";
    private String startedAt = "";
    private boolean startedUp;
    private boolean answersReady;
    private boolean profilingMemory;
    private boolean terminating;
    private boolean gone;
    private boolean nodeDown;
    private int restarts;
    private int starts;
    private String seenCrash;

    PodRuntime(KubeletContext context, ObjectNode pod) {
        this.context = context;
        this.pod = pod;
        this.uid = view().uid();
        this.seenCrash = view().annotation(Annotations.CRASH).orElse("");
    }

    /** Opens the pod's port and starts its engine. */
    void start() {
        context.listen(this::handle).onSuccess(listening -> {
            if (gone) {
                listening.close();
                return;
            }
            server = listening;
            context.resources()
                    .edit(
                            ResourceKind.POD,
                            pod,
                            Resources.Part.WHOLE,
                            MANAGER,
                            next -> next.withObject("/metadata/annotations")
                                    .put(Annotations.PORT, Integer.toString(listening.actualPort())));
            startContainer();
        });
    }

    /** Takes note of a newer version of the pod. */
    void observe(ObjectNode newer) {
        pod = newer;
        String crash = view().annotation(Annotations.CRASH).orElse("");
        if (!crash.equals(seenCrash)) {
            seenCrash = crash;
            crash("Fatal Python error: Segmentation fault (injected fault " + crash + ")", "Error");
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
            stopEngine();
            container = Container.CREATING;
        } else if (view().isTerminating()) {
            finish();
        } else if (server != null) {
            restarts++;
            startContainer();
        }
    }

    /** Ends everything at once: the pod is no more. */
    void kill() {
        gone = true;
        stopEngine();
        HttpServer listening = server;
        if (listening != null) {
            listening.close();
        }
    }

    Optional<Engine> engine() {
        return Optional.ofNullable(engine);
    }

    String node() {
        return view().node();
    }

    List<Integer> gpus() {
        return view().assignedGpus();
    }

    boolean isProfilingMemory() {
        return profilingMemory;
    }

    String log() {
        return String.join("\n", log) + "\n";
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

    private void startContainer() {
        if (gone || nodeDown || terminating) {
            return;
        }
        EngineFactory.Start start = context.factory().start(view());
        if (start instanceof EngineFactory.Start.Failure failure) {
            crash(failure.message(), "Error");
            return;
        }
        EngineFactory.Start.Engine wanted = (EngineFactory.Start.Engine) start;
        if (wanted.profilesMemory() && context.anotherProfilesOn(this)) {
            crash(
                    "AssertionError: Error in memory profiling. Initial free memory and current free memory differ: another"
                            + " engine is starting on this GPU. Start one after the other, or set"
                            + " --kv-cache-memory-bytes.",
                    "Error");
            return;
        }
        Engine started = new Engine(wanted.spec(), context.clock());
        started.setHealthy(!context.neverReady(view(), wanted.spec().servedNames()));
        engine = started;
        container = Container.RUNNING;
        profilingMemory = wanted.profilesMemory();
        startedAt = context.resources().timestamp();
        int run = ++starts;
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
            if (run == starts && engine == started && !gone) {
                profilingMemory = false;
                started.serve();
                print("INFO Application startup complete.");
                context.reconcileLater();
            }
        });
        startProbes();
        report();
    }

    private void startProbes() {
        JsonNode spec = view().container();
        startedUp = !spec.has("startupProbe");
        answersReady = !spec.has("readinessProbe");
        if (startedUp) {
            startSteadyProbes();
        } else {
            probe(spec.path("startupProbe"), well -> {
                if (well) {
                    startedUp = true;
                    stopProbes();
                    startSteadyProbes();
                    report();
                } else {
                    crash("Container engine failed startup probe, will be restarted", "Unhealthy");
                }
            });
        }
    }

    private void startSteadyProbes() {
        JsonNode spec = view().container();
        if (spec.has("readinessProbe")) {
            probe(spec.path("readinessProbe"), well -> {
                if (well != answersReady) {
                    answersReady = well;
                    report();
                }
            });
        }
        if (spec.has("livenessProbe")) {
            probe(spec.path("livenessProbe"), well -> {
                if (!well) {
                    crash("Container engine failed liveness probe, will be restarted", "Unhealthy");
                }
            });
        }
    }

    private void probe(JsonNode probe, Consumer<Boolean> verdict) {
        HttpServer listening = server;
        if (listening != null) {
            probes.add(new HealthProbe(context.http(), context.clock(), listening.actualPort(), probe, verdict));
        }
    }

    private void stopProbes() {
        probes.forEach(HealthProbe::stop);
        probes.clear();
    }

    private void stopEngine() {
        stopProbes();
        answersReady = false;
        profilingMemory = false;
        Engine running = engine;
        engine = null;
        if (running != null) {
            running.stop();
        }
    }

    private void crash(String message, String reason) {
        if (gone || nodeDown) {
            return;
        }
        print("ERROR " + message);
        context.events().warning(view(), reason.equals("Unhealthy") ? "Unhealthy" : "BackOff", message);
        stopEngine();
        lastFailure = message;
        container = Container.BACKING_OFF;
        double backoff = Math.min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * Math.pow(2, Math.min(10, restarts)));
        restarts++;
        int run = ++starts;
        if (terminating) {
            finish();
            return;
        }
        report();
        context.clock().after(backoff, () -> {
            if (run == starts && !gone) {
                startContainer();
            }
        });
    }

    // Requests inside finish; new ones stop coming because a terminating pod is nobody's endpoint.
    private void terminate() {
        terminating = true;
        stopProbes();
        report();
        context.events().normal(view(), "Killing", "Stopping container engine");
        int graceSeconds =
                pod.path("metadata").path("deletionGracePeriodSeconds").asInt(30);
        drain(context.clock().nowSeconds() + graceSeconds);
    }

    private void drain(double deadlineSeconds) {
        if (gone) {
            return;
        }
        Engine running = engine;
        boolean busy = running != null && running.load() > 0;
        if (busy && context.clock().nowSeconds() < deadlineSeconds) {
            context.clock().after(DRAIN_POLL_SECONDS, () -> drain(deadlineSeconds));
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

    private boolean isReady() {
        return container == Container.RUNNING && startedUp && answersReady && !terminating && !nodeDown;
    }

    /** Writes the pod's status as it is now. */
    void report() {
        boolean ready = isReady();
        context.resources().edit(ResourceKind.POD, pod, Resources.Part.STATUS, MANAGER, next -> {
            ObjectNode status = next.withObject("/status");
            status.put("phase", restarts > 0 || container == Container.RUNNING ? "Running" : "Pending");
            status.put("hostIP", "127.0.0.1").put("podIP", "127.0.0.1");
            status.putArray("podIPs").addObject().put("ip", "127.0.0.1");
            if (!status.has("startTime")) {
                status.put("startTime", context.resources().timestamp());
            }
            String now = context.resources().timestamp();
            String why = ready ? "" : "ContainersNotReady";
            String what = ready ? "" : "containers with unready status: [" + name() + "]";
            Conditions.set(next, now, "Initialized", true, "", "");
            Conditions.set(next, now, "ContainersReady", ready, why, what);
            Conditions.set(next, now, "Ready", ready, why, what);
            containerStatus(status, ready);
        });
    }

    private void containerStatus(ObjectNode status, boolean ready) {
        ObjectNode each = status.putArray("containerStatuses").addObject();
        each.put("name", name())
                .put("image", view().container().path("image").asText())
                .put("imageID", "emulated://" + view().container().path("image").asText())
                .put("containerID", "emulated://" + uid + "-" + starts)
                .put("ready", ready)
                .put("started", startedUp)
                .put("restartCount", restarts);
        ObjectNode state = each.putObject("state");
        if (container == Container.RUNNING) {
            state.putObject("running").put("startedAt", startedAt);
        } else {
            boolean backingOff = container == Container.BACKING_OFF;
            ObjectNode waiting =
                    state.putObject("waiting").put("reason", backingOff ? "CrashLoopBackOff" : "ContainerCreating");
            if (backingOff) {
                waiting.put("message", "back-off restarting failed container: " + lastFailure);
            }
        }
        if (!lastFailure.isEmpty()) {
            each.putObject("lastState")
                    .putObject("terminated")
                    .put("exitCode", 1)
                    .put("reason", "Error")
                    .put("message", lastFailure);
        }
    }

    private String name() {
        return view().container().path("name").asText();
    }
}
