package dev.scepsy.planner.platform;

import static dev.scepsy.planner.platform.PlacedPlans.files;
import static dev.scepsy.planner.platform.PlacedPlans.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.profile.Adapter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What a plan becomes on Ray Serve, and what of plans it has no words for. */
class RayApplicationsTest {

    private static JsonNode application(PlacedPlan plan, int number) {
        String text = files(RayServePlatform.offline().render(plan)).files().get("serve.yaml");
        return new ObjectMapper()
                .<JsonNode>valueToTree(new Load(LoadSettings.builder().build()).loadFromString(text))
                .path("applications")
                .path(number);
    }

    private static List<String> reasons(PlacedPlan plan) {
        return refused(RayServePlatform.offline().render(plan)).reasons();
    }

    @Test
    void anApplicationHasTheEnginesArgumentsAsKeywords() {
        JsonNode application = application(
                PlacedPlans.onMps()
                        .arguments(
                                "critic",
                                "--enable-auto-tool-choice",
                                "--tool-call-parser=hermes",
                                "--no-enable-prefix-caching",
                                "--seed",
                                "7",
                                "--compilation-config",
                                "{\"level\": 3}")
                        .with("critic", 0.5, "node-1:0", "node-1:1")
                        .placed(),
                0);
        assertThat(application.path("name").asText()).isEqualTo("scepsy-critic");
        assertThat(application.path("import_path").asText()).isEqualTo("ray.serve.llm:build_openai_app");
        JsonNode config = application.at("/args/llm_configs/0");
        assertThat(config.at("/model_loading_config/model_id").asText()).isEqualTo("critic");
        assertThat(config.path("accelerator_type").asText()).isEqualTo("A100");
        assertThat(config.path("engine_kwargs"))
                .hasToString("{\"tensor_parallel_size\":1,\"gpu_memory_utilization\":0.48,\"kv_cache_memory_bytes\":"
                        + config.at("/engine_kwargs/kv_cache_memory_bytes").asLong()
                        + ",\"max_model_len\":8192,\"enable_auto_tool_choice\":true,\"tool_call_parser\":\"hermes\","
                        + "\"enable_prefix_caching\":false,\"seed\":7,\"compilation_config\":{\"level\":3}}");
        assertThat(config.at("/placement_group_config"))
                .hasToString("{\"bundle_per_worker\":{\"GPU\":0.5,\"CPU\":1},\"strategy\":\"STRICT_PACK\"}");
        assertThat(config.at("/deployment_config/num_replicas").asInt()).isEqualTo(2);
        assertThat(config.at("/runtime_env/env_vars/CUDA_MPS_ACTIVE_THREAD_PERCENTAGE")
                        .asText())
                .isEqualTo("50");
    }

    @Test
    void wholeGpusAreWholeBundlesWithoutMps() {
        JsonNode config = application(
                        PlacedPlans.onMps().with("large", 1, "node-1:0,1").placed(), 0)
                .at("/args/llm_configs/0");
        assertThat(config.at("/placement_group_config/bundle_per_worker/GPU").asInt())
                .isEqualTo(1);
        assertThat(config.at("/engine_kwargs/tensor_parallel_size").asInt()).isEqualTo(2);
        assertThat(config.at("/runtime_env/env_vars").has("CUDA_MPS_PIPE_DIRECTORY"))
                .isFalse();
    }

    @Test
    void enginesThatMeasureMemoryAtTheirStartAreRefusedOnPartsOfGpusOnly() {
        PlacedPlans plans = PlacedPlans.onMps().model(PlacedPlans.served("embedder", "bge-m3"));
        assertThat(reasons(plans.with("embedder", 0.2, "node-1:0").placed()))
                .singleElement()
                .asString()
                .contains("(embedder) measure the free memory", "no order of starts");
        assertThat(application(
                                PlacedPlans.onMps()
                                        .model(PlacedPlans.served("embedder", "bge-m3"))
                                        .with("embedder", 1, "node-1:0")
                                        .placed(),
                                0)
                        .isMissingNode())
                .isFalse();
    }

    @Test
    void theLargerOfTheTwoSharesIsCounted() {
        PlacedPlan plan = PlacedPlans.onMps()
                .withMemory("critic", 0.3, 48, "node-1:0")
                .withMemory("judge", 0.4, 24, "node-1:0")
                .placed();
        assertThat(application(plan, 0)
                        .at("/args/llm_configs/0/placement_group_config/bundle_per_worker/GPU")
                        .asDouble())
                .isEqualTo(0.6);
        PlacedPlan crowded = PlacedPlans.onMps()
                .withMemory("critic", 0.3, 48, "node-1:0")
                .withMemory("judge", 0.7, 24, "node-1:0")
                .placed();
        assertThat(reasons(crowded)).singleElement().asString().contains("The engines on node-1 GPU 0 take 1.3 of it");
    }

    @Test
    void sharesOfSeveralGpusAreRefused() {
        assertThat(reasons(PlacedPlans.onMps().with("large", 0.5, "node-1:0,1").placed()))
                .singleElement()
                .asString()
                .contains("may put two such shares on one GPU");
    }

    @Test
    void otherEnginesAliasesAdaptersAndOddArgumentsAreRefusedTogether() {
        PlacedPlan plan = PlacedPlans.onMps()
                .model(PlacedPlans.served("critic", "Qwen3-8B").toBuilder()
                        .aliases(List.of("judge"))
                        .adapters(List.of(new Adapter("sql", "org/sql", 16)))
                        .build())
                .arguments("critic", "-O3")
                .model(PlacedPlans.served("other", "Qwen3-8B").toBuilder()
                        .engine("sglang")
                        .build())
                .with("critic", 1, "node-1:0")
                .with("other", 1, "node-1:1")
                .placed();
        assertThat(reasons(plan))
                .hasSize(4)
                .anyMatch(reason -> reason.contains("aliases (judge)"))
                .anyMatch(reason -> reason.contains("has adapters"))
                .anyMatch(reason -> reason.contains("(-O3)"))
                .anyMatch(reason -> reason.contains("served by sglang"));
    }

    @Test
    void gpuTypesThatRayCallsAlikeOrNotAtAllAreRefusedWhereItMatters() {
        assertThat(application(
                                PlacedPlans.onMps()
                                        .gpu("MI300X")
                                        .with("critic", 1, "node-1:0")
                                        .placed(),
                                0)
                        .at("/args/llm_configs/0")
                        .has("accelerator_type"))
                .isFalse();
        assertThat(application(
                                PlacedPlans.onMps()
                                        .gpu("H100-SXM-80GB")
                                        .with("critic", 1, "node-1:0")
                                        .placed(),
                                0)
                        .at("/args/llm_configs/0/accelerator_type")
                        .asText())
                .isEqualTo("H100");
        assertThat(application(
                                PlacedPlans.onMps()
                                        .gpu("L40S")
                                        .with("critic", 1, "node-1:0")
                                        .placed(),
                                0)
                        .at("/args/llm_configs/0/accelerator_type")
                        .asText())
                .isEqualTo("L40S");
    }
}
