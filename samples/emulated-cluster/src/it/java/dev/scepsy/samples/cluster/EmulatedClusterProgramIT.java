package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as users start it. */
class EmulatedClusterProgramIT {

    private static final String CLUSTER = """
            racks:
              - name: rack-1
                nodes:
                  - {name: node-1, gpu: A100-SXM-80GB, gpus: 2, sharing: {mode: mps, step: 0.1}}
            """;

    private static final String MODELS = """
            models:
              - {name: generator, architecture: Llama-3.1-8B, weightPrecision: bf16}
            """;

    @TempDir
    private Path folder;

    @Test
    void itSaysWhereItListensAndServes() throws Exception {
        Process process = start(CLUSTER, MODELS, "--time-scale", "10");
        try (BufferedReader out = process.inputReader()) {
            String api = lastWord(out.readLine());
            String gateway = lastWord(out.readLine());
            try (KubernetesClient client = new KubernetesClientBuilder()
                    .withConfig(new ConfigBuilder()
                            .withMasterUrl(api)
                            .withNamespace("default")
                            .build())
                    .build()) {
                assertThat(client.nodes().withName("node-1").get().getStatus().getAllocatable())
                        .containsKey("nvidia.com/gpu");
                Engines.serve(client, "generator", "0.5", 1);
            }
            HttpResponse<String> models = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(gateway + "/models"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(models.body()).contains("\"generator\"");
        } finally {
            process.destroy();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void wrongFilesAreReportedTogether() throws Exception {
        Process process = start(CLUSTER.replace("gpus: 2", "gpus: 0"), MODELS.replace("bf16", "bf17"));
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).isEqualTo(2);
        assertThat(err).contains("cluster.yaml:4", "models.yaml:2");
    }

    private Process start(String cluster, String models, String... more) throws IOException {
        Path clusterFile = Files.writeString(folder.resolve("cluster.yaml"), cluster);
        Path modelsFile = Files.writeString(folder.resolve("models.yaml"), models);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                Path.of("target", "emulated-cluster.jar").toAbsolutePath().toString(),
                "--cluster",
                clusterFile.toString(),
                "--models",
                modelsFile.toString()));
        command.addAll(List.of(more));
        return new ProcessBuilder(command).start();
    }

    private static String lastWord(String line) {
        return line.substring(line.lastIndexOf(' ') + 1);
    }
}
