package dev.scepsy.planner.platform;

import static dev.scepsy.planner.platform.PlacedPlans.files;
import static dev.scepsy.planner.platform.PlacedPlans.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.topology.Sharing;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** {@code LLMInferenceService} objects: legal by the fields of the API, and what of plans they cannot hold. */
class KServePlatformTest {

    private static final ObjectMapper JSON =
            new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, true);

    private static final Sharing QUARTERS = new Sharing.EqualParts(Sharing.Mode.MPS, 4, false);

    private static JsonNode service(PlacedPlan plan, String file) {
        String text = files(new KServePlatform().render(plan)).files().get(file);
        return JSON.valueToTree(new Load(LoadSettings.builder().build()).loadFromString(text));
    }

    private static PlacedPlan whole() {
        return PlacedPlans.onMps()
                .node("node-2", PlacedPlans.MPS)
                .with("critic", 1, "node-1:0", "node-2:0")
                .with("large", 1, "node-1:2,3")
                .placed();
    }

    @Test
    void objectsHaveTheFieldsOfTheApiOnly() throws Exception {
        try (InputStream stream = Objects.requireNonNull(
                KServePlatformTest.class.getResourceAsStream("llminferenceservice.schema.json"))) {
            var schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(JSON.readTree(stream));
            for (String file :
                    files(new KServePlatform().render(whole())).files().keySet()) {
                JsonNode service = service(whole(), file);
                assertThat(schema.validate(service)).isEmpty();
                JsonNode template = service.at("/spec/template");
                PodSpec pod = JSON.treeToValue(template, PodSpec.class);
                assertThat(JSON.readTree(JSON.writeValueAsString(pod)))
                        .as("nothing was lost or unknown")
                        .isEqualTo(JSON.readTree(template.toString()));
                assertThat(pod.getAdditionalProperties()).isEmpty();
            }
        }
    }

    @Test
    void engineArgumentsAreThoseOfEveryPlatform() {
        PlacedPlan plan = whole();
        JsonNode spec = service(plan, "llminferenceservice-critic.yaml").path("spec");
        List<String> arguments = new ArrayList<>();
        spec.at("/template/containers/0/args").forEach(argument -> arguments.add(argument.asText()));
        assertThat(arguments)
                .isEqualTo(plan.byModel().get("critic").get(0).launch().arguments());
        assertThat(spec.path("replicas").asInt()).isEqualTo(2);
        assertThat(spec.at("/model/uri").asText()).isEqualTo("hf://Qwen/Qwen3-8B");
        assertThat(spec.at("/template/containers/0/resources/limits")).hasToString("{\"nvidia.com/gpu\":\"1\"}");
        assertThat(service(plan, "llminferenceservice-large.yaml")
                        .at("/spec/parallelism/tensor")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void replicasAreHeldToTheirNodesAndSpreadEvenly() {
        JsonNode spec = service(whole(), "llminferenceservice-critic.yaml").path("spec");
        assertThat(
                        spec.at(
                                "/template/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms"))
                .hasToString(
                        "[{\"matchFields\":[{\"key\":\"metadata.name\",\"operator\":\"In\",\"values\":[\"node-1\"]}]},"
                                + "{\"matchFields\":[{\"key\":\"metadata.name\",\"operator\":\"In\",\"values\":[\"node-2\"]}]}]");
        assertThat(spec.at("/template/topologySpreadConstraints/0/maxSkew").asInt())
                .isEqualTo(1);
        assertThat(service(whole(), "llminferenceservice-large.yaml")
                        .at("/spec/template")
                        .has("topologySpreadConstraints"))
                .isFalse();
    }

    @Test
    void unevenNodesUnequalPartsAndPathsAreRefusedTogether() {
        PlacedPlan plan = PlacedPlans.onMps()
                .node("node-2", PlacedPlans.MPS)
                .with("critic", 1, "node-1:0", "node-1:1", "node-2:0")
                .with("judge", 0.5, "node-2:1")
                .placed();
        assertThat(refused(new KServePlatform().render(plan)).reasons())
                .hasSize(2)
                .anyMatch(reason -> reason.contains("{node-1=2, node-2=1} replicas"))
                .anyMatch(reason -> reason.contains("Engine (judge-0) takes 0.5 of GPU 1 of node (node-2)"));
    }

    @Test
    void equalPartsOfTheDevicePluginAreAskedFor() {
        PlacedPlan plan = new PlacedPlans()
                .node("node-1", QUARTERS)
                .with("critic", GpuFraction.oneOf(4).toDouble(), "node-1:0", "node-1:1")
                .placed();
        assertThat(service(plan, "llminferenceservice-critic.yaml").at("/spec/template/containers/0/resources/limits"))
                .hasToString("{\"nvidia.com/gpu.shared\":\"1\"}");
        PlacedPlan measuring = new PlacedPlans()
                .node("node-1", QUARTERS)
                .model(PlacedPlans.served("embedder", "bge-m3"))
                .with("embedder", 0.25, "node-1:0", "node-1:0")
                .placed();
        assertThat(refused(new KServePlatform().render(measuring)).reasons())
                .singleElement()
                .asString()
                .contains("no order of starts");
    }
}
