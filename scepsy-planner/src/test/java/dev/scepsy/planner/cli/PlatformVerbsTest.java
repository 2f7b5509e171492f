package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code --platform} of render, apply and status: what is written, what is refused, and which options go together. */
class PlatformVerbsTest {

    @TempDir
    private Path folder;

    @BeforeEach
    void twoNodes() throws IOException {
        Files.writeString(folder.resolve("cluster.yaml"), """
                racks:
                  - name: rack-1
                    nodes:
                      - {name: node-1, gpu: A100-SXM-80GB, gpus: 2, sharing: {mode: mps}}
                      - {name: node-2, gpu: A100-SXM-80GB, gpus: 2, sharing: {mode: mps}}
                """);
        Files.writeString(folder.resolve("models.yaml"), """
                models:
                  - {name: critic, architecture: Qwen3-8B, servedFrom: Qwen/Qwen3-8B, maxModelLength: 8192}
                """);
        Files.writeString(folder.resolve("plan.json"), """
                {"allocations": [{"model": "critic", "gpu": "A100-SXM-80GB", "gpuFraction": 0.5, "tensorParallel": 1,
                                  "replicas": 3, "memoryGiBPerGpu": 40.0}],
                 "placements": [{"model": "critic", "replica": 0, "node": "node-1", "gpus": [0]},
                                {"model": "critic", "replica": 1, "node": "node-2", "gpus": [0]},
                                {"model": "critic", "replica": 2, "node": "node-2", "gpus": [0]}]}
                """);
    }

    private CommandLineRun run(String verb, String... more) {
        return CommandLineRun.of(Stream.concat(
                        Stream.of(
                                verb,
                                "--cluster",
                                folder.resolve("cluster.yaml"),
                                "--models",
                                folder.resolve("models.yaml"),
                                "--plan",
                                folder.resolve("plan.json")),
                        Stream.of(more))
                .toArray());
    }

    @Test
    void helpNamesEveryPlatform() {
        assertThat(PlatformOption.NAMES)
                .isEqualTo(Arrays.stream(PlatformOption.values())
                        .map(PlatformOption::toString)
                        .collect(Collectors.joining(", ")));
    }

    @Test
    void aPlanThatAPlatformCannotExpressIsRefusedAndNothingIsWritten() throws IOException {
        CommandLineRun refused = run(
                "render",
                "--platform",
                "compose",
                "--out",
                folder.resolve("out").toString(),
                "--json");
        assertThat(refused.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(refused.err())
                .contains("2 nodes (node-1 1, node-2 2)", "What would help: Write one file for each: --node");
        JsonNode json = new ObjectMapper().readTree(refused.out());
        assertThat(json.path("outcome").asText()).isEqualTo("refused");
        assertThat(json.at("/reasons/0/message").asText()).contains("speaks of one host");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void oneNodesPartGoesToStandardOutput() {
        CommandLineRun compose = run("render", "--platform", "compose", "--node", "node-2");
        assertThat(compose.exitCode()).as(compose.err()).isZero();
        assertThat(compose.out()).contains("critic-1:", "critic-2:").doesNotContain("critic-0:");
        CommandLineRun shell = run("render", "--platform", "shell", "--node", "node-1");
        assertThat(shell.exitCode()).isZero();
        assertThat(shell.out()).startsWith("#!/usr/bin/env bash\n");
    }

    @Test
    void scriptsAreExecutableAndNodesHaveFoldersOfTheirOwn() throws IOException {
        CommandLineRun shell = run(
                "render",
                "--platform",
                "shell",
                "--out",
                folder.resolve("scripts").toString());
        assertThat(shell.exitCode()).as(shell.err()).isZero();
        assertThat(shell.err()).contains("2 files written");
        assertThat(folder.resolve("scripts/node-1.sh")).isExecutable();
        run("render", "--platform", "systemd", "--out", folder.resolve("units").toString());
        assertThat(folder.resolve("units/node-2/scepsy-critic-2.service")).isRegularFile();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "render | --platform shell | cannot share standard output. Give --out",
                "render | --platform shell --node node-3 | must be a node that the plan has engines on: node-1, node-2",
                "render | --node node-1 | and kubernetes does not",
                "render | --platform sistemd | Maybe systemd?",
                "render | --platform compose --builder a:b | The --builder is for --platform ray-serve, not compose",
                "render | --platform ray-serve --builder a/b | must be MODULE:FUNCTION",
                "apply | --platform ray-serve | needs the --address",
                "apply | --platform ray-serve --address ftp://x | --address",
                "apply | --platform kubernetes --address http://x | The --address is for --platform ray-serve",
                "apply | --platform ray-serve --address http://127.0.0.1:1 --allow-gap critic --lease-seconds 3 | The --allow-gap, --lease-seconds means nothing on platform (ray-serve)",
            })
    void argumentsThatDoNotGoTogetherAreBadInput(String verb, String arguments, String said) {
        CommandLineRun run = run(verb, arguments.strip().split(" "));
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains(said);
    }

    @ParameterizedTest
    @CsvSource({"shell,start", "systemd,systemctl", "compose,docker compose up", "kserve,kubectl apply"})
    void platformsThatAreRenderedOnlyRefuseToBePushedToAndSayHow(String platform, String how) {
        CommandLineRun apply = run("apply", "--platform", platform, "--yes");
        assertThat(apply.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(apply.err()).contains("does not talk to it", how);
        CommandLineRun status = CommandLineRun.of("status", "--platform", platform);
        assertThat(status.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(status.err()).contains("does not talk to it", how);
    }

    @Test
    void aDashboardThatCannotBeReachedIsRefused() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        String address = "http://127.0.0.1:" + closed;
        CommandLineRun apply = run("apply", "--platform", "ray-serve", "--address", address, "--json");
        assertThat(apply.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(apply.err()).contains(address, "cannot be reached");
        assertThat(apply.out()).contains("\"outcome\": \"refused\"");
        assertThat(CommandLineRun.of("status", "--platform", "ray-serve", "--address", address)
                        .exitCode())
                .isEqualTo(ExitCode.REFUSED);
    }
}
