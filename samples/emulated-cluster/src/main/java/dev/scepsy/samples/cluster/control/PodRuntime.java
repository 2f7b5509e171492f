package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.engine.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One pod on its node from its first start to its end: what its kubelet does whatever runs inside. Confined to the event loop. */
abstract class PodRuntime implements PodProbes.Listener {
    static final double FIRST_BACKOFF_SECONDS = 10;
    static final double LONGEST_BACKOFF_SECONDS = 300;

    private static final String MANAGER = "kubelet";
    private static final int LOG_LINES = 1000;

    private final KubeletContext context;
    private final List<String> log = new ArrayList<>();
    private ObjectNode pod;
    private @Nullable PodProbes probes;
    private ContainerStatus.Phase phase = ContainerStatus.Phase.CREATING;
    private String lastFailure = "";
    private int lastExitCode = 1;
    private String startedAt = "";
    private String seenCrash;
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

    /** Makes ready what outlives restarts of the container, and starts it. */
    abstract void start();

    /** Starts the container anew; {@link #mayStart} holds. */
    abstract void startContainer();

    /** Ends what runs inside, at once and without a word. */
    abstract void stopContainer();

    /** A fault: what runs inside dies. */
    abstract void injectCrash(String fault);

    /** The pod is to go. Calls {@link #finish} when it has. */
    abstract void drain(double deadlineSeconds);

    /** Lets go of what outlives restarts. */
    abstract void release();

    /** Its address. */
    abstract String ip();

    /** Takes note of a newer version of the pod. */
    void observe(ObjectNode newer) {
        pod = newer;
        String crash = view().annotation(Annotations.CRASH).orElse("");
        if (!crash.equals(seenCrash)) {
            seenCrash = crash;
            injectCrash(crash);
        }
        if (view().isTerminating() && !terminating && !nodeDown) {
            terminating = true;
            PodProbes asking = probes;
            if (asking != null) {
                asking.leave();
            }
            report();
            context.events()
                    .normal(
                            view(),
                            "Killing",
                            "Stopping container "
                                    + view().container().path("name").asText());
            int graceSeconds =
                    pod.path("metadata").path("deletionGracePeriodSeconds").asInt(30);
            drain(context.clock().nowSeconds() + graceSeconds);
        }
    }

    /** The node's power: without it nothing answers, and what was running is lost. */
    void setNodeDown(boolean down) {
        if (down == nodeDown || gone) {
            return;
        }
        nodeDown = down;
        run++;
        if (down) {
            stopProbes();
            stopContainer();
            phase = ContainerStatus.Phase.CREATING;
        } else if (view().isTerminating()) {
            finish();
        } else {
            restarts++;
            restart();
        }
        report();
    }

    /** Ends everything at once: the pod is no more. */
    void kill() {
        if (gone) {
            return;
        }
        gone = true;
        run++;
        stopProbes();
        stopContainer();
        release();
    }

    /** The engine inside, where there is one and it runs. */
    Optional<Engine> engine() {
        return Optional.empty();
    }

    /** What it publishes for the planner to read; empty while nobody listens. */
    Optional<String> metrics() {
        return Optional.empty();
    }

    /** GPU ids it holds. */
    List<Integer> gpus() {
        return view().assignedGpus();
    }

    /** What it takes of each of its GPUs; 0 while it has none. */
    double takenBytesPerGpu() {
        return 0;
    }

    /** Whether it measures right now how much memory is free. */
    boolean isProfilingMemory() {
        return false;
    }

    final String node() {
        return view().node();
    }

    final String log() {
        return String.join("\n", log) + "\n";
    }

    @Override
    public final void changed() {
        report();
    }

    final KubeletContext context() {
        return context;
    }

    final PodView view() {
        return new PodView(pod);
    }

    final ObjectNode object() {
        return pod;
    }

    /** Whether nothing forbids the container to run. */
    final boolean mayStart() {
        return !gone && !nodeDown && !terminating;
    }

    final boolean isGone() {
        return gone;
    }

    final boolean isTerminating() {
        return terminating;
    }

    final int restarts() {
        return restarts;
    }

    /** Which run of the container this is. */
    final int run() {
        return run;
    }

    final boolean isStuck() {
        return view().annotation(Annotations.STUCK).orElse("").equals("true");
    }

    /** The container runs from now on; its probes begin. */
    final void started(int port) {
        run++;
        phase = ContainerStatus.Phase.RUNNING;
        startedAt = context.resources().timestamp();
        probes = new PodProbes(context, ip(), port, view().container(), this);
        report();
    }

    /** The container waits for what {@code phase} says, with a message for its status. */
    final void waitBecause(ContainerStatus.Phase waiting, String message) {
        phase = waiting;
        lastFailure = message;
        report();
    }

    final void stopProbes() {
        PodProbes asking = probes;
        probes = null;
        if (asking != null) {
            asking.stop();
        }
    }

    /** Starts the container if its image can be had. */
    final void restart() {
        if (!mayStart()) {
            return;
        }
        String image = view().container().path("image").asText();
        if (context.cannotPull(image)) {
            cannotPull(image);
        } else {
            startContainer();
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
                restart();
            }
        });
    }

    /** The container has ended, and is started again after a while; false where it never will be. */
    final boolean ended(String reason, String message, int exitCode, double backoffSeconds) {
        if (gone || nodeDown) {
            return false;
        }
        print("ERROR " + message);
        context.events().warning(view(), reason, message);
        stopProbes();
        lastFailure = message;
        lastExitCode = exitCode;
        phase = ContainerStatus.Phase.BACKING_OFF;
        restarts++;
        int thisRun = ++run;
        if (terminating) {
            finish();
            return false;
        }
        report();
        context.clock().after(backoffSeconds, () -> {
            if (thisRun == run) {
                restart();
            }
        });
        return true;
    }

    /** The pod has ended and is removed. */
    final void finish() {
        kill();
        context.resources().remove(ResourceKind.POD, pod);
    }

    final void print(String line) {
        if (log.size() >= LOG_LINES) {
            log.remove(0);
        }
        log.add(context.resources().timestamp() + " " + line);
    }

    /** Writes the pod's status as it is now. */
    final void report() {
        PodProbes asking = probes;
        boolean startedUp = asking != null && asking.isStartedUp();
        boolean ready = asking != null && startedUp && asking.answersReady() && !terminating && !nodeDown;
        ContainerStatus status =
                new ContainerStatus(ip(), phase, ready, startedUp, restarts, startedAt, lastFailure, lastExitCode);
        edit(
                Resources.Part.STATUS,
                next -> status.writeTo(next, context.resources().timestamp()));
    }

    final void edit(Resources.Part part, Consumer<ObjectNode> change) {
        context.resources().edit(ResourceKind.POD, pod, part, MANAGER, change);
    }
}
