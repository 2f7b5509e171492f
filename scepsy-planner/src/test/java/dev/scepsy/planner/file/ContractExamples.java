package dev.scepsy.planner.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** The files that the contract shows, letter for letter, and ways to read a text as a file. */
final class ContractExamples {

    static final String CLUSTER = """
            racks:
              - name: rack-1
                nodes:
                  - {name: node-1, gpu: H100-SXM-80GB, gpus: 8, domainSize: 8, sharing: {mode: mps, step: 0.1}}
            """;

    static final String MODELS = """
            models:
              - name: generator               # as requests name it
                architecture: Qwen3-32B       # catalogue key, or `config:` path to a Hugging Face config.json
                weightPrecision: bf16         # fp32 bf16 fp8 int8 int4 fp4
                maxModelLength: 32768
                tensorParallel: [1, 2, 4]     # optional restriction
                minReplicas: 1
                maxReplicas: 8                # optional
                aliases: [org/generator-v2]   # optional: other names requests use for the same weights (dated or full names)
                adapters: [{name: generator-sql, source: org/sql-lora}]   # optional: LoRA, served by the engine; their calls count for the model
                engine: vllm                  # vllm (default), sglang, trtllm
              - name: gpt-hosted
                external: true                # an API model: no GPUs; its latency is the workflow's meanCallSeconds
            """;

    static final String PROFILES = """
            profiles:
              - model: generator
                gpu: H100-SXM-80GB
                tensorParallel: 2
                gpuFraction: 1.0
                memoryGiBPerGpu: 60           # optional; default gpuFraction x the GPU's memory
                saturationRequestsPerSecond: 6.0
                curve:
                  - {requestsPerSecond: 0.5, meanLatencySeconds: 1.20}
                  - {requestsPerSecond: 5.5, meanLatencySeconds: 2.90}
            """;

    static final String WORKFLOWS = """
            {"workflows": [{"name": "rag", "executions": 200, "targetPerSecond": 2.0, "weight": 1.0, "otherSeconds": 0.4,
              "endToEndSeconds": {"mean": 6.1, "p50": 5.0, "p95": 14.2, "p99": 20.9},
              "models": [{"model": "generator", "callsPerExecution": 3.2, "parallelism": 1.6, "sequentialCalls": 2.0, "executionShare": 0.81,
                          "meanCallSeconds": 1.9,
                          "inputTokens": {"mean": 900, "p99": 4000}, "outputTokens": {"mean": 180, "p99": 700},
                          "interval95": {"callsPerExecution": [3.0, 3.4], "parallelism": [1.5, 1.7], "sequentialCalls": [1.9, 2.1], "executionShare": [0.79, 0.83]}}]}],
             "incompleteExecutions": {"rootMissing": 3}}
            """;

    static final String PLAN = """
            {"objectiveSeconds": 4.21, "lowerBoundSeconds": 4.21, "optimalityGap": 0.0,
             "allocations": [{"model": "generator", "gpu": "H100-SXM-80GB", "gpuFraction": 1.0, "tensorParallel": 2, "replicas": 3, "memoryGiBPerGpu": 60.0}],
             "placements": [{"model": "generator", "replica": 0, "node": "node-1", "gpus": [0, 1]}],
             "predictions": [{"workflow": "rag", "targetPerSecond": 2.0, "latencySeconds": 4.21, "maxThroughputPerSecond": 2.8, "bottleneck": "generator"}],
             "gpusUsed": 6.0, "largestFreeGroup": 2}
            """;

    static final String SERVE = """
            listen: {otlpGrpc: "127.0.0.1:4317", otlpHttp: "127.0.0.1:4318", web: "127.0.0.1:8844"}
            forward: ["http://127.0.0.1:14318"]        # every accepted request is passed on as it came (Jaeger, a collector)
            cluster: {file: cluster.yaml, kubernetes: {namespace: models}}   # either or both: the file says racks, domains, sharing; the server what is there
            models: models.yaml
            profiles: profiles.yaml
            store: "jdbc:h2:file:./scepsy-data/scepsy" # or PostgreSQL; SCEPSY_STORE_USER, SCEPSY_STORE_PASSWORD or storePasswordFile; a password in the URL is refused
            statistics: {window: 24h, requiredExecutions: 30, settle: 10s, open: 15m, openExecutions: 100000, samplingRatio: 1}
            executions: {keep: 200}                    # per workflow, spans without content
            engines: {scrapeEvery: 5s, endpoints: []}  # [] = those of the cluster's own engines; else [{model, url}]
            targets: {research: {perSecond: 0.5, latencyLimitSeconds: 30}, default: {quantile: 0.95, bin: 5m, headroom: 1.2}}
            replan:
              mode: propose                            # observe | propose | apply
              triggers: {drift: true, queue: true, rate: true, cluster: true}
              minimumGain: 0.10                        # predicted, relative; below it nothing is proposed
              cooldown: 30m
              maximumMoves: 8                          # engines started or stopped per plan
              verify: {after: 10m, tolerance: 0.25, goBack: true}
              quietHours: [{days: mon-fri, from: "08:00", to: "18:00", zone: Europe/Berlin}]   # zone required; nothing is applied then, going back is
            notify: {webhook: "http://..."}            # JSON, no content, retried
            web: {traceLink: "http://jaeger/trace/{traceId}"}   # http and https only
            access: {tokens: tokens.txt, hosts: [scepsy.example], tls: {certificate: cert.pem, key: key.pem}}
            """;

    private ContractExamples() {}

    /** {@code serve} with the files that the contract's example names beside it. */
    static Path besideServe(Path serve) {
        Path folder = serve.toAbsolutePath().getParent();
        for (String name :
                List.of("models.yaml", "profiles.yaml", "cluster.yaml", "cert.pem", "key.pem", "tokens.txt")) {
            if (folder != null && !Files.exists(folder.resolve(name))) {
                Path made =
                        file(folder, name, name.equals("tokens.txt") ? "ops operator sha256:" + "0".repeat(64) : "x");
                try {
                    if (made.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return serve;
    }

    /** {@code text} in a file of {@code folder}. */
    static Path file(Path folder, String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
