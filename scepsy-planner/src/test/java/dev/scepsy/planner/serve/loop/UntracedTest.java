package dev.scepsy.planner.serve.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.serve.settings.ServeSettings.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Engines that answer what no span tells of. */
class UntracedTest {

    @TempDir
    Path folder;

    @Test
    void whatAnswersRequestsWithoutSpansIsNamedAliasesAreNot() throws IOException {
        Path models = folder.resolve("models.yaml");
        Files.writeString(models, """
                models:
                  - {name: critic, architecture: Qwen2.5-7B, aliases: [org/critic-v2]}
                  - {name: summariser, architecture: Qwen2.5-7B}
                  - {name: idle, architecture: Qwen2.5-7B}
                """);
        Problems problems =
                new Problems(Examples.settings(models, Optional.empty(), Mode.PROPOSE, 8, List.of()), Map::of);
        FakeLoads loads = new FakeLoads();
        loads.finished = Map.of("critic", 2.0, "summariser", 0.5, "idle", 0.0);
        assertThat(Untraced.models(
                        loads,
                        List.of(Examples.workflow(
                                "triage", OptionalDouble.empty(), 5, 40, Map.of("org/critic-v2", 1.0))),
                        problems))
                .singleElement()
                .asString()
                .startsWith("Engines of model (summariser) finish 0.5 requests/s that no span tells of");
    }
}
