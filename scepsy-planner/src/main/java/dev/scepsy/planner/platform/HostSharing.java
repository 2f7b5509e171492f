package dev.scepsy.planner.platform;

import dev.scepsy.planner.platform.Rendering.Obstacles;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** How engines share the GPUs of a host that no orchestrator hands out: what the node's {@code sharing} comes to there. */
enum HostSharing {
    /** The engine has its GPUs alone. */
    WHOLE("whole GPUs by pinned ids", "whole GPUs by pinned ids"),
    /** CUDA MPS; equal parts of a device plugin are the same share of threads here. */
    MPS("MPS percentage, a ceiling and no reservation, memory bandwidth is shared", "MPS pinned memory limit"),
    /** Kernels of the engines take turns. */
    TIME_SLICES("none, time slices", "none, the engine's own limit");

    private final String compute;
    private final String memory;

    HostSharing(String compute, String memory) {
        this.compute = compute;
        this.memory = memory;
    }

    static HostSharing of(PlannedEngine engine) {
        if (engine.gpuFraction().isWhole()) {
            return WHOLE;
        }
        return engine.node().sharing().mode() == Sharing.Mode.TIME_SLICING ? TIME_SLICES : MPS;
    }

    /** Says which engines count on a mechanism that needs Kubernetes, and which on its volumes. */
    static void check(PlacedPlan plan, String platform, Obstacles obstacles) {
        for (PlannedEngine engine : plan.engines()) {
            Node node = engine.node();
            Sharing.Mode mode = node.sharing().mode();
            boolean ofKubernetes = mode == Sharing.Mode.HAMI || mode == Sharing.Mode.KAI || mode == Sharing.Mode.DRA;
            if (ofKubernetes && !engine.gpuFraction().isWhole()) {
                String word = mode.name().toLowerCase(Locale.ROOT);
                obstacles.add(
                        "Engine (" + engine.name() + ") takes " + engine.gpuFraction() + " of a GPU of node ("
                                + node.name() + "), whose sharing (" + word + ") works inside Kubernetes only, not on"
                                + " platform (" + platform + ").",
                        "Say sharing: {mode: mps} for the node in the cluster file and plan again, or render for"
                                + " kubernetes.");
            }
        }
        if (plan.options().modelCache().startsWith("claim:")) {
            obstacles.add(
                    "The model cache (" + plan.options().modelCache() + ") is a claim of Kubernetes, and platform ("
                            + platform + ") has none.",
                    "Give --model-cache node:/PATH or none.");
        }
    }

    /** What is enforced on each node, a line for each share, in the words of Kubernetes' enforcement. */
    static List<String> notes(PlacedPlan plan) {
        TreeMap<String, String> lines = new TreeMap<>();
        for (PlannedEngine engine : plan.engines()) {
            HostSharing sharing = of(engine);
            lines.put(
                    engine.node().name() + " f=" + engine.gpuFraction(),
                    "placement=gpu; compute=" + sharing.compute + "; memory=" + sharing.memory);
        }
        List<String> notes = new ArrayList<>();
        lines.forEach((place, enforced) -> notes.add(place + ": " + enforced));
        return notes;
    }

    /** Folder of the host where weights are kept; empty where they are not. */
    static String modelFolder(PlacedPlan plan) {
        String cache = plan.options().modelCache();
        return cache.startsWith("node:") ? cache.substring("node:".length()) : "";
    }

    /** What a plan has that only Kubernetes takes, a line each. */
    static List<String> leftOut(PlacedPlan plan) {
        List<String> notes = new ArrayList<>();
        plan.byModel().forEach((model, engines) -> {
            if (engines.get(0).launch().patched()) {
                notes.add("The podTemplate of model (" + model + ") is left out: it is for Kubernetes.");
            }
        });
        return notes;
    }
}
