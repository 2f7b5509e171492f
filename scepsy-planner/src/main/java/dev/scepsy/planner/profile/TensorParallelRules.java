package dev.scepsy.planner.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The tensor-parallel degrees t that an engine starts with. Every matrix is cut into t equal parts when weights are loaded, and
 * what does not come out even stops the engine there. Where the engines say so (November 2026):
 *
 * <ul>
 *   <li>attention heads, heads mod t = 0: vLLM {@code config/model.py} "Total number of attention heads must be divisible by
 *       tensor parallel size"; SGLang, TensorRT-LLM: the same in their attention modules;
 *   <li>key/value heads, k mod t = 0, or t mod k = 0 (they are copied): vLLM and SGLang {@code models/llama.py}; TensorRT-LLM
 *       {@code duplicate_kv_weight}. Latent attention counts as one, which every GPU holds;
 *   <li>feed-forward width mod t = 0: {@code divide} in the column-parallel layers of all three; expert width mod t = 0: vLLM
 *       {@code fused_moe/layer.py} {@code assert intermediate_size % self.tp_size == 0}. Experts are split like any other
 *       matrix: expert parallelism is off unless somebody switches it on;
 *   <li>groups that share a scale, (width / group) mod t = 0: vLLM and SGLang {@code quantization/awq.py} "The input size is
 *       not aligned with the quantized weight shape. This can be caused by too large tensor parallel size"; block-scaled fp8:
 *       {@code quantization/fp8.py} "is not divisible by weight quantization block_n". It binds the input of the attention's
 *       output projection too. For experts alone vLLM has a kernel with smaller groups to fall back to, which is not relied on.
 *       TensorRT-LLM pads blocks of fp8;
 *   <li>vocabulary, padded to a multiple of 64, mod t = 0: vLLM and SGLang {@code vocab_parallel_embedding.py}; TensorRT-LLM
 *       pads to t instead;
 *   <li>state heads of Mamba and linear attention mod t = 0, and Mamba's groups mod t = 0 unless there is one: vLLM
 *       {@code mamba/mamba_mixer2.py}, SGLang the same, TensorRT-LLM {@code mamba_cache_manager.py}.
 * </ul>
 *
 * <p>What is not known of a model binds nothing. A measurement is proof against any of these rules.
 */
public final class TensorParallelRules {

    private static final int VOCABULARY_PADDING = 64;

    private final ModelArchitecture architecture;
    private final String engine;
    private final Precision weights;

    private TensorParallelRules(ModelArchitecture architecture, String engine, Precision weights) {
        this.architecture = architecture;
        this.engine = engine;
        this.weights = weights;
    }

    /**
     * The rules for one model.
     *
     * @param engine {@code vllm}, {@code sglang} or {@code trtllm}; others are taken for vLLM
     * @param weights format of the weights
     */
    public static TensorParallelRules of(ModelArchitecture architecture, String engine, Precision weights) {
        return new TensorParallelRules(architecture, engine, weights);
    }

    /** The rules for {@code setup}, whatever its own degree is. */
    public static TensorParallelRules of(EngineSetup setup) {
        return of(setup.architecture(), setup.engine(), setup.weightPrecision());
    }

    /** Whether the engine starts over {@code degree} GPUs. */
    public boolean starts(int degree) {
        return broken(degree).isEmpty();
    }

    /** The degrees up to {@code most} that the engine starts with, ascending; 1 is always among them. */
    public List<Integer> degrees(int most) {
        return IntStream.rangeClosed(1, most).filter(this::starts).boxed().toList();
    }

    /** Why the engine does not start over {@code degree} GPUs, for people and without a full stop; empty if it does. */
    public Optional<String> whyNot(int degree) {
        List<String> broken = broken(degree);
        return broken.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", broken));
    }

    private List<String> broken(int degree) {
        List<String> broken = new ArrayList<>();
        if (degree == 1) {
            return broken;
        }
        divides(degree, architecture.attentionHeads(), "attention heads", broken);
        keyValueHeads(degree, broken);
        ShardedSizes sizes = architecture.shardedSizes();
        if (architecture.moeLayers() < architecture.layers()) {
            width(degree, sizes.feedForward(), "feed-forward width", broken);
        }
        if (architecture.routedExperts() > 0) {
            width(degree, architecture.expertIntermediateSize(), "expert width", broken);
            width(degree, sizes.sharedExpert(), "width of the shared expert", broken);
        }
        if (!architecture.latentAttention()) {
            groups(degree, architecture.attentionHeads() * architecture.headSize(), "width of the attention", broken);
        }
        for (int heads : sizes.stateHeads()) {
            divides(degree, heads, "heads or groups of the layers that keep a state", broken);
        }
        if (!engine.equals("trtllm")) {
            int padded = (architecture.vocabularySize() + VOCABULARY_PADDING - 1) / VOCABULARY_PADDING;
            divides(degree, padded * VOCABULARY_PADDING, "entries of the padded vocabulary", broken);
        }
        return broken;
    }

    private void keyValueHeads(int degree, List<String> broken) {
        int heads = architecture.latentAttention() ? 1 : architecture.kvHeads();
        if (heads > 0 && heads % degree != 0 && degree % heads != 0) {
            broken.add("the " + heads + " KV heads of " + architecture.name()
                    + " can neither be split evenly over nor copied evenly to " + degree + " GPUs");
        }
    }

    private void divides(int degree, int count, String what, List<String> broken) {
        if (count % degree != 0) {
            broken.add("tensorParallel " + degree + " does not divide the " + count + " " + what + " of "
                    + architecture.name());
        }
    }

    private void width(int degree, int width, String what, List<String> broken) {
        if (width % degree != 0) {
            broken.add("tensorParallel " + degree + " does not divide the " + what + " (" + width + ") of "
                    + architecture.name());
        } else {
            groups(degree, width, what, broken);
        }
    }

    private void groups(int degree, int width, String what, List<String> broken) {
        Optional<WeightGroups> groups = architecture
                .shardedSizes()
                .groups()
                .filter(known -> known.precision() == weights)
                .or(() -> WeightGroups.usualFor(weights, width));
        if (groups.isEmpty() || width == 0 || (engine.equals("trtllm") && weights == Precision.FP8)) {
            return;
        }
        int group = groups.get().width();
        if (width % group != 0 || width / group % degree != 0) {
            broken.add("tensorParallel " + degree + " cuts the "
                    + (width % group == 0 ? width / group + " groups" : "groups") + " of " + group + " "
                    + weights.key() + " weights in the " + what + " (" + width + ") of " + architecture.name());
        }
    }
}
