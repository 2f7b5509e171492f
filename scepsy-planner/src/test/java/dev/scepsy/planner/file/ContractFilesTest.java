package dev.scepsy.planner.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.MeasuredCurve;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.share.WorkflowStatistics;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Sharing;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract's example files mean what the contract says. */
class ContractFilesTest {

    @TempDir
    Path folder;

    @Test
    void readsTheCluster() {
        ClusterFile.Described cluster = ClusterFile.read(
                        ContractExamples.file(folder, "cluster.yaml", ContractExamples.CLUSTER), Catalogue.builtIn())
                .legalValue()
                .orElseThrow();

        Node node = cluster.cluster().nodes().get(0);
        assertThat(node.name()).isEqualTo("node-1");
        assertThat(node.gpu().memoryGiB()).isEqualTo(80);
        assertThat(node.gpus()).isEqualTo(8);
        assertThat(node.sharing()).isEqualTo(new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(0.1), false));
        assertThat(cluster.facts()).containsOnlyKeys("H100-SXM-80GB");
    }

    @Test
    void readsTheModels() {
        List<ServedModel> models = ModelsFile.read(
                        ContractExamples.file(folder, "models.yaml", ContractExamples.MODELS), Catalogue.builtIn())
                .legalValue()
                .orElseThrow()
                .models();

        assertThat(models).extracting(ServedModel::name).containsExactly("generator", "gpt-hosted");
        assertThat(models.get(0).tensorParallel()).containsExactlyInAnyOrder(1, 2, 4);
        assertThat(models.get(0).maxReplicas()).hasValue(8);
        assertThat(models.get(0).aliases()).containsExactly("org/generator-v2");
        assertThat(models.get(1).external()).isTrue();
    }

    @Test
    void readsTheProfiles() {
        MeasuredProfile profile = ProfilesFile.read(
                        ContractExamples.file(folder, "profiles.yaml", ContractExamples.PROFILES))
                .legalValue()
                .orElseThrow()
                .get(0);

        MeasuredCurve curve = profile.curve(80);
        assertThat(curve.memoryGiBPerGpu()).isEqualTo(60);
        assertThat(curve.saturationRequestsPerSecond()).isEqualTo(6);
        assertThat(curve.meanLatencySeconds(0.1)).isEqualTo(1.2);
        assertThat(curve.meanLatencySeconds(6)).isEqualTo(2.9);
    }

    @Test
    void readsTheWorkflows() {
        WorkflowStatistics rag = WorkflowsFile.read(
                        ContractExamples.file(folder, "workflows.json", ContractExamples.WORKFLOWS))
                .legalValue()
                .orElseThrow()
                .get(0);

        assertThat(rag.targetPerSecond()).hasValue(2);
        assertThat(rag.models()
                        .get(0)
                        .interval95()
                        .orElseThrow()
                        .parallelism()
                        .orElseThrow()
                        .high())
                .isEqualTo(1.7);
    }

    @Test
    void writesTheWorkflowsAsTheyWereRead() {
        Path first = ContractExamples.file(folder, "workflows.json", ContractExamples.WORKFLOWS);
        List<WorkflowStatistics> workflows =
                WorkflowsFile.read(first).legalValue().orElseThrow();

        String written = WorkflowsFile.toJson(workflows, Map.of("rootMissing", 3L));

        Path second = ContractExamples.file(folder, "again.json", written);
        assertThat(WorkflowsFile.read(second).legalValue()).contains(workflows);
        assertThat(written.replaceAll("\\s", "").replace(".0", ""))
                .isEqualTo(ContractExamples.WORKFLOWS.replaceAll("\\s", "").replace(".0", ""));
    }

    @Test
    void writesThePlanAsItWasRead() {
        Plan plan = PlanFile.read(ContractExamples.file(folder, "plan.json", ContractExamples.PLAN))
                .legalValue()
                .orElseThrow();

        assertThat(PlanFile.toJson(plan).replaceAll("\\s", "")).isEqualTo(ContractExamples.PLAN.replaceAll("\\s", ""));
    }
}
