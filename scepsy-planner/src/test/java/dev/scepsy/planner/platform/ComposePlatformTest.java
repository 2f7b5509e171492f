package dev.scepsy.planner.platform;

import static dev.scepsy.planner.platform.PlacedPlans.files;
import static dev.scepsy.planner.platform.PlacedPlans.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.scepsy.planner.cluster.EngineLaunch;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Compose files: legal by the Compose Specification's own schema, and what they say of engines. */
class ComposePlatformTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static JsonNode read(PlacedPlan plan) {
        String text = files(new ComposePlatform().render(plan)).files().get("compose.yaml");
        return JSON.valueToTree(new Load(LoadSettings.builder().build()).loadFromString(text));
    }

    private static JsonSchema schema() throws IOException {
        try (InputStream stream =
                Objects.requireNonNull(ComposePlatformTest.class.getResourceAsStream("compose-spec.json"))) {
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(JSON.readTree(stream));
        }
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(item -> texts.add(item.asText().replace("$$", "$")));
        return texts;
    }

    @Test
    void filesAreLegalByTheSpecificationsSchema() throws IOException {
        PlacedPlan shared = PlacedPlans.onMps()
                .arguments("critic", "--chat-template", "a \"$HOME\" \\ 'x'\n: - #")
                .with("critic", 0.5, "node-1:0", "node-1:1")
                .with("judge", 0.3, "node-1:0")
                .with("large", 1, "node-1:2,3")
                .placed();
        assertThat(schema().validate(read(shared))).isEmpty();
        JsonNode broken = read(shared);
        ((com.fasterxml.jackson.databind.node.ObjectNode) broken.at("/services/critic-0/healthcheck"))
                .put("intervall", "1s");
        assertThat(schema().validate(broken)).as("the schema refuses something").isNotEmpty();
    }

    @Test
    void aServiceIsItsEngineOnItsGpus() {
        PlacedPlan plan = PlacedPlans.onMps()
                .arguments("critic", "--chat-template", "a \"$HOME\" \\ 'x'\n: - #")
                .with("critic", 0.5, "node-1:0", "node-1:1")
                .with("judge", 0.3, "node-1:0")
                .with("large", 1, "node-1:2,3")
                .placed();
        EngineLaunch launch = plan.byModel().get("critic").get(0).launch();
        JsonNode services = read(plan).path("services");
        JsonNode critic = services.path("critic-1");
        assertThat(texts(critic.path("entrypoint"))).isEqualTo(launch.command());
        assertThat(texts(critic.path("command"))).isEqualTo(launch.arguments());
        assertThat(critic.path("image").asText()).isEqualTo(launch.image()).contains(":v");
        assertThat(critic.at("/deploy/resources/reservations/devices/0/device_ids"))
                .hasToString("[\"1\"]");
        assertThat(critic.at("/environment/CUDA_MPS_ACTIVE_THREAD_PERCENTAGE").asText())
                .isEqualTo("50");
        assertThat(critic.at("/environment/CUDA_MPS_PINNED_DEVICE_MEM_LIMIT").asText())
                .isEqualTo("0=40960M");
        assertThat(critic.path("ipc").asText()).isEqualTo("host");
        assertThat(critic.has("depends_on")).isFalse();
        assertThat(critic.at("/ports/0").asText()).isEqualTo("${SCEPSY_HOST:-127.0.0.1}:8001:8000");
        assertThat(texts(critic.at("/pre_stop/0/command")).get(3)).isEqualTo(EngineLaunch.drainProgram(8000));
        assertThat(services.at("/judge-0/depends_on"))
                .hasToString("{\"critic-0\":{\"condition\":\"service_healthy\"}}");

        JsonNode large = services.path("large-0");
        assertThat(large.at("/deploy/resources/reservations/devices/0/device_ids"))
                .hasToString("[\"2\",\"3\"]");
        assertThat(large.path("shm_size").asText()).isEqualTo("2gb");
        assertThat(large.has("ipc")).isFalse();
        assertThat(large.path("environment").has("CUDA_MPS_PIPE_DIRECTORY")).isFalse();
    }

    @Test
    void aPlanOverSeveralNodesIsRefusedWithTheWayOut() {
        PlacedPlan plan = PlacedPlans.onMps()
                .node("node-2", PlacedPlans.MPS)
                .with("critic", 0.5, "node-1:0", "node-2:0", "node-2:1")
                .placed();
        Rendering.Refused refused = refused(new ComposePlatform().render(plan));
        assertThat(refused.reasons()).singleElement().asString().contains("2 nodes (node-1 1, node-2 2)");
        assertThat(refused.remedies()).singleElement().asString().contains("--node NODE");
        assertThat(read(plan.on("node-2")).path("services")).hasSize(2);
    }

    @Test
    void whatTheHostHasToDoForMpsIsSaid() {
        assertThat(files(new ComposePlatform()
                                .render(PlacedPlans.onMps()
                                        .with("critic", 0.5, "node-1:0")
                                        .placed()))
                        .notes())
                .anyMatch(note -> note.contains("nvidia-cuda-mps-control -d"));
        assertThat(files(new ComposePlatform()
                                .render(PlacedPlans.onMps()
                                        .with("critic", 1, "node-1:0")
                                        .placed()))
                        .notes())
                .noneMatch(note -> note.contains("nvidia-cuda-mps-control"));
    }
}
