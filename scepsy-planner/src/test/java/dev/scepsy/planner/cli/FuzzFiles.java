package dev.scepsy.planner.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** Sound files of every kind, by name: what the fuzz changes, and what stands beside it. */
final class FuzzFiles {

    private static final Path RESOURCES = Path.of("src/test/resources");

    static final String CLUSTER = """
            {"version": 1,
             "gpuTypes": [{"name": "G", "memoryGiB": 40, "memoryBandwidthGBps": 2000, "bf16Tflops": 300, "fp8Tflops": 600,
                "nvlinkOneWayGBps": 300, "pcieOneWayGBps": 32, "interNodeGBps": 25, "typicalDomainSize": 2, "computeCapability": 8.0, "costPerHour": 2},
               {"name": "H100-SXM-80GB", "costPerHour": 4}],
             "racks": [
               {"name": "r", "nodes": [
                 {"name": "n", "gpu": "H100-SXM-80GB", "gpus": 4, "domainSize": 4, "sharing": {"mode": "mps", "step": 0.5}, "reserved": [3], "foreign": [{"gpu": 2, "gpuFraction": 0.5, "memoryGiB": 40}]}]},
               {"name": "s", "nodes": [
                 {"name": "k", "gpu": "G", "gpus": 3, "sharing": {"mode": "time-slicing", "replicas": 3}},
                 {"name": "m", "gpu": "M", "gpus": 2, "memoryGiB": 24}]}]}
            """;

    static final String MODELS = """
            {"models": [
               {"name": "a", "architecture": "Llama-3.1-8B", "weightPrecision": "bf16", "kvCachePrecision": "fp8", "maxModelLength": 8192,
                 "tensorParallel": [1, 2], "minReplicas": 1, "maxReplicas": 3, "maxNumSeqs": 128, "maxNumBatchedTokens": 4096, "prefixCacheHitRate": 0.2,
                 "gpus": ["H100-SXM-80GB", "G"], "servedFrom": "meta-llama/Llama-3.1-8B", "engineArguments": ["--seed", "1"], "task": "generate"},
               {"name": "b", "minReplicas": 1, "gpuFractions": [0.33], "aliases": ["c"]},
               {"name": "api", "external": true}]}
            """;

    static final String PROFILES = """
            {"profiles": [
               {"model": "a", "gpu": "H100-SXM-80GB", "tensorParallel": 2, "gpuFraction": 1, "memoryGiBPerGpu": 60, "saturationRequestsPerSecond": 6,
                 "saturationIsLowerBound": true, "inputTokens": 900, "outputTokens": 100, "engine": "vllm", "measuredBy": "hand",
                 "curve": [{"requestsPerSecond": 1, "meanLatencySeconds": 1, "requestsInFlight": 1, "meanFirstTokenSeconds": 0.1, "meanPerTokenSeconds": 0.01,
                     "p95LatencySeconds": 2, "p99LatencySeconds": 3, "requests": 100, "errorRate": 0}, {"requestsPerSecond": 5, "meanLatencySeconds": 3}]},
               {"model": "c", "gpu": "G", "gpuFraction": 0.333, "memoryGiBPerGpu": 12, "saturationRequestsPerSecond": 4, "curve": [{"requestsPerSecond": 2, "meanLatencySeconds": 0.5}]}]}
            """;

    static final String WORKFLOWS = """
            {"workflows": [{"name": "w", "executions": 200, "targetPerSecond": 2, "weight": 1, "otherSeconds": 0.25, "latencyLimitSeconds": 1000,
               "endToEndSeconds": {"mean": 6.1, "p50": 5, "p95": 14.2, "p99": 20.9}, "requiredExecutions": 30, "service": "shop",
               "skippedExecutions": 0, "trimmedExecutions": 0, "models": [
               {"model": "a", "callsPerExecution": 3, "parallelism": 1.5, "sequentialCalls": 2, "executionShare": 0.6, "meanCallSeconds": 1.9, "concurrentCalls": 1.5,
                 "demandSeconds": 3.5, "demandShare": 0.6,
                 "engineSeconds": {"calls": 10, "queue": 0.1, "prefill": 0.2, "decode": 1.5},
                 "inputTokens": {"mean": 900, "p99": 4000}, "outputTokens": {"mean": 100, "p99": 700}},
               {"model": "b", "callsPerExecution": 0.5, "executionShare": 0.05},
               {"model": "c", "callsPerExecution": 0.25, "executionShare": 0.05, "interval95": {"callsPerExecution": [0.2, 0.3], "sequentialCalls": [0.2, 0.3], "parallelism": [1, 1.1], "executionShare": [0.04, 0.06]}},
               {"model": "api", "callsPerExecution": 2, "parallelism": 2, "executionShare": 0.3, "meanCallSeconds": 4}]}],
             "incompleteExecutions": {"rootMissing": 3}}
            """;

    static final String PLAN = """
            {"objectiveSeconds": 4.21, "lowerBoundSeconds": 4.21, "optimalityGap": 0.0, "quantile": 0.9,
             "allocations": [
               {"model": "a", "gpu": "H100-SXM-80GB", "gpuFraction": 1, "tensorParallel": 2, "replicas": 1, "memoryGiBPerGpu": 60},
               {"model": "b", "gpu": "G", "gpuFraction": 0.3333333333333333, "tensorParallel": 1, "replicas": 1, "memoryGiBPerGpu": 12}],
             "placements": [{"model": "a", "replica": 0, "node": "n", "gpus": [0, 1]}, {"model": "b", "replica": 0, "node": "k", "gpus": [2]}],
             "predictions": [{"workflow": "w", "targetPerSecond": 2.0, "latencySeconds": 4.21, "maxThroughputPerSecond": 2.8, "bottleneck": "a"}],
             "gpusUsed": 2.3333, "largestFreeGroup": 2,
             "goal": {"objective": "latency", "value": 4.21, "bound": 4.21, "gap": 0}}
            """;

    private static final String SERVE = """
            {"models": "models.yaml", "access": {"tokens": "own-tokens.txt", "hosts": ["a.example"]},
             "cluster": {"file": "cluster.yaml", "kubernetes": {"namespace": "n"}},
             "statistics": {"window": "24h", "samplingRatio": 0.5}, "targets": {"w": {"perSecond": 2}, "default": {"bin": "5m"}},
             "replan": {"mode": "propose", "cooldown": "30m", "quietHours": [{"days": "mon-fri", "from": "08:00", "to": "18:00", "zone": "Europe/Berlin"}]}}
            """;

    private static final String CONFIG = """
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
             "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 128256, "max_position_embeddings": 131072,
             "tie_word_embeddings": false, "torch_dtype": "bfloat16", "sliding_window": null, "rope_scaling": {"factor": 8.0, "rope_type": "llama3"}}
            """;

    private static final String MOE_CONFIG = """
            {"model_type": "qwen3_moe", "text_config": {"model_type": "qwen3_moe", "hidden_size": 2048, "intermediate_size": 6144, "moe_intermediate_size": 768,
             "num_hidden_layers": 48, "num_attention_heads": 32, "num_key_value_heads": 4, "head_dim": 128, "num_experts": 128, "num_experts_per_tok": 8,
             "vocab_size": 151936, "max_position_embeddings": 40960, "sliding_window": 1024, "use_sliding_window": false},
             "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}}
            """;

    private static final String ROWS = """
            model,gpu,engine,weightPrecision,tensorParallel,inputTokens,outputTokens,concurrency,gpuFraction,ttftMillis,tpotMillis,maxNumSeqs
            Llama-3.1-8B,H100-SXM-80GB,vllm,bf16,1,1000,200,8,1,60,8.1,256
            Llama-3.1-8B,H100-SXM-80GB,vllm,fp8,2,500,100,16,1,45,6.5,
            "Qwen2.5-7B",A100-SXM-80GB,trtllm,bf16,1,2000,300,4,0.5,190,14.9,128
            """;

    private FuzzFiles() {}

    /** All of them; {@code work} is the folder where what they name lies when it is changed. */
    static Map<String, byte[]> all(Path work) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        text(files, "cluster.yaml", CLUSTER);
        text(files, "models.yaml", MODELS);
        text(files, "profiles.yaml", PROFILES);
        text(files, "workflows.json", WORKFLOWS);
        text(files, "plan.json", PLAN);
        text(files, "serve.yaml", SERVE);
        text(files, "config.json", CONFIG);
        text(files, "moe.json", MOE_CONFIG);
        text(files, "rows.csv", ROWS);
        text(
                files,
                "models-config.yaml",
                MODELS.replace(
                        "\"architecture\": \"Llama-3.1-8B\"", "\"config\": \"" + work.resolve("config.json") + "\""));
        text(files, "cluster-block.yaml", """
                # the hardware
                racks:
                  - name: rack-1
                    nodes:
                      - {name: node-1, gpu: H100-SXM-80GB, gpus: 8, domainSize: 8, sharing: {mode: mps, step: 0.1}}
                      - &two {name: node-2, gpu: A100-SXM-80GB, gpus: 4}
                """);
        text(files, "models-block.yaml", """
                models:
                  - name: a               # as requests name it
                    architecture: Qwen3-32B
                    maxModelLength: 32768
                    tensorParallel: [1, 2, 4]
                  - name: b
                    architecture: Llama-3.1-8B
                    aliases: [c]
                  - name: api
                    external: true
                """);
        text(files, "profiles-block.yaml", """
                # measured by hand
                profiles:
                  - model: a
                    gpu: H100-SXM-80GB
                    tensorParallel: 2
                    curve:
                      - {requestsPerSecond: 0.5, meanLatencySeconds: 1.20}
                      - {requestsPerSecond: 5.5, meanLatencySeconds: 2.90}
                """);
        text(
                files,
                "workflows-tokens.json",
                WORKFLOWS
                        .replace(
                                "\"callsPerExecution\": 0.5",
                                "\"callsPerExecution\": 0.5, \"inputTokens\": {\"mean\": 10}, \"outputTokens\": {\"mean\": 10}")
                        .replace(
                                "\"callsPerExecution\": 0.25",
                                "\"callsPerExecution\": 0.25, \"inputTokens\": {\"mean\": 10}, \"outputTokens\": {\"mean\": 10}"));
        for (String name : List.of(
                "vllm-rate-1.json",
                "vllm-rate-8.json",
                "vllm-rate-16.json",
                "vllm-clients.jsonl",
                "aiperf.json",
                "curve.csv",
                "guidellm.json")) {
            files.put(
                    name,
                    Files.readAllBytes(
                            RESOURCES.resolve("dev/scepsy/planner/benchmark").resolve(name)));
        }
        files.put("research.jsonl", Files.readAllBytes(RESOURCES.resolve("traces/research.jsonl")));
        for (String name : List.of(
                "traces/collector-0.164",
                "frameworks/lg-genai-langchain",
                "frameworks/haystack-openinference",
                "frameworks/openai-v2-rooted")) {
            byte[] packed = Files.readAllBytes(RESOURCES.resolve(name + ".jsonl.gz"));
            files.put(
                    Path.of(name).getFileName() + ".jsonl",
                    new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes());
        }
        text(
                files,
                "replayed.jsonl",
                new String(files.get("research.jsonl"), StandardCharsets.UTF_8)
                        .replace("\"planner\"", "\"a\"")
                        .replace("\"generator\"", "\"b\""));
        text(
                files,
                "pretty.json",
                FuzzTree.of(new String(files.get("research.jsonl"), StandardCharsets.UTF_8)
                                .lines()
                                .findFirst()
                                .orElseThrow())
                        .toString()
                        .replace("{", "{\n  ")
                        .replace("}", "\n}"));
        return files;
    }

    private static void text(Map<String, byte[]> files, String name, String text) {
        files.put(name, text.getBytes(StandardCharsets.UTF_8));
    }
}
