package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class IntentJsonTest {

    private static Intent intent(OptionalDouble costPerHour) {
        GpuType type = new GpuType(Plans.A100.name(), 80, costPerHour);
        Cluster cluster = new Cluster(List.of(new Rack("rack-1", List.of(new Node("node-1", type, 2, 2, Plans.MPS)))));
        Plans plans = new Plans().with("critic", 0.4, 1, "node-1:0", "node-1:1");
        return Intent.of(plans.plan(), plans.models(), cluster, ServingOptions.DEFAULT);
    }

    @Test
    void readsWhatItWrote() {
        Intent intent = intent(OptionalDouble.empty());
        assertThat(IntentJson.read(IntentJson.write(intent))).isEqualTo(intent);
    }

    @Test
    void keepsEverythingButWhatTheGpusCost() {
        assertThat(IntentJson.read(IntentJson.write(intent(OptionalDouble.of(2.5)))))
                .isEqualTo(intent(OptionalDouble.empty()));
    }
}
