package dev.scepsy.planner.cluster;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * How long an engine takes from its Deployment to its first answer, before this cluster has shown it:
 *
 * <pre>seconds = process + weights / download rate (where they are downloaded) + weights / t / loading rate + compiling per layer x layers</pre>
 *
 * <p>The constants are of logs that users of vLLM published, and on the slow side; one cluster's own measured times replace them. The pull
 * of the container image is not counted: deadlines have a floor that leaves room for it. What makes an estimate wrong: several engines
 * that load from one disk at a time, compile caches that survive, slow registries.
 */
final class StartEstimate {

    /** Imports, CUDA contexts, the server: what of 59 s no line of the log accounts for (vllm-project/vllm issue 20264). */
    static final double PROCESS_SECONDS = 30;

    /** A further GPU's worker process and the collectives' rendezvous; assumed. */
    static final double WORKER_SECONDS = 5;

    /** 1 Gbit/s in GiB/s; assumed, networks differ most of all. */
    static final double DOWNLOAD_GIB_PER_SECOND = 1e9 / 8 / (1L << 30);

    /** What one worker reads of safetensors on a local disk: 12.66 GiB in 31.7 s (vllm-project/vllm issue 38820). */
    static final double LOAD_GIB_PER_SECOND = 0.4;

    /**
     * Profiling, {@code torch.compile} and CUDA graphs of vLLM: 39 s and 91 s for two models of 32 layers (vllm-project/vllm pull request
     * 11005, run-ai/runai-model-streamer issue 67), so 1.2 s and 2.8 s a layer.
     */
    static final double VLLM_LAYER_SECONDS = 2;

    /** {@code --enforce-eager}: neither compiled nor captured, the profile run stays; assumed. */
    static final double EAGER_SECONDS = 10;

    /** SGLang captures graphs and compiles nothing by default; assumed. */
    static final double SGLANG_LAYER_SECONDS = 1;

    /** TensorRT-LLM tunes its kernels besides; assumed. */
    static final double TRTLLM_LAYER_SECONDS = 3;

    /** Layers where the architecture is unknown: those of an 8B model. */
    private static final int USUAL_LAYERS = 32;

    /** An engine is given up after this multiple of what it is expected to take. */
    static final double DEADLINE_MULTIPLE = 3;

    /** Least deadline, s: small models wait for schedulers and for the pull of 10 GiB of image too. */
    static final int LEAST_DEADLINE_SECONDS = 600;

    /** Least time that the kubelet waits for an engine, s: it restarts engines long after the push that started them. */
    static final int LEAST_PROBE_SECONDS = 900;

    private StartEstimate() {}

    /** @param measured what this cluster took before, s; empty: constants say it */
    static StepTime of(EngineSpec spec, WeightsFrom from, OptionalDouble measured) {
        double weights = spec.weightsGiB();
        String size = weights > 0 ? String.format(Locale.ROOT, "%.1f GiB ", weights) : "weights ";
        if (measured.isPresent()) {
            return new StepTime(measured.getAsDouble(), true, size + from.words() + " took this long here before");
        }
        double download = from == WeightsFrom.DOWNLOAD ? weights / DOWNLOAD_GIB_PER_SECOND : 0;
        double load = weights / spec.shape().tensorParallel() / LOAD_GIB_PER_SECOND;
        double process = PROCESS_SECONDS + WORKER_SECONDS * (spec.shape().tensorParallel() - 1);
        double compile = compileSeconds(spec);
        return new StepTime(
                download + load + process + compile,
                false,
                String.format(
                        Locale.ROOT,
                        "%s%s %.0f s, start %.0f s, compile and graphs %.0f s",
                        size,
                        from.words(),
                        download + load,
                        process,
                        compile));
    }

    private static double compileSeconds(EngineSpec spec) {
        if (spec.arguments().contains("--enforce-eager") || spec.arguments().contains("--disable-cuda-graph")) {
            return EAGER_SECONDS;
        }
        double layer = VLLM_LAYER_SECONDS;
        if (spec.command().equals(EngineKind.SGLANG.command())) {
            layer = SGLANG_LAYER_SECONDS;
        } else if (spec.command().equals(EngineKind.TRTLLM.command())) {
            layer = TRTLLM_LAYER_SECONDS;
        }
        return layer * (spec.layers() > 0 ? spec.layers() : USUAL_LAYERS);
    }

    /** How long a push waits for an engine that is expected to take {@code expected}, s; {@code explicit} above 0 wins. */
    static int deadlineSeconds(int explicit, StepTime expected) {
        return explicit > 0
                ? explicit
                : Math.max(LEAST_DEADLINE_SECONDS, (int) Math.ceil(DEADLINE_MULTIPLE * expected.seconds()));
    }

    /**
     * How long the kubelet waits before it restarts an engine, s. It stands in the pod, so nothing that was measured may enter it: an engine
     * would be another one after each measurement.
     */
    static int probeSeconds(EngineSpec spec, int explicit) {
        double slowest = of(spec, WeightsFrom.DOWNLOAD, OptionalDouble.empty()).seconds();
        return explicit > 0 ? explicit : Math.max(LEAST_PROBE_SECONDS, (int) Math.ceil(DEADLINE_MULTIPLE * slowest));
    }
}
