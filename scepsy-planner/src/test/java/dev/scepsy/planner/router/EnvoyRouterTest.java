package dev.scepsy.planner.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvoyRouterTest {

    private static RouterProgram program() {
        return RouterProgram.of(
                        Routing.of(
                                RouterSettings.DEFAULT.withKind(RouterKind.ENVOY),
                                List.of(
                                        new RoutedModel(
                                                "Org/Model-8B",
                                                "org-model",
                                                "org-model-engines",
                                                List.of("we\"ird 'n#me: é"),
                                                List.of("polite"),
                                                3),
                                        new RoutedModel("small", "small", "small-engines", List.of(), List.of(), 1))),
                        "models",
                        8000)
                .orElseThrow();
    }

    /** The whole of envoy.yaml, read by the program itself. NOT RUN where there is no Envoy. */
    @Test
    void envoyTakesItsConfiguration(@TempDir Path folder) throws Exception {
        Optional<String> envoy = RunningHaproxy.program("SCEPSY_ENVOY", "envoy");
        assumeTrue(envoy.isPresent(), "NOT RUN: there is no envoy on the path or in SCEPSY_ENVOY.");
        RunningHaproxy.write(program(), folder, "");
        Process process = new ProcessBuilder(
                        envoy.get(),
                        "--mode",
                        "validate",
                        "-c",
                        folder.resolve("envoy.yaml").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        assertThat(process.waitFor())
                .as(() -> {
                    try {
                        return Files.readString(folder.resolve("log"), StandardCharsets.UTF_8);
                    } catch (java.io.IOException unreadable) {
                        return unreadable.toString();
                    }
                })
                .isZero();
    }

    @Test
    void everyNameOfAModelLeadsToItsEngines() {
        String text = program().files().get("envoy.yaml");
        assertThat(text)
                .contains("org-model-engines.models.svc.cluster.local", "small-engines.models.svc.cluster.local");
        assertThat(text.split("cluster: org-model\n", -1))
                .as("three names and the host name")
                .hasSize(5);
    }
}
