package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever numbers and names the files hold, a verb answers, refuses the input or finds no plan; it never breaks. */
class MutatedProblemTest {

    private static final int PROBLEMS = Boolean.getBoolean("scepsy.full") ? 1_000 : 100;

    private static final Map<String, String> FILES = new LinkedHashMap<>(Map.of(
            "cluster.yaml", """
            racks:
              - name: r
                nodes:
                  - {name: n, gpu: H100-SXM-80GB, gpus: 4, domainSize: 4, sharing: {mode: mps, step: 0.5}}
                  - {name: k, gpu: G, gpus: 3, memoryGiB: 40, sharing: {mode: time-slicing, replicas: 3}}
            """, "models.yaml", """
            models:
              - {name: a, architecture: Llama-3.1-8B, maxModelLength: 8192, tensorParallel: [1, 2], maxReplicas: 3}
              - {name: b, minReplicas: 1, gpuFractions: [0.33], aliases: [c]}
              - {name: api, external: true}
            """, "profiles.yaml", """
            profiles:
              - {model: a, gpu: H100-SXM-80GB, tensorParallel: 2, gpuFraction: 1, curve: [{requestsPerSecond: 1, meanLatencySeconds: 1}, {requestsPerSecond: 5, meanLatencySeconds: 3}]}
              - {model: c, gpu: G, gpuFraction: 0.333, memoryGiBPerGpu: 12, saturationRequestsPerSecond: 4, curve: [{requestsPerSecond: 2, meanLatencySeconds: 0.5}]}
            """, "workflows.json", """
            {"workflows": [{"name": "w", "targetPerSecond": 2, "weight": 1, "otherSeconds": 0.25, "models": [
               {"model": "a", "callsPerExecution": 3, "parallelism": 1.5, "sequentialCalls": 2, "inputTokens": {"mean": 900}, "outputTokens": {"mean": 100}},
               {"model": "b", "callsPerExecution": 0.5},
               {"model": "c", "callsPerExecution": 0.25, "interval95": {"callsPerExecution": [0.2, 0.3], "sequentialCalls": [0.2, 0.3]}},
               {"model": "api", "callsPerExecution": 2, "parallelism": 2, "meanCallSeconds": 4}]}]}
            """, "plan.json", """
            {"allocations": [
               {"model": "a", "gpu": "H100-SXM-80GB", "gpuFraction": 1, "tensorParallel": 2, "replicas": 1, "memoryGiBPerGpu": 80},
               {"model": "b", "gpu": "G", "gpuFraction": 0.3333333333333333, "tensorParallel": 1, "replicas": 1, "memoryGiBPerGpu": 12}],
             "placements": [{"model": "a", "replica": 0, "node": "n", "gpus": [0, 1]},
               {"model": "b", "replica": 0, "node": "k", "gpus": [2]}]}
            """));

    private static final Pattern NUMBER = Pattern.compile("(?<=[ :\\[])[0-9][0-9.]*(?=[,}\\]\\s])");
    private static final String[] NUMBERS = {
        "0",
        "1",
        "2",
        "3",
        "7",
        "0.001",
        "0.01",
        "0.1",
        "0.3",
        "0.333333",
        "0.9999999999",
        "1e-9",
        "1e-300",
        "1e6",
        "1e12",
        "1e15",
        "100000",
        "1024",
        "-1",
        "1.5",
        "2147483647"
    };

    @TempDir
    Path folder;

    @Test
    void theProblemAsItIsHasAPlanAndAPrediction() throws IOException {
        for (Map.Entry<String, String> file : FILES.entrySet()) {
            Files.writeString(folder.resolve(file.getKey()), file.getValue());
        }
        CommandLineRun predicted = run("predict", "--plan", folder.resolve("plan.json"));
        assertThat(predicted.exitCode()).as(predicted.err()).isZero();
        CommandLineRun planned = run("plan", "--out", folder.resolve("out.json"));
        assertThat(planned.exitCode()).as(planned.err()).isZero();
    }

    @Test
    void noMutantBreaksPredictOrPlan() throws IOException {
        Random random = new Random(11);
        List<String> names = new ArrayList<>(FILES.keySet().stream().sorted().toList());
        for (int i = 0; i < PROBLEMS; i++) {
            Map<String, String> texts = new LinkedHashMap<>(FILES);
            for (int changes = 0; changes <= random.nextInt(3); changes++) {
                texts.computeIfPresent(
                        names.get(random.nextInt(names.size())), (name, text) -> otherNumber(text, random));
            }
            for (Map.Entry<String, String> file : texts.entrySet()) {
                Files.writeString(folder.resolve(file.getKey()), file.getValue());
            }
            CommandLineRun predicted = run("predict", "--plan", folder.resolve("plan.json"));
            assertThat(predicted.exitCode())
                    .as("predict with %s:%n%s", texts, predicted.err())
                    .isIn(ExitCode.DONE, ExitCode.BAD_INPUT);
            CommandLineRun planned = run("plan", "--work", "2000", "--out", folder.resolve("out.json"));
            assertThat(planned.exitCode())
                    .as("plan with %s:%n%s", texts, planned.err())
                    .isIn(ExitCode.DONE, ExitCode.BAD_INPUT, ExitCode.INFEASIBLE);
        }
    }

    private static String otherNumber(String text, Random random) {
        List<int[]> places = new ArrayList<>();
        Matcher numbers = NUMBER.matcher(text);
        while (numbers.find()) {
            places.add(new int[] {numbers.start(), numbers.end()});
        }
        int[] place = places.get(random.nextInt(places.size()));
        return text.substring(0, place[0]) + NUMBERS[random.nextInt(NUMBERS.length)] + text.substring(place[1]);
    }

    private CommandLineRun run(String verb, Object... more) {
        List<Object> arguments = new ArrayList<>(List.of(verb));
        for (String name : List.of("cluster", "models", "profiles")) {
            arguments.addAll(List.of("--" + name, folder.resolve(name + ".yaml")));
        }
        arguments.addAll(List.of("--workflows", folder.resolve("workflows.json")));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray());
    }
}
