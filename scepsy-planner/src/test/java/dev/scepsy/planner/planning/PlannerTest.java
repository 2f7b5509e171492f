package dev.scepsy.planner.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.planner.allocation.Objective;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.file.ProfilesFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.file.WorkflowsFile;
import dev.scepsy.planner.problem.PipelineForm;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.search.explain.WhatIf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The door, as a user of the library opens it. */
class PlannerTest {

    @TempDir
    Path folder;

    /**
     * Two GPUs; {@code a} takes 0.5 s alone and is called twice, {@code b} 1 s and once, both on a whole GPU: the least latency is
     * 2 · 0.5 + 1 = 2 s, and there is one way to place it.
     */
    private Planner planner(double targetPerSecond) throws IOException {
        Path cluster = write("cluster.yaml", """
                racks: [{name: r, nodes: [{name: n1, gpu: X, gpus: 2, memoryGiB: 80}]}]
                """);
        Path models = write("models.yaml", "models: [{name: a}, {name: b}]");
        Path profiles = write("profiles.yaml", """
                profiles:
                  - {model: a, gpu: X, curve: [{requestsPerSecond: 0, meanLatencySeconds: 0.5}], saturationRequestsPerSecond: 10}
                  - {model: b, gpu: X, curve: [{requestsPerSecond: 0, meanLatencySeconds: 1}], saturationRequestsPerSecond: 10}
                """);
        Path workflows = write(
                "workflows.json",
                "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": " + targetPerSecond + ", \"models\": ["
                        + "{\"model\": \"a\", \"callsPerExecution\": 2}, {\"model\": \"b\", \"callsPerExecution\": 1}]}]}");
        return Planner.of(new ProblemAssembly(
                ClusterFile.read(cluster, Catalogue.builtIn()),
                ModelsFile.read(models, Catalogue.builtIn()),
                ProfilesFile.read(profiles),
                WorkflowsFile.read(workflows),
                Map.of(),
                PipelineForm.CRITICAL_PATH));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @Test
    void aPlanComesWithItsExplanationAndIsWrittenAsItsFile() throws IOException {
        List<Stage> stages = new ArrayList<>();

        PlanningResult result = planner(1)
                .plan(
                        PlanningOptions.builder()
                                .whatIfs(Map.of("twice", new WhatIf.ScaledLoad(2)))
                                .build(),
                        stages::add);

        assertThat(result).isInstanceOfSatisfying(PlanningResult.Planned.class, planned -> {
            assertThat(planned.plan().objectiveSeconds()).isEqualTo(2);
            assertThat(planned.plan().optimalityGap()).isZero();
            assertThat(planned.explanation().orElseThrow().models()).hasSize(2);
            assertThat(planned.effects().orElseThrow().failures()).hasSize(1);
            assertThat(planned.whatIfs()).containsOnlyKeys("twice");
        });
        assertThat(stages).containsExactly(Stage.TABULATING, Stage.SEARCHING, Stage.EXPLAINING);
        Path file = write("plan.json", result.toJson());
        assertThat(PlanFile.read(file).legalValue().orElseThrow().allocations())
                .isEqualTo(((PlanningResult.Planned) result).plan().allocations());
    }

    @Test
    void whereNothingFitsReasonsComeWithRemedies() throws IOException {
        PlanningResult result = planner(20).plan(PlanningOptions.standard());

        assertThat(result).isInstanceOfSatisfying(PlanningResult.NoPlan.class, none -> {
            assertThat(none.why().reasons()).isNotEmpty();
            assertThat(none.remedies()).isNotEmpty();
            assertThat(none.toJson()).contains("\"infeasible\"", "\"remedies\"");
        });
    }

    @Test
    void thePlanBeforeStaysWhereItIs() throws IOException {
        Planner planner = planner(1);
        PlanningResult.Planned first = (PlanningResult.Planned) planner.plan(PlanningOptions.standard());

        PlanningResult.Planned second = (PlanningResult.Planned) planner.plan(PlanningOptions.builder()
                .current(java.util.Optional.of(first.plan()))
                .build());

        assertThat(second.effects().orElseThrow().movement().orElseThrow().changed())
                .isZero();
        assertThat(second.plan().placements()).isEqualTo(first.plan().placements());
    }

    @Test
    void otherObjectivesSayWhatTheyReach() throws IOException {
        PlanningResult.Planned most = (PlanningResult.Planned) planner(1)
                .plan(PlanningOptions.builder().objective(Objective.THROUGHPUT).build());

        // 2 calls a second to a, of 10 · 0.85 it may take
        assertThat(most.plan().goal().orElseThrow().objective()).isEqualTo(Objective.THROUGHPUT);
        assertThat(most.plan().goal().orElseThrow().value())
                .isCloseTo(4.25, org.assertj.core.api.Assertions.within(1e-6));
    }

    @Test
    void aMalformedDescriptionIsToldAndNotPlanned() throws IOException {
        Planner planner = planner(-1);

        assertThat(planner.problem()).isInstanceOf(Reading.Malformed.class);
        assertThatThrownBy(() -> planner.plan(PlanningOptions.standard()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("targetPerSecond");
    }

    @Test
    void optionsOutOfRangeAreRefused() {
        refused(PlanningOptions.builder().maxUtilisation(0), "maxUtilisation (0.0)");
        refused(PlanningOptions.builder().quantile(OptionalDouble.of(1)), "quantile (1.0)");
        refused(PlanningOptions.builder().simulatedPlans(-1, 0), "simulatedPlans (-1)");
        refused(PlanningOptions.builder().latencyLimitSeconds(Map.of("w", 0.0)), "(w) is 0.0");
    }

    private static void refused(PlanningOptions.Builder options, String said) {
        assertThatThrownBy(options::build).hasMessageContaining(said);
    }

    @Test
    void whoWantsNoExplanationGetsTheSamePlanWithoutOne() throws IOException {
        Planner planner = planner(1);
        List<Stage> stages = new ArrayList<>();
        PlanningResult.Planned bare = (PlanningResult.Planned)
                planner.plan(PlanningOptions.builder().explained(false).build(), stages::add);

        assertThat(bare.explanation()).isEmpty();
        assertThat(bare.effects()).isEmpty();
        assertThat(stages).doesNotContain(Stage.EXPLAINING);
        assertThat(bare.toJson())
                .isEqualTo(planner.plan(PlanningOptions.standard()).toJson());
    }
}
