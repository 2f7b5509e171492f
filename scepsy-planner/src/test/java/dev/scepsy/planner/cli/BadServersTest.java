package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every verb that talks, to every kind of server that does not answer as it should: each ends by its own limit, with a documented
 * exit code, words and no stack trace. Combinations run side by side, so that their limits of a second do not add up.
 */
class BadServersTest {

    private static final List<String> LIMITS =
            List.of("scepsy.api-answer-seconds", "scepsy.jaeger-answer-seconds", ServiceClient.PROPERTY);

    @TempDir
    Path folder;

    @BeforeAll
    static void shortLimits() {
        LIMITS.forEach(limit -> System.setProperty(limit, "1"));
    }

    @AfterAll
    static void usualLimits() {
        LIMITS.forEach(System::clearProperty);
    }

    @Test
    void everyVerbEndsWithWordsWhateverTheServerDoes() throws Exception {
        List<BadServer> servers = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(24);
        try {
            Map<String, Future<CommandLineRun>> runs = new LinkedHashMap<>();
            List<String> files = problem();
            for (Map.Entry<String, BadServer.Script> behaviour : BadServer.SCRIPTS.entrySet()) {
                BadServer server = new BadServer(behaviour.getValue());
                servers.add(server);
                for (Map.Entry<String, List<String>> verb :
                        verbs(server.url(), files).entrySet()) {
                    runs.put(
                            verb.getKey() + " x " + behaviour.getKey(),
                            threads.submit(
                                    () -> CommandLineRun.of(verb.getValue().toArray())));
                }
            }
            try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                String url = "http://127.0.0.1:" + closed.getLocalPort();
                closed.close();
                verbs(url, files)
                        .forEach((verb, arguments) -> runs.put(
                                verb + " x refused", threads.submit(() -> CommandLineRun.of(arguments.toArray()))));
            }
            assertThat(runs).hasSizeGreaterThanOrEqualTo(100);
            SoftAssertions all = new SoftAssertions();
            for (Map.Entry<String, Future<CommandLineRun>> each : runs.entrySet()) {
                // a minute is forty times what any limit here allows: an answer without a limit shows, a slow machine
                // does not
                CommandLineRun run = each.getValue().get(60, TimeUnit.SECONDS);
                all.assertThat(run.exitCode())
                        .as("%s: %s", each.getKey(), run.err())
                        .isIn(permitted(each.getKey()));
                all.assertThat(run.err())
                        .as(each.getKey())
                        .doesNotContain("\tat ", "Exception", "Internal error", "io.fabric8", "java.");
                all.assertThat(run.err() + run.out()).as(each.getKey()).isNotBlank();
            }
            all.assertAll();
        } finally {
            threads.shutdownNow();
            servers.forEach(BadServer::close);
        }
    }

    /** A server that says "there is nothing" in its own format is no bad server. */
    private static Integer[] permitted(String combination) {
        boolean nothing = combination.endsWith("x empty object") || combination.endsWith("x not found");
        if (combination.startsWith("proposals")) {
            // a service that fails is told from one that refuses
            return new Integer[] {ExitCode.INTERNAL_ERROR, ExitCode.BAD_INPUT, ExitCode.REFUSED};
        }
        return nothing
                ? new Integer[] {ExitCode.DONE, ExitCode.BAD_INPUT, ExitCode.REFUSED}
                : new Integer[] {ExitCode.BAD_INPUT, ExitCode.REFUSED};
    }

    private Map<String, List<String>> verbs(String url, List<String> files) throws IOException {
        Map<String, List<String>> verbs = new LinkedHashMap<>();
        verbs.put("status", List.of("status", "--server", url));
        List<String> apply = new ArrayList<>(List.of("apply", "--yes", "--server", url));
        apply.addAll(files);
        verbs.put("apply", apply);
        verbs.put("rollback", List.of("rollback", "--yes", "--server", url));
        Path own = Files.createTempDirectory(folder, "out");
        verbs.put("init", List.of("init", "--kubernetes", "--server", url, "--folder", own.toString()));
        verbs.put("proposals", List.of("proposals", "--service", url));
        verbs.put("proposals approve", List.of("proposals", "approve", "p", "--service", url));
        verbs.put("shares", List.of("shares", "jaeger:" + url + "?service=x"));
        verbs.put(
                "profile",
                List.of(
                        "profile",
                        "--endpoint",
                        url,
                        "--model",
                        "m",
                        "--gpu",
                        "L4-24GB",
                        "--input-tokens",
                        "10",
                        "--output-tokens",
                        "5",
                        "--timeout",
                        "1s",
                        "--requests",
                        "30",
                        "--max-duration",
                        "20s",
                        "--out",
                        own.resolve("profiles.yaml").toString()));
        return verbs;
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
}
