package dev.scepsy.planner.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What all platforms are given: names, ports and the order of starts. */
class PlacedPlanTest {

    private static List<List<String>> waves(PlacedPlan plan, String node) {
        return PlacedPlan.waves(plan.byNode().get(node)).stream()
                .map(wave -> wave.stream().map(PlannedEngine::name).toList())
                .toList();
    }

    @Test
    void enginesThatShareAGpuStartOneAfterTheOtherAndOthersTogether() {
        PlacedPlan plan = PlacedPlans.onMps()
                .with("a", 0.3, "node-1:0", "node-1:1")
                .with("b", 0.3, "node-1:0")
                .with("c", 0.2, "node-1:0,1")
                .with("d", 1, "node-1:2")
                .placed();
        assertThat(waves(plan, "node-1")).containsExactly(List.of("a-0", "a-1", "d-0"), List.of("b-0"), List.of("c-0"));
    }

    @Test
    void portsAreUniqueOnEachNode() {
        PlacedPlan plan = PlacedPlans.onMps()
                .node("node-2", PlacedPlans.MPS)
                .with("a", 0.3, "node-1:0", "node-2:1", "node-1:2")
                .with("b", 0.3, "node-1:0")
                .placed();
        assertThat(plan.engines())
                .extracting(PlannedEngine::name, engine -> engine.node().name(), PlannedEngine::port)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("a-0", "node-1", 8000),
                        org.assertj.core.groups.Tuple.tuple("a-2", "node-1", 8001),
                        org.assertj.core.groups.Tuple.tuple("b-0", "node-1", 8002),
                        org.assertj.core.groups.Tuple.tuple("a-1", "node-2", 8000));
    }

    @Test
    void namesThatWouldFallTogetherStayApart() {
        assertThat(PlacedPlan.name("Qwen/Qwen3", 0))
                .startsWith("qwen-qwen3-")
                .isNotEqualTo(PlacedPlan.name("qwen-qwen3", 0));
        assertThat(PlacedPlan.name("qwen-qwen3", 0)).isEqualTo("qwen-qwen3-0");
        assertThat(PlacedPlan.name("x".repeat(200), 11))
                .hasSizeLessThanOrEqualTo(63)
                .endsWith("-11");
        assertThat(PlacedPlan.name("7b", 0)).startsWith("m-7b-");
    }

    @Test
    void theGpusAreThoseOfThePlanAlsoWhereKubernetesWouldPickThem() {
        PlacedPlan plan = new PlacedPlans()
                .node("node-1", new dev.scepsy.planner.topology.Sharing.Exclusive())
                .with("a", 1, "node-1:3,2")
                .placed();
        assertThat(plan.intent().engines().get(0).gpus()).isEmpty();
        assertThat(plan.engines().get(0).gpus()).containsExactly(2, 3);
    }
}
