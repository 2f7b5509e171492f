package dev.scepsy.planner.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.share.TokenStatistics;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that are longer than engines take. */
class RequestLimitsTest {

    @TempDir
    Path folder;

    @Test
    void aMeanRequestThatDoesNotFitIsBadInput() {
        assertThat(problem("8192", "\"mean\": 9000", "\"mean\": 500").problems())
                .containsExactly(
                        "workflows.json:2:21: workflows[0].models[0].inputTokens: The mean call of workflow (w)"
                                + " to model (chat) has 9000 + 500 tokens of prompt and answer, which is above its maxModelLength"
                                + " (8192): engines answer such calls with an error. Raise the maxModelLength as far as the"
                                + " checkpoint allows, or correct the tokens.");
    }

    @Test
    void promptAndAnswerCountTogetherAndExactlyFullFits() {
        assertThat(problem("1500", "\"mean\": 1000", "\"mean\": 500").problems())
                .isEmpty();
        assertThat(problem("1499", "\"mean\": 1000", "\"mean\": 500").problems())
                .singleElement()
                .asString()
                .contains("1000 + 500 tokens");
    }

    /** σ is 2.3263 (the largest), so P(prompt + answer > 8192) is 2.06 %: drawn two million times, 41,259 were longer. */
    @Test
    void whereOnlyTheLongestDoNotFitTheirShareIsSaid() {
        WrittenProblem problem = problem("8192", "\"mean\": 1000, \"p99\": 50000", "\"mean\": 500");

        assertThat(problem.problems()).isEmpty();
        assertThat(problem.warnings())
                .anyMatch(warning ->
                        warning.startsWith("workflows.json:2:21: workflows[0].models[0].inputTokens: About 2.1 %"
                                + " of the calls of workflow (w) to model (chat) are longer than its"
                                + " maxModelLength (8192) and would be answered with an error"));
    }

    @Test
    void nothingIsSaidOfRequestsThatFitOrWhosePercentilesNobodyKnows() {
        assertThat(problem("8192", "\"mean\": 1000, \"p99\": 4000", "\"mean\": 500, \"p99\": 900")
                        .warnings())
                .noneMatch(warning -> warning.contains("longer than"));
        assertThat(problem("1600", "\"mean\": 1000", "\"mean\": 500").warnings())
                .noneMatch(warning -> warning.contains("longer than"));
    }

    @Test
    void withoutAMaxModelLengthTheContextOfTheCheckpointIsWarnedAbout() {
        WrittenProblem problem = problem("8192", "\"mean\": 5000", "\"mean\": 10")
                .models("models: [{name: chat, architecture: Llama-2-7B}]");

        assertThat(problem.problems()).isEmpty();
        assertThat(problem.warnings())
                .anyMatch(warning -> warning.contains("above the context of its checkpoint (4096 tokens)"));
    }

    @Test
    void itIsSaidTogetherWithWhatIsWrongInOtherFiles() {
        assertThat(problem("8192", "\"mean\": 9000", "\"mean\": 500")
                        .cluster("{")
                        .problems())
                .anyMatch(problem -> problem.contains("9000 + 500 tokens"));
    }

    /** σ = 1 where p99 / mean = exp(2.32635 - 1/2) = 6.2110; the 90th percentile is then 1000 exp(1.28155 - 1/2). */
    @Test
    void theShareOfPromptsAloneIsTheTailOfTheirDistribution() {
        Optional<TokenStatistics> input = tokens(1000, 1000 * Math.exp(2.3263478740408408 - 0.5));

        assertThat(RequestLimits.share(input, Optional.empty(), 1000 * Math.exp(1.2815515655446004 - 0.5)))
                .isCloseTo(0.10, within(0.005));
    }

    @Test
    void theShareIsWhatDrawingPromptsAndAnswersGives() {
        Optional<TokenStatistics> input = tokens(900, 4000);
        Optional<TokenStatistics> output = tokens(180, 700);
        Random random = new Random(5);
        int longer = 0;
        for (int i = 0; i < 200_000; i++) {
            double drawn = input.get().atDeviations(random.nextGaussian())
                    + output.get().atDeviations(random.nextGaussian());
            longer += drawn > 3000 ? 1 : 0;
        }

        assertThat(RequestLimits.share(input, output, 3000)).isCloseTo(longer / 200_000.0, within(0.002));
    }

    private static Optional<TokenStatistics> tokens(double mean, double p99) {
        return Optional.of(new TokenStatistics(mean, OptionalDouble.of(p99)));
    }

    private WrittenProblem problem(String most, String input, String output) {
        return new WrittenProblem(folder)
                .cluster("racks: [{name: r, nodes: [{name: n, gpu: H100-SXM-80GB, gpus: 1}]}]")
                .models("models: [{name: chat, architecture: Qwen2.5-7B, maxModelLength: " + most + "}]")
                .profiles("profiles: []")
                .workflows(
                        "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": 0.5, \"models\": [{\"model\": \"chat\","
                                + " \"callsPerExecution\": 1,\n     \"inputTokens\": {" + input
                                + "}, \"outputTokens\": {" + output
                                + "}}]}]}");
    }
}
