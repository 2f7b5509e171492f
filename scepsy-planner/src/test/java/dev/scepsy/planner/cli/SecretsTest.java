package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Planted secrets come out nowhere: not on standard output or error, not in files, also where a server repeats what it was sent or says
 * nothing, and where the address itself holds a password.
 */
class SecretsTest {

    private static final String TOKEN = "kubeconfig-token-7f3a91";
    private static final String PASSWORD = "hunter2-in-the-url";

    /** Stands in for a key: the only environment that a test in one JVM has is the one it was started with. */
    private static final Map.Entry<String, String> KEY = System.getenv().entrySet().stream()
            .filter(variable -> variable.getValue().length() >= 4)
            .filter(variable -> variable.getValue().chars().allMatch(c -> c > ' ' && c < 0x7f))
            .filter(variable -> !variable.getValue().matches("[0-9.]+"))
            .max(java.util.Comparator.comparingInt(
                    variable -> variable.getValue().length()))
            .orElseThrow();

    @TempDir
    Path folder;

    private RepeatingServer server;

    @BeforeEach
    void aServerThatRepeatsWhatItWasSent() throws IOException {
        server = new RepeatingServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String withPassword() {
        return "http://me:" + PASSWORD + "@127.0.0.1:" + server.port();
    }

    @Test
    void theTokenOfAKubeconfigStaysInIt() throws IOException {
        Path kubeconfig = RepeatingServer.kubeconfig(server.url(), "{token: " + TOKEN + "}");
        try {
            List<String> files = problem();
            for (int code : new int[] {401, 403, 500}) {
                server.answerWith(code);
                for (List<String> verb : RepeatingServer.clusterVerbs(folder)) {
                    clean(CommandLineRun.of(with(verb, List.of("--kubeconfig", kubeconfig.toString()))), TOKEN);
                }
                clean(
                        CommandLineRun.of(
                                with(List.of("apply", "--yes", "--kubeconfig", kubeconfig.toString()), files)),
                        TOKEN);
            }
            assertThat(server.received()).as("the token was used").anyMatch(sent -> sent.contains(TOKEN));
        } finally {
            Files.delete(kubeconfig);
        }
    }

    @Test
    void theKeyOfAnEndpointStaysInItsVariable() throws IOException {
        for (int code : new int[] {400, 401, 403, 404, 429, 500}) {
            server.answerWith(code);
            clean(
                    CommandLineRun.of(
                            "profile",
                            "--endpoint",
                            server.url(),
                            "--api-key-env",
                            KEY.getKey(),
                            "--model",
                            "m",
                            "--gpu",
                            "L4-24GB",
                            "--input-tokens",
                            "10",
                            "--output-tokens",
                            "4",
                            "--timeout",
                            "1s",
                            "--max-duration",
                            "5s",
                            "--out",
                            folder.resolve("profiles.yaml")),
                    KEY.getValue());
        }
        assertThat(server.received()).as("the key was used").anyMatch(sent -> sent.contains(KEY.getValue()));
    }

    @Test
    void aPasswordInAnAddressIsRefusedWithoutBeingRepeated() throws IOException {
        server.answerWith(200);
        List<String> files = problem();
        List<Object[]> runs = new ArrayList<>();
        for (String address :
                List.of(withPassword(), withPassword() + "/%zz", withPassword().replace("127.0.0.1", "no such host"))) {
            runs.add(new Object[] {"status", "--server", address});
            runs.add(with(List.of("apply", "--yes", "--server", address), files));
            runs.add(new Object[] {"rollback", "--yes", "--server", address});
            runs.add(new Object[] {"init", "--kubernetes", "--server", address, "--folder", folder.resolve("init")});
            runs.add(new Object[] {
                "shares", "jaeger:" + address + "?service=x", "--json", "--out", folder.resolve("w.json")
            });
            runs.add(new Object[] {"init", "jaeger:" + address + "?service=x", "--folder", folder.resolve("init")});
            runs.add(new Object[] {
                "profile",
                "--endpoint",
                address,
                "--model",
                "m",
                "--gpu",
                "L4-24GB",
                "--input-tokens",
                "10",
                "--output-tokens",
                "4",
                "--json",
                "--out",
                folder.resolve("profiles.yaml")
            });
            runs.add(new Object[] {
                "record",
                "--grpc",
                "off",
                "--http",
                "127.0.0.1:0",
                "--for",
                "1s",
                "--forward",
                address,
                "--json",
                "--out",
                folder.resolve("t.jsonl")
            });
        }
        for (Object[] arguments : runs) {
            CommandLineRun run = CommandLineRun.of(arguments);
            assertThat(run.exitCode())
                    .as("%s: %s", List.of(arguments), run.err())
                    .isEqualTo(ExitCode.BAD_INPUT);
            clean(run, PASSWORD);
        }
        assertThat(server.received()).as("nothing was sent").isEmpty();
    }

    private void clean(CommandLineRun run, String secret) throws IOException {
        assertThat(run.exitCode()).as(run.err()).isIn(ExitCode.BAD_INPUT, ExitCode.REFUSED, ExitCode.STOPPED_MIDWAY);
        assertThat(run.out()).doesNotContain(secret);
        assertThat(run.err()).isNotBlank().doesNotContain(secret, "\tat ");
        try (Stream<Path> written = Files.walk(folder)) {
            for (Path file : written.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file)).as(file.toString()).doesNotContain(secret);
            }
        }
    }

    private List<String> problem() throws IOException {
        Path cluster = Files.writeString(
                folder.resolve("cluster.yaml"),
                "racks: [{name: r, nodes: [{name: n1, gpu: H100-SXM-80GB, gpus: 1}]}]\n");
        Path models = Files.writeString(
                folder.resolve("models.yaml"),
                "models: [{name: chat, architecture: Qwen2.5-7B, maxModelLength: 8192}]\n");
        Path plan = Files.writeString(folder.resolve("plan.json"), """
                {"allocations": [{"model": "chat", "gpu": "H100-SXM-80GB", "gpuFraction": 1, "tensorParallel": 1,
                  "replicas": 1, "memoryGiBPerGpu": 80}],
                 "placements": [{"model": "chat", "replica": 0, "node": "n1", "gpus": [0]}]}
                """);
        return List.of("--cluster", cluster.toString(), "--models", models.toString(), "--plan", plan.toString());
    }

    private static Object[] with(List<String> verb, List<String> more) {
        return Stream.concat(verb.stream(), more.stream()).toArray();
    }
}
