package dev.scepsy.planner.cluster;

import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The digest of all that an engine's pods are rendered from, apart from their place: another digest, another engine. A setting that has
 * its default adds nothing, and one that this node's sharing does not use adds nothing either, so that engines of versions that did not
 * count it stay what they are.
 *
 * <p>GPU UUIDs belong to the place: they are not counted, and a pod keeps those that it was started with.
 */
final class EngineRevision {

    /** Raised whenever the pod template changes in a way that engines have to be restarted for. */
    private static final String TEMPLATE_REVISION = "2";

    private static final int LENGTH = 12;

    private EngineRevision() {}

    /**
     * @param gpu type of the GPUs that the plan gives it
     * @param sharing of the node that it is on
     */
    static String of(EngineSpec spec, String gpu, Sharing sharing, ServingOptions options) {
        List<String> parts = new ArrayList<>(List.of(
                TEMPLATE_REVISION,
                spec.model(),
                gpu,
                spec.shape().gpuFraction().toString(),
                Integer.toString(spec.shape().tensorParallel()),
                Double.toString(spec.shape().memoryGiBPerGpu()),
                spec.image(),
                String.join("\n", spec.command()),
                String.join("\n", spec.arguments()),
                Double.toString(spec.cpuCores()),
                Double.toString(spec.hostMemoryGiB()),
                options.modelCache(),
                spec.podPatches().stream().map(PodPatch::json).collect(Collectors.joining("\n"))));
        ServingOptions usual = ServingOptions.DEFAULT;
        if (options.drainSeconds() != usual.drainSeconds()) {
            parts.add("drainSeconds=" + options.drainSeconds());
        }
        if (StartEstimate.probeSeconds(spec, options.loadSeconds())
                != StartEstimate.probeSeconds(spec, usual.loadSeconds())) {
            parts.add("loadSeconds=" + options.loadSeconds());
        }
        addSharing(parts, spec, sharing, options);
        return Names.digest(String.join("\n", parts)).substring(0, LENGTH);
    }

    private static void addSharing(List<String> parts, EngineSpec spec, Sharing sharing, ServingOptions options) {
        ServingOptions usual = ServingOptions.DEFAULT;
        if (sharing instanceof Sharing.EqualParts) {
            parts.add("sharing=parts");
            addUnlessUsual(parts, "sharedResource", options.sharedResource(), usual.sharedResource());
            return;
        }
        boolean whole = spec.shape().gpuFraction().isWhole();
        switch (sharing.mode()) {
            case NONE -> {}
            case MPS -> addUnlessUsual(parts, "runtimeClass", options.runtimeClass(), usual.runtimeClass());
            case TIME_SLICING -> {
                if (!whole) {
                    parts.add("sharing=time-slicing"); // whole GPUs are pinned alike under MPS
                }
                addUnlessUsual(parts, "runtimeClass", options.runtimeClass(), usual.runtimeClass());
            }
            case HAMI -> parts.add("sharing=hami");
            case KAI -> {
                parts.add("sharing=kai");
                addUnlessUsual(parts, "kaiQueue", options.kaiQueue(), usual.kaiQueue());
            }
            case DRA -> parts.add("sharing=dra");
        }
    }

    private static void addUnlessUsual(List<String> parts, String key, String value, String usual) {
        if (!value.equals(usual)) {
            parts.add(key + "=" + value);
        }
    }
}
