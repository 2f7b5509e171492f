package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.process.ContainerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A pod whose container is a real haproxy process of this machine, on a loopback address of its own. Mounted config maps are files, the container's
 * paths are translated, and the cluster's DNS answers it; its output is the pod's log. It ends as a container runtime ends it: after the {@code
 * preStop} sleep the image's stop signal, and what is left when the grace period is over is killed.
 */
final class RouterPod extends PodRuntime {
    private static final String CONTAINER = "router";
    private static final String PROGRAM = "haproxy";
    /** {@code STOPSIGNAL} of the haproxy images: a soft stop. */
    private static final String STOP_SIGNAL = "USR1";
    /** How long a container runs well before its restarts are forgotten, emulated seconds. */
    private static final double WELL_AFTER_SECONDS = 600;

    private static final double MOUNT_RETRY_SECONDS = 2;
    private static final double STUCK_POLL_SECONDS = 0.5;
    private static final Pattern SLEEP = Pattern.compile("(?:/bin/)?sleep\\s+(\\d+(?:\\.\\d+)?)s?");

    private final ContainerFiles files = ContainerFiles.create();
    private @Nullable ContainerProcess process;
    private String ip = "";
    private String firstAlert = "";
    private double startedSeconds;
    private int restartsInARow;

    RouterPod(KubeletContext context, ObjectNode pod) {
        super(context, pod);
    }

    /** Whether the pod is run as a process here. */
    static boolean isRouter(PodView pod) {
        return pod.container().path("name").asText().equals(CONTAINER)
                && pod.commandLine().stream()
                        .findFirst()
                        .filter(RouterPod::isHaproxy)
                        .isPresent();
    }

    private static boolean isHaproxy(String word) {
        return word.equals(PROGRAM) || word.endsWith("/" + PROGRAM);
    }

    @Override
    void start() {
        try {
            ip = context().addresses().take(ports());
        } catch (IOException none) {
            context().events().warning(view(), "FailedCreatePodSandBox", String.valueOf(none.getMessage()));
            waitBecause(ContainerStatus.Phase.MISCONFIGURED, String.valueOf(none.getMessage()));
            return;
        }
        restart();
    }

    private List<Integer> ports() {
        List<Integer> ports = new ArrayList<>();
        view().container()
                .path("ports")
                .forEach(port -> ports.add(port.path("containerPort").asInt()));
        return ports;
    }

    @Override
    void startContainer() {
        Optional<Path> program = context().routers().haproxy().path();
        if (program.isEmpty()) {
            String message = context().routers().haproxy().whyNot();
            context().events().warning(view(), "ErrImageNeverPull", message);
            waitBecause(ContainerStatus.Phase.NOT_HERE, message);
            return;
        }
        ContainerVariables variables;
        try {
            files.mount(context().resources(), view(), context().routers().nameserver());
            variables = ContainerVariables.of(view(), ip);
        } catch (ContainerFiles.NotMounted e) {
            context().events().warning(view(), "FailedMount", String.valueOf(e.getMessage()));
            retry(ContainerStatus.Phase.CREATING, "");
            return;
        } catch (IllegalArgumentException e) {
            context().events().warning(view(), "Failed", "Error: " + e.getMessage());
            retry(ContainerStatus.Phase.MISCONFIGURED, String.valueOf(e.getMessage()));
            return;
        }
        List<String> command = new ArrayList<>(view().commandLine());
        command.replaceAll(word -> files.paths(variables.expand(word)));
        command.set(0, program.get().toString());
        started(0);
        firstAlert = "";
        startedSeconds = context().clock().nowSeconds();
        int thisRun = run();
        try {
            process = ContainerProcess.start(
                    command,
                    variables.values(),
                    files.folder(),
                    line -> context().onLoop(() -> heard(line)),
                    code -> context().onLoop(() -> {
                        if (thisRun == run()) {
                            exited(code);
                        }
                    }));
        } catch (IOException e) {
            ended("Failed", "Error: " + e.getMessage(), 128, backoffSeconds());
        }
    }

    private void retry(ContainerStatus.Phase phase, String message) {
        waitBecause(phase, message);
        int thisRun = run();
        context().clock().after(MOUNT_RETRY_SECONDS, () -> {
            if (thisRun == run()) {
                restart();
            }
        });
    }

    private void heard(String line) {
        print(line);
        if (firstAlert.isEmpty() && line.contains("[ALERT]")) {
            firstAlert = line;
        }
    }

    private void exited(int code) {
        process = null;
        if (isTerminating()) {
            leave();
            return;
        }
        ended("BackOff", "the router ended with exit code " + code + ". " + firstAlert, code, backoffSeconds());
    }

    /** The kubelet starts what ends for the first time anew at once, then after 10 s, 20 s, 40 s. */
    private double backoffSeconds() {
        if (context().clock().nowSeconds() - startedSeconds > WELL_AFTER_SECONDS) {
            restartsInARow = 0;
        }
        int before = restartsInARow++;
        return before == 0
                ? 0
                : Math.min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * Math.pow(2, Math.min(10, before - 1)));
    }

    @Override
    void injectCrash(String fault) {
        print("killed (injected fault " + fault + ")");
        kill(process);
    }

    @Override
    public void unhealthy(String message) {
        context().events().warning(view(), "Unhealthy", message);
        // The kubelet stops it as gently as on deletion; a process that does not even answer its probe is killed here.
        kill(process);
    }

    @Override
    void stopContainer() {
        ContainerProcess running = process;
        process = null;
        kill(running);
    }

    private static void kill(@Nullable ContainerProcess running) {
        if (running != null) {
            running.kill();
        }
    }

    @Override
    void release() {
        context().addresses().release(ip);
        files.remove();
    }

    @Override
    String ip() {
        return ip;
    }

    @Override
    void drain(double deadlineSeconds) {
        double now = context().clock().nowSeconds();
        if (process == null) {
            leave();
            return;
        }
        context().clock().after(Math.min(preStopSeconds(), deadlineSeconds - now), () -> {
            ContainerProcess running = process;
            if (running != null && !isGone()) {
                print("stopping: SIG" + stopSignal());
                try {
                    running.signal(stopSignal());
                } catch (IOException e) {
                    print("the signal could not be sent: " + e.getMessage());
                }
            }
        });
        context().clock().at(deadlineSeconds, () -> {
            if (process != null && !isGone()) {
                print("the grace period is over: SIGKILL");
                kill(process);
            }
        });
    }

    private String stopSignal() {
        String named = view().container().at("/lifecycle/stopSignal").asText("");
        return named.isEmpty() ? STOP_SIGNAL : named.replaceFirst("^SIG", "");
    }

    private double preStopSeconds() {
        JsonNode preStop = view().container().at("/lifecycle/preStop");
        if (preStop.has("sleep")) {
            return preStop.path("sleep").path("seconds").asDouble(0);
        }
        List<String> words = new ArrayList<>();
        preStop.path("exec").path("command").forEach(word -> words.add(word.asText()));
        if (words.isEmpty()) {
            return 0;
        }
        boolean shell =
                words.size() == 3 && words.get(0).endsWith("sh") && words.get(1).equals("-c");
        Matcher sleep = SLEEP.matcher(shell ? words.get(2).strip() : String.join(" ", words));
        if (sleep.matches()) {
            return Double.parseDouble(sleep.group(1));
        }
        context()
                .events()
                .warning(view(), "FailedPreStopHook", "only sleep is run in an emulated cluster, not " + words);
        return 0;
    }

    private void leave() {
        if (isGone()) {
            return;
        }
        if (isStuck()) {
            context().clock().after(STUCK_POLL_SECONDS, this::leave);
        } else {
            finish();
        }
    }
}
