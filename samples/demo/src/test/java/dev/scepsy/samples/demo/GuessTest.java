package dev.scepsy.samples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import java.util.List;
import org.junit.jupiter.api.Test;

class GuessTest {

    @Test
    void dealsReplicasRoundRobinOverTheHalves() {
        Plan guess = Guess.of(List.of("f", "e", "d", "c", "b", "a"), "A100-SXM-80GB", 80, List.of("n1", "n2"), 2);

        assertThat(guess.allocations()).extracting(LlmAllocation::replicas).containsExactly(2, 2, 1, 1, 1, 1);
        assertThat(guess.allocations())
                .allSatisfy(
                        allocation -> assertThat(allocation.memoryGiBPerGpu()).isEqualTo(40));
        assertThat(guess.placements()).hasSize(8);
        assertThat(guess.placements().get(6).toString()).contains("model=a", "replica=1", "node=n2", "gpus=[1]");
        assertThat(guess.gpusUsed()).isEqualTo(4);
    }
}
