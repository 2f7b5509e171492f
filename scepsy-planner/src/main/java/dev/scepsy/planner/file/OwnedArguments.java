package dev.scepsy.planner.file;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Arguments of engines that say what the plan says: given once more by {@code engineArguments} the later one would win, and what
 * starts would not be what was planned. Names as the engines' own parsers have them: vLLM {@code engine/arg_utils.py}, SGLang
 * {@code srt/server_args.py}, TensorRT-LLM {@code commands/serve.py} (November 2026). All of them take underscores for hyphens and
 * {@code --flag=value}; none takes abbreviations.
 */
final class OwnedArguments {

    private static final Map<String, Map<String, String>> BY_ENGINE = Map.of(
            "vllm", owned("""
                    the plan says it: --tensor-parallel-size -tp --pipeline-parallel-size -pp --data-parallel-size -dp
                    the plan says it: --gpu-memory-utilization --kv-cache-memory-bytes --num-gpu-blocks-override
                    use maxModelLength: --max-model-len
                    use maxNumSeqs: --max-num-seqs
                    use maxNumBatchedTokens: --max-num-batched-tokens
                    use weightPrecision, and servedFrom for a checkpoint in it: --quantization -q --dtype
                    use kvCachePrecision: --kv-cache-dtype
                    use name and aliases: --served-model-name
                    use adapters: --enable-lora --lora-modules --max-loras --max-lora-rank
                    use servedFrom: --model --model-tag
                    use task: --task --runner --convert
                    services and probes rely on it: --host --port --uds
                    """),
            "sglang", owned("""
                    the plan says it: --tensor-parallel-size --tp-size --tp --pipeline-parallel-size --pp-size
                    the plan says it: --data-parallel-size --dp-size --mem-fraction-static --max-total-tokens
                    use maxModelLength: --context-length
                    use maxNumSeqs: --max-running-requests
                    use maxNumBatchedTokens: --chunked-prefill-size
                    use weightPrecision, and servedFrom for a checkpoint in it: --quantization --dtype
                    use kvCachePrecision: --kv-cache-dtype
                    use name: --served-model-name
                    use adapters: --enable-lora --lora-paths --max-loras-per-batch --max-lora-rank
                    use servedFrom: --model-path --model
                    use task: --is-embedding
                    services and probes rely on it: --host --port
                    """),
            "trtllm", owned("""
                    the plan says it: --tp-size --pp-size --gpus-per-node
                    the plan says it: --kv-cache-free-gpu-memory-fraction --free-gpu-memory-fraction
                    use maxModelLength: --max-seq-len
                    use maxNumSeqs: --max-batch-size
                    use maxNumBatchedTokens: --max-num-tokens
                    use kvCachePrecision: --kv-cache-dtype
                    use name: --served-model-name
                    services and probes rely on it: --host --port
                    """));

    private OwnedArguments() {}

    /** Lines of {@code remedy: flags}. */
    private static Map<String, String> owned(String lines) {
        Map<String, String> remedies = new HashMap<>();
        lines.lines().map(line -> line.split(": ", 2)).forEach(parts -> {
            for (String flag : parts[1].trim().split(" ")) {
                remedies.put(flag, parts[0]);
            }
        });
        return Map.copyOf(remedies);
    }

    /** Reports every argument that the plan or another key of the model owns, and warns of what no plan counts. */
    static void check(String model, String engine, List<String> arguments, Fields fields) {
        Map<String, String> owned = BY_ENGINE.getOrDefault(engine, Map.of());
        Set<String> told = new HashSet<>();
        for (String argument : arguments) {
            String flag = flag(argument);
            String remedy = owned.get(flag);
            if (remedy != null && told.add(flag)) {
                fields.problem(
                        "engineArguments",
                        "The engineArguments of model (" + model + ") must not hold " + argument.split("=", 2)[0] + ": "
                                + remedy + ". Leave it out here.");
            }
            if (flag.equals("--speculative-config")
                    && told.add(flag)
                    && !argument.contains("ngram")
                    && arguments.stream().noneMatch(other -> other.contains("ngram"))) {
                fields.warning(
                        "engineArguments",
                        "Model (" + model + ") has a draft model (" + argument.split("=", 2)[0]
                                + "): its weights and cache are not in the plan's memory, nor its speed in the"
                                + " prediction. Lower gpuFractions or maxModelLength to leave room, and measure profiles.");
            }
        }
    }

    /** The flag of {@code --flag=value}, {@code --some_flag} and {@code -tp=2} as the parsers see it. */
    private static String flag(String argument) {
        return argument.startsWith("-") ? argument.split("=", 2)[0].replace('_', '-') : "";
    }
}
