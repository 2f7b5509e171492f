package dev.scepsy.samples.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files that a service of {@link TestClusters} reads. */
final class ServiceFolder {

    /** Emulated seconds per real second, of {@link TestClusters} and of the service. */
    static final double TIME_SCALE = 10;

    private ServiceFolder() {}

    /** Writes {@code cluster.yaml} and {@code models.yaml}: sizes that leave room for moves. */
    static void write(Path folder) throws IOException {
        Files.writeString(folder.resolve("cluster.yaml"), """
                racks:
                  - name: rack-1
                    nodes:
                      - {name: node-1, gpu: A100-SXM-80GB, gpus: 2, sharing: {mode: mps}}
                      - {name: node-2, gpu: A100-SXM-80GB, gpus: 2, sharing: {mode: mps}}
                """);
        Files.writeString(folder.resolve("models.yaml"), """
                router: {kind: none}
                models:
                  - {name: generator, architecture: Llama-3.1-8B, tensorParallel: [1], gpuFractions: [0.4], maxReplicas: 2}
                  - {name: critic, architecture: Qwen2.5-7B, tensorParallel: [1], gpuFractions: [0.3], maxReplicas: 3}
                  - {name: embedder, architecture: bge-m3}
                """);
    }

    /** A configuration whose windows, in emulated time, fit a test. @param mode of replanning */
    static String yaml(String mode) {
        return """
                cluster: {file: cluster.yaml, kubernetes: {namespace: default}}
                models: models.yaml
                statistics: {window: 24h, settle: 5s, open: 5m}
                engines: {scrapeEvery: 5s}
                targets: {research: {perSecond: 2}}
                replan:
                  mode: %s
                  cooldown: 10s
                  minimumGain: 0.02
                  verify: {after: 10s, tolerance: 0.5, goBack: false}
                """.formatted(mode);
    }
}
