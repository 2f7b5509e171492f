package dev.scepsy.planner.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.search.choice.AllocationProblem;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only several files together show. */
class ProblemAssemblyTest {

    @TempDir
    Path folder;

    @Test
    void defaultsFillWhatAHandWrittenFileLeavesOut() {
        PlanningProblem problem = written().legal();

        assertThat(problem.demands())
                .containsExactly(new WorkflowDemand("w", 1, 1, 0, 0, List.of(new ModelCalls("a", 2, 2))));
        AllocationProblem.Candidate candidate = candidates(problem).get(0);
        assertThat(candidate.tensorParallel()).isEqualTo(1);
        assertThat(candidate.gpuFraction()).isEqualTo(GpuFraction.whole());
        assertThat(candidate.profile().memoryGiBPerGpu()).isEqualTo(80);
    }

    @Test
    void sequentialCallsDefaultToCallsOverParallelism() {
        PlanningProblem problem = written()
                .workflows(
                        "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": 1, \"otherSeconds\": 0.5, \"models\": ["
                                + "{\"model\": \"a\", \"callsPerExecution\": 6, \"parallelism\": 1.5}]}]}")
                .legal();

        assertThat(problem.demands().get(0).calls()).containsExactly(new ModelCalls("a", 6, 4));
        assertThat(problem.demands().get(0).otherSeconds()).isEqualTo(0.5);
    }

    @Test
    void thePublishedFormIgnoresSequentialCallsAndTimeOutsideModels() {
        PlanningProblem problem = written()
                .workflows(
                        "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": 1, \"otherSeconds\": 0.5, \"models\": ["
                                + "{\"model\": \"a\", \"callsPerExecution\": 6, \"parallelism\": 1.5, \"sequentialCalls\": 1}]}]}")
                .form(PipelineForm.PUBLISHED)
                .legal();

        assertThat(problem.demands().get(0).calls()).containsExactly(new ModelCalls("a", 6, 4));
        assertThat(problem.demands().get(0).fixedSeconds()).isZero();
    }

    @Test
    void aModelInSeveralRolesIsChargedRoleByRole() {
        String mixed = "{\"model\": \"a\", \"callsPerExecution\": 4, \"sequentialCalls\": 1.5,"
                + " \"inputTokens\": {\"mean\": 650}, \"outputTokens\": {\"mean\": 612.5}";
        String classes = ", \"callClasses\": ["
                + "{\"name\": \"planner\", \"callsPerExecution\": 1, \"sequentialCalls\": 1,"
                + " \"inputTokens\": {\"mean\": 2000}, \"outputTokens\": {\"mean\": 50}},"
                + "{\"name\": \"writer\", \"callsPerExecution\": 3, \"sequentialCalls\": 1,"
                + " \"inputTokens\": {\"mean\": 200}, \"outputTokens\": {\"mean\": 800}}]";
        String before = "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": 0.1, \"models\": [";
        WrittenProblem written = written()
                .models("models: [{name: a, architecture: Llama-3.1-8B}]")
                .profiles("profiles: []");

        PlanningProblem unsplit = written.workflows(before + mixed + "}]}]}").legal();
        PlanningProblem split =
                written.workflows(before + mixed + classes + "}]}]}").legal();

        assertThat(unsplit.demands().get(0).calls()).containsExactly(new ModelCalls("a", 4, 1.5));
        ModelCalls charged = split.demands().get(0).calls().get(0);
        assertThat(charged.callsPerExecution()).isEqualTo(4);
        // decoding dominates: a planner's call is about a tenth of the mean call, a writer's 1.3 of it
        assertThat(charged.sequentialCalls()).isBetween(1.3, 1.6);
    }

    @Test
    void classesThatAreNoPartsOfTheirModelAreReported() {
        assertThat(written()
                        .workflows("{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": 1, \"models\": ["
                                + "{\"model\": \"a\", \"callsPerExecution\": 4, \"meanCallSeconds\": 1, \"sequentialCalls\": 2,"
                                + " \"callClasses\": ["
                                + "{\"name\": \"x\", \"callsPerExecution\": 1, \"meanCallSeconds\": 1},"
                                + "{\"name\": \"x\", \"callsPerExecution\": 2, \"meanCallSeconds\": 1}]}]}]}")
                        .problems())
                .satisfiesExactlyInAnyOrder(
                        twice -> assertThat(twice).contains("class (x) is already given"),
                        calls -> assertThat(calls).contains("add up to 3.0", "are 4.0"),
                        path -> assertThat(path).contains("critical path", "3.0 s", "2.0 s"));
    }

    @Test
    void aCalledModelThatNobodyDescribesIsReportedWithBothRemedies() {
        assertThat(written().models("models: [{name: b}]").problems())
                .singleElement()
                .asString()
                .startsWith("workflows.json:1:")
                .contains("workflows[0].models[0].model", "(a)", "Describe it", "external: true");
    }

    @Test
    void problemsOfAllFilesComeTogether() {
        assertThat(written()
                        .cluster("racks: 3")
                        .models("models: [{nam: b}]")
                        .profiles("profiles: [{model: a}]")
                        .workflows("{\"workflows\": [{}]}")
                        .problems())
                .extracting(problem -> problem.substring(0, problem.indexOf(':')))
                .contains("cluster.yaml", "models.yaml", "profiles.yaml", "workflows.json");
    }

    @Test
    void aliasesAreTheModelTheyStandForAndMergeWithIt() {
        PlanningProblem problem = written()
                .models("models: [{name: a, aliases: [a-2026, org/a]}]")
                .profiles("profiles: [{model: org/a, gpu: G, curve: [{requestsPerSecond: 4, meanLatencySeconds: 1}]}]")
                .workflows("""
                        {"workflows": [{"name": "w", "targetPerSecond": 1, "models": [
                          {"model": "a", "callsPerExecution": 2, "parallelism": 1, "sequentialCalls": 2, "meanCallSeconds": 1},
                          {"model": "a-2026", "callsPerExecution": 2, "parallelism": 2, "sequentialCalls": 1, "meanCallSeconds": 3}]}]}
                        """)
                .legal();

        // path time 2·1 + 1·3 = 5 s in calls of (2·1 + 2·3)/4 = 2 s
        assertThat(problem.demands().get(0).calls()).containsExactly(new ModelCalls("a", 4, 2.5));
        assertThat(candidates(problem)).hasSize(1);
    }

    @Test
    void twoProfilesOfOneReplicaUnderTwoNamesAreReported() {
        assertThat(written()
                        .models("models: [{name: a, aliases: [b]}]")
                        .profiles("""
                                profiles:
                                  - {model: a, gpu: G, curve: [{requestsPerSecond: 4, meanLatencySeconds: 1}]}
                                  - {model: b, gpu: G, curve: [{requestsPerSecond: 4, meanLatencySeconds: 1}]}
                                """)
                        .problems())
                .singleElement()
                .asString()
                .startsWith("profiles.yaml:3:");
    }

    @Test
    void anExternalModelTakesItsMeanCallSecondsOnTheCriticalPath() {
        PlanningProblem problem = written()
                .models("models: [{name: a}, {name: api, external: true}]")
                .workflows("""
                        {"workflows": [{"name": "w", "targetPerSecond": 1, "models": [
                          {"model": "a", "callsPerExecution": 2},
                          {"model": "api", "callsPerExecution": 4, "parallelism": 2, "meanCallSeconds": 1.5}]}]}
                        """)
                .legal();

        assertThat(problem.demands().get(0).externalSeconds()).isCloseTo(3, within(1e-12));
        assertThat(problem.demands().get(0).calls())
                .extracting(ModelCalls::model)
                .containsExactly("a");
        assertThat(problem.usedModels()).extracting(model -> model.name()).containsExactly("a");
    }

    @Test
    void anExternalModelOfUnknownCallTimeIsReported() {
        assertThat(written().models("models: [{name: a, external: true}]").problems())
                .singleElement()
                .asString()
                .contains("meanCallSeconds", "workflows.json:1:");
    }

    @Test
    void aWorkflowWithoutTargetNeedsOneFromTheCommandLine() {
        WrittenProblem written = written()
                .workflows("{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": null, \"models\": []},"
                        + " {\"name\": \"v\", \"targetPerSecond\": null, \"models\":"
                        + " [{\"model\": \"a\", \"callsPerExecution\": 1}]}]}");

        assertThat(written.problems()).singleElement().asString().contains("--target v=RATE", "workflows[1]");
        assertThat(written.warnings()).anyMatch(warning -> warning.contains("(w) has no complete execution"));
        assertThat(written.target("v", 3).legal().demands())
                .singleElement()
                .extracting(WorkflowDemand::targetPerSecond)
                .isEqualTo(3.0);
    }

    @Test
    void aTargetForNoWorkflowIsReported() {
        assertThat(written().target("x", 3).problems())
                .singleElement()
                .asString()
                .contains("(x)", "[w]");
    }

    @Test
    void profilesThatNoNodeCanHostAreIgnoredWithAWarning() {
        WrittenProblem written = written()
                .node("domainSize: 2, sharing: {mode: mps, step: 0.25}")
                .profiles("""
                        profiles:
                          - {model: a, gpu: G, gpuFraction: 0.3, curve: [{requestsPerSecond: 4, meanLatencySeconds: 1}]}
                          - {model: a, gpu: G, tensorParallel: 4, curve: [{requestsPerSecond: 4, meanLatencySeconds: 1}]}
                          - {model: a, gpu: G, tensorParallel: 2, gpuFraction: 0.5, curve: [{requestsPerSecond: 4, meanLatencySeconds: 1}]}
                          - {model: nobody, gpu: G, curve: [{requestsPerSecond: 4, meanLatencySeconds: 1}]}
                          - {model: a, gpu: H1000, curve: [{requestsPerSecond: 4, meanLatencySeconds: 1}]}
                          - {model: a, gpu: H100-SXM-80GB, curve: [{requestsPerSecond: 4, meanLatencySeconds: 1}]}
                        """);

        assertThat(candidates(written.legal())).isEmpty();
        assertThat(written.warnings())
                .satisfiesExactly(
                        warning -> assertThat(warning)
                                .startsWith("profiles.yaml:2:")
                                .contains("grid"),
                        warning -> assertThat(warning)
                                .startsWith("profiles.yaml:3:")
                                .contains("domain"),
                        warning -> assertThat(warning)
                                .startsWith("profiles.yaml:4:")
                                .contains("tensorParallel: true"),
                        warning -> assertThat(warning)
                                .startsWith("profiles.yaml:5:")
                                .contains("nobody"),
                        warning -> assertThat(warning)
                                .startsWith("profiles.yaml:6:")
                                .contains("H1000"));
    }

    @Test
    void aFractionOfAWiderReplicaNeedsTheNodesConsent() {
        String profile = "profiles: [{model: a, gpu: G, tensorParallel: 2, gpuFraction: 0.5,"
                + " curve: [{requestsPerSecond: 4, meanLatencySeconds: 1}]}]";

        assertThat(candidates(written().profiles(profile).legal())).isEmpty();
        assertThat(candidates(written()
                        .node("sharing: {mode: mps, tensorParallel: true}")
                        .profiles(profile)
                        .legal()))
                .hasSize(1);
    }

    @Test
    void aDevicePluginsEqualPartsAreExactRatiosHoweverTheyAreRounded() {
        for (String written : List.of("0.33", "0.333", "0.3333333333333333")) {
            List<AllocationProblem.Candidate> candidates = candidates(written()
                    .node("sharing: {mode: time-slicing, replicas: 3}")
                    .profiles("profiles: [{model: a, gpu: G, gpuFraction: " + written
                            + ", curve: [{requestsPerSecond: 4, meanLatencySeconds: 1}]},"
                            + " {model: a, gpu: G, curve: [{requestsPerSecond: 4, meanLatencySeconds: 1}]}]")
                    .legal());

            assertThat(candidates)
                    .singleElement()
                    .extracting(AllocationProblem.Candidate::gpuFraction)
                    .isEqualTo(GpuFraction.oneOf(3));
        }
    }

    @Test
    void theEngineModelFillsEveryShapeTheClusterHosts() {
        PlanningProblem problem = written()
                .cluster(
                        "racks: [{name: r, nodes: [{name: n, gpu: H100-SXM-80GB, gpus: 4, sharing: {mode: mps, step: 0.5}}]}]")
                .models("models: [{name: a, architecture: Llama-3.1-8B}]")
                .profiles("profiles: [{model: a, gpu: H100-SXM-80GB, tensorParallel: 2, curve:"
                        + " [{requestsPerSecond: 4, meanLatencySeconds: 1}]}]")
                .workflows(tokens("\"inputTokens\": {\"mean\": 900}, \"outputTokens\": {\"mean\": 100}"))
                .legal();

        // 32 heads: t = 1, 2, 4; half a GPU only for t = 1; the measured curve stands for t = 2
        assertThat(candidates(problem))
                .extracting(candidate -> candidate.tensorParallel() + "x" + candidate.gpuFraction())
                .containsExactly("1x0.5", "1x1", "2x1", "4x1");
        assertThat(candidates(problem).get(2).profile().saturationRequestsPerSecond())
                .isEqualTo(4);
    }

    @Test
    void restrictionsOfTheModelLimitItsShapes() {
        PlanningProblem problem = written()
                .cluster("racks: [{name: r, nodes: [{name: n, gpu: H100-SXM-80GB, gpus: 4, sharing: {mode: mps}},"
                        + " {name: k, gpu: A100-SXM-80GB, gpus: 4}]}]")
                .models("models: [{name: a, architecture: Llama-3.1-8B, tensorParallel: [1, 4], gpuFractions: [0.5, 1],"
                        + " gpus: [H100-SXM-80GB]}]")
                .profiles("profiles: []")
                .workflows(tokens("\"inputTokens\": {\"mean\": 900}, \"outputTokens\": {\"mean\": 100}"))
                .legal();

        assertThat(candidates(problem))
                .extracting(
                        candidate -> candidate.gpu() + " " + candidate.tensorParallel() + "x" + candidate.gpuFraction())
                .containsExactly("H100-SXM-80GB 1x0.5", "H100-SXM-80GB 1x1", "H100-SXM-80GB 4x1");
    }

    @Test
    void missingTokenStatisticsAreReportedWhereOnlyTheEngineModelCouldSpeak() {
        WrittenProblem written = written()
                .cluster("racks: [{name: r, nodes: [{name: n, gpu: H100-SXM-80GB, gpus: 4}]}]")
                .models("models: [{name: a, architecture: Llama-3.1-8B}]")
                .profiles("profiles: []")
                .workflows(tokens("\"inputTokens\": {\"mean\": 900}"));

        assertThat(written.problems()).singleElement().asString().contains("workflows.json:1:", "token statistics");
    }

    @Test
    void kernelTimesBorrowedFromAnotherCardAreSaidOnceAndOnlyWhereTheEngineModelSpeaks() {
        String calls = "\"callsPerExecution\": 1, \"inputTokens\": {\"mean\": 650}, \"outputTokens\": {\"mean\": 60}}";
        WrittenProblem written = written()
                .cluster(
                        "racks: [{name: r, nodes: [{name: n, gpu: A10-24GB, gpus: 4}, {name: m, gpu: H100-SXM-80GB, gpus: 2}]}]")
                .models("models: [{name: a, architecture: Llama-3.1-8B}, {name: b, architecture: Llama-3.1-8B}]")
                .profiles("profiles: []")
                .workflows(
                        "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": 0.1, \"models\": [{\"model\": \"a\", "
                                + calls + ", {\"model\": \"b\", " + calls + "]}]}");

        assertThat(written.warnings())
                .filteredOn(warning -> warning.contains("kernel times"))
                .singleElement()
                .asString()
                .startsWith("cluster.yaml")
                .contains("no kernel times of A10-24GB", "Measure profiles there");
        assertThat(written.models("models: [{name: a, architecture: Llama-3.1-8B, gpus: [H100-SXM-80GB]},"
                                + " {name: b, architecture: Llama-3.1-8B, gpus: [H100-SXM-80GB]}]")
                        .warnings())
                .as("nobody asks for the other card")
                .isEmpty();
        assertThat(written.cluster("racks: [{name: r, nodes: [{name: n, gpu: H100-SXM-80GB, gpus: 2}]}]")
                        .warnings())
                .isEmpty();
    }

    @Test
    void withoutTokenStatisticsMeasuredProfilesAreUsedAlone() {
        WrittenProblem written = written()
                .cluster("racks: [{name: r, nodes: [{name: n, gpu: H100-SXM-80GB, gpus: 4}]}]")
                .models("models: [{name: a, architecture: Llama-3.1-8B}]")
                .profiles("profiles: [{model: a, gpu: H100-SXM-80GB, tensorParallel: 2, curve:"
                        + " [{requestsPerSecond: 4, meanLatencySeconds: 1}]}]");

        assertThat(candidates(written.legal())).hasSize(1);
        assertThat(written.warnings()).singleElement().asString().contains("only its measured profiles");
    }

    @Test
    void whatWasMeasuredCalibratesWhatWasNotAndItIsSaid() {
        String lengths = tokens("\"inputTokens\": {\"mean\": 512}, \"outputTokens\": {\"mean\": 128}");
        WrittenProblem modelled = written()
                .cluster("racks: [{name: r, nodes: [{name: n, gpu: H100-SXM-80GB, gpus: 4},"
                        + " {name: o, gpu: L40S-48GB, gpus: 1}]}]")
                .models("models: [{name: a, architecture: Llama-3.1-8B}]")
                .profiles("profiles: []")
                .workflows(lengths);
        LatencyProfile asItIs = candidates(modelled.legal()).get(1).profile();
        LatencyProfile alone = candidates(modelled.legal()).get(0).profile();
        String curve = DoubleStream.of(0.1, 1, 4)
                .mapToObj(rate -> "{requestsPerSecond: " + rate + ", meanLatencySeconds: "
                        + 1.5 * alone.meanLatencySeconds(rate) + "}")
                .collect(Collectors.joining(", "));
        WrittenProblem measured =
                modelled.profiles("profiles: [{model: a, gpu: H100-SXM-80GB, curve: [" + curve + "]}]");

        List<AllocationProblem.Candidate> candidates = candidates(measured.legal());

        assertThat(candidates.get(1).tensorParallel()).isEqualTo(2);
        assertThat(candidates.get(1).profile().meanLatencySeconds(0.001) / asItIs.meanLatencySeconds(0.001))
                .as("twice the GPUs of what was measured to be slower")
                .isBetween(1.05, 1.6);
        assertThat(measured.warnings())
                .anyMatch(warning -> warning.contains("Model (a) on H100-SXM-80GB: measured are 1 x 1")
                        && warning.contains("not measured are 2 other combinations")
                        && warning.contains("calibrated by 3 points"))
                .anyMatch(warning -> warning.contains("Model (a) on L40S-48GB: measured are none")
                        && warning.contains("the engine model as it is"));
    }

    @Test
    void aModelWithoutArchitectureIsSaidToUseOnlyWhatWasMeasured() {
        assertThat(written().warnings()).singleElement().asString().contains("Model (a)", "only what was measured (1");
    }

    @Test
    void aModelThatNoWorkflowCallsGetsNoCandidates() {
        PlanningProblem problem =
                written().models("models: [{name: a}, {name: idle}]").legal();

        assertThat(problem.allocationProblem(1).models())
                .extracting(AllocationProblem.ModelOptions::name)
                .containsExactly("a");
    }

    private WrittenProblem written() {
        return new WrittenProblem(folder);
    }

    private static String tokens(String keys) {
        return "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": 1, \"models\": [{\"model\": \"a\","
                + " \"callsPerExecution\": 2, " + keys + "}]}]}";
    }

    private static List<AllocationProblem.Candidate> candidates(PlanningProblem problem) {
        return problem.allocationProblem(1).models().get(0).candidates();
    }
}
