package dev.scepsy.planner.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.search.choice.AllocationProblem;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a problem does with tensor-parallel degrees that the engine does not start with. */
class StartableDegreesTest {

    private static final String CLUSTER = "racks: [{name: r, nodes: [{name: n, gpu: H100-SXM-80GB, gpus: 8}]}]";
    private static final String WORKFLOWS = """
            {"workflows": [{"name": "w", "targetPerSecond": 0.5, "models": [{"model": "chat", "callsPerExecution": 1,
              "inputTokens": {"mean": 1000}, "outputTokens": {"mean": 500}}]}]}
            """;
    private static final String SEVEN_WIDE = """
            profiles:
              - {model: chat, gpu: H100-SXM-80GB, tensorParallel: 7, curve: [{requestsPerSecond: 4, meanLatencySeconds: 1}]}
            """;

    @TempDir
    Path folder;

    @Test
    void theSearchIsOfferedOnlyDegreesThatStart() {
        assertThat(offered(problem("").legal())).containsExactlyInAnyOrder(1, 2, 4);
    }

    @Test
    void aDegreeThatNeverStartsIsBadInputWithItsRuleAndWhatWorks() {
        assertThat(problem(", tensorParallel: [2, 7]").problems())
                .containsExactly("models.yaml:1:87: models[0].tensorParallel: The tensorParallel (7) of model (chat) is"
                        + " one that vllm never starts with: the 4 KV heads of Qwen2.5-7B can neither be split evenly"
                        + " over nor copied evenly to 7 GPUs; tensorParallel 7 does not divide the feed-forward width"
                        + " (18944) of Qwen2.5-7B; tensorParallel 7 does not divide the 152064 entries of the padded"
                        + " vocabulary of Qwen2.5-7B. It starts with 1, 2, 4. A measured profile with it would show"
                        + " otherwise.");
    }

    @Test
    void itIsSaidTogetherWithWhatIsWrongInOtherFiles() {
        assertThat(problem(", tensorParallel: [7]").workflows("{").problems())
                .hasSize(2)
                .anyMatch(problem -> problem.contains("(7) of model (chat) is one that vllm never starts with"));
    }

    @Test
    void aMeasuredDegreeIsBelievedAndWarnedAbout() {
        WrittenProblem measured = problem(", tensorParallel: [1, 7]").profiles(SEVEN_WIDE);

        assertThat(measured.problems()).isEmpty();
        assertThat(offered(measured.legal())).containsExactlyInAnyOrder(1, 7);
        assertThat(measured.warnings())
                .anyMatch(warning -> warning.startsWith("profiles.yaml:2:")
                        && warning.contains("profiles[0].tensorParallel: By the rules vllm does not start so: the 4 KV")
                        && warning.contains("The measurement is believed"));
    }

    @Test
    void aModelThatNobodyKnowsTheShapeOfIsBoundByNothing() {
        WrittenProblem unknown = problem("")
                .models("models: [{name: chat, tensorParallel: [7]}]")
                .profiles(SEVEN_WIDE);

        assertThat(offered(unknown.legal())).containsExactly(7);
        assertThat(unknown.warnings()).noneMatch(warning -> warning.contains("does not start"));
    }

    private WrittenProblem problem(String keys) {
        return new WrittenProblem(folder)
                .cluster(CLUSTER)
                .models("models: [{name: chat, architecture: Qwen2.5-7B, maxModelLength: 8192" + keys + "}]")
                .profiles("profiles: []")
                .workflows(WORKFLOWS);
    }

    private static Iterable<Integer> offered(PlanningProblem problem) {
        return problem.allocationProblem(0.85).models().get(0).candidates().stream()
                .map(AllocationProblem.Candidate::tensorParallel)
                .distinct()
                .toList();
    }
}
