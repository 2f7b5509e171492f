package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a kubelet says of a pod with one container. Immutable.
 *
 * @param ip the pod's address
 * @param startedUp whether the startup probe has passed
 * @param restarts how often the container was started anew
 * @param startedAt timestamp of the latest start; empty before the first
 * @param lastFailure why it ended last; empty if it never did
 * @param lastExitCode what it ended with, where it did
 */
record ContainerStatus(
        String ip,
        Phase phase,
        boolean ready,
        boolean startedUp,
        int restarts,
        String startedAt,
        String lastFailure,
        int lastExitCode) {

    /** Where the container is. */
    enum Phase {
        CREATING,
        RUNNING,
        /** The image is not on this machine and may not be fetched. */
        NOT_HERE,
        /** What the container's specification names cannot be had. */
        MISCONFIGURED,
        PULL_FAILED,
        PULL_BACKING_OFF,
        BACKING_OFF
    }

    void writeTo(ObjectNode pod, String now) {
        String name = new PodView(pod).container().path("name").asText();
        ObjectNode status = pod.withObject("/status");
        status.put("phase", restarts > 0 || phase == Phase.RUNNING ? "Running" : "Pending");
        status.put("hostIP", "127.0.0.1");
        if (!ip.isEmpty()) {
            status.put("podIP", ip);
            status.putArray("podIPs").addObject().put("ip", ip);
        }
        if (!status.has("startTime")) {
            status.put("startTime", now);
        }
        String reason = ready ? "" : "ContainersNotReady";
        String message = ready ? "" : "containers with unready status: [" + name + "]";
        Conditions.set(pod, now, "Initialized", true, "", "");
        Conditions.set(pod, now, "ContainersReady", ready, reason, message);
        Conditions.set(pod, now, "Ready", ready, reason, message);
        writeContainer(pod, status.putArray("containerStatuses").addObject().put("name", name));
    }

    private void writeContainer(ObjectNode pod, ObjectNode container) {
        String image = new PodView(pod).container().path("image").asText();
        container
                .put("image", image)
                .put("imageID", "emulated://" + image)
                .put("containerID", "emulated://" + new PodView(pod).uid() + "-" + restarts)
                .put("ready", ready)
                .put("started", startedUp)
                .put("restartCount", restarts);
        ObjectNode state = container.putObject("state");
        switch (phase) {
            case RUNNING -> state.putObject("running").put("startedAt", startedAt);
            case CREATING -> state.putObject("waiting").put("reason", "ContainerCreating");
            case NOT_HERE ->
                state.putObject("waiting").put("reason", "ErrImageNeverPull").put("message", lastFailure);
            case MISCONFIGURED ->
                state.putObject("waiting")
                        .put("reason", "CreateContainerConfigError")
                        .put("message", lastFailure);
            case PULL_FAILED ->
                state.putObject("waiting").put("reason", "ErrImagePull").put("message", lastFailure);
            case PULL_BACKING_OFF ->
                state.putObject("waiting")
                        .put("reason", "ImagePullBackOff")
                        .put("message", "Back-off pulling image \"" + image + "\": ErrImagePull: " + lastFailure);
            case BACKING_OFF ->
                state.putObject("waiting")
                        .put("reason", "CrashLoopBackOff")
                        .put("message", "back-off restarting failed container: " + lastFailure);
        }
        if (!lastFailure.isEmpty() && !neverRan()) {
            container
                    .putObject("lastState")
                    .putObject("terminated")
                    .put("exitCode", lastExitCode)
                    .put("reason", "Error")
                    .put("message", lastFailure);
        }
    }

    /** Whether {@code lastFailure} is why it does not start rather than why it ended. */
    private boolean neverRan() {
        return switch (phase) {
            case NOT_HERE, MISCONFIGURED, PULL_FAILED, PULL_BACKING_OFF -> true;
            case CREATING, RUNNING, BACKING_OFF -> false;
        };
    }
}
