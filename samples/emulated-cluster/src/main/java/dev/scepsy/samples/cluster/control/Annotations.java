package dev.scepsy.samples.cluster.control;

/** Names under which clients say what they want, and the emulator says what it did. */
public final class Annotations {
    /** On pods: share of each GPU, a decimal in (0, 1]; default 1. */
    public static final String FRACTION = "scepsy.dev/gpu-fraction";
    /** On pods: memory of each GPU; default the fraction of what it has. */
    public static final String MEMORY = "scepsy.dev/memory-gib-per-gpu";
    /** On pods: ids of the GPUs to use; default: the scheduler chooses. */
    public static final String GPUS = "scepsy.dev/gpus";
    /** On pods and services: the loopback port they are reached at. */
    public static final String PORT = "scepsy.dev/emulated-port";
    /** On pods: ids of the GPUs they got. */
    public static final String ASSIGNED_GPUS = "scepsy.dev/emulated-gpus";
    /** On pods, a fault: each new value crashes the engine once. */
    public static final String CRASH = "scepsy.dev/emulated-crash";
    /** On pods, a fault: {@code true} keeps the engine unhealthy. */
    public static final String NEVER_READY = "scepsy.dev/emulated-never-ready";
    /** On pods, a fault: the engine's steps take so many times as long, a decimal from 1 to 1000. */
    public static final String SLOW = "scepsy.dev/emulated-slow";
    /** On pods, a fault: while {@code true} a pod that is deleted does not go. */
    public static final String STUCK = "scepsy.dev/emulated-stuck";
    /** On nodes, a fault: {@code true} takes the node down. */
    public static final String NODE_DOWN = "scepsy.dev/emulated-down";
    /**
     * Name of the config map in {@code kube-system} with the keys {@code neverReady} (models), {@code
     * failingImages} (parts of names), both comma-separated, and {@code metricNames}.
     */
    public static final String FAULTS = "scepsy-emulated-faults";
    /** On pods, Kubernetes' own: pods of lower cost are removed first. */
    static final String DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

    static final String MODEL_LABEL = "scepsy.dev/model";
    static final String HOSTNAME = "kubernetes.io/hostname";

    private Annotations() {}
}
