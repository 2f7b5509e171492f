package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The places besides a kubeconfig's token, a key's variable and plain addresses where secrets are given: they come out nowhere. */
class SecretsElsewhereTest {

    private static final String SECRET = "planted-4c1e77";
    private static final String BASIC =
            Base64.getEncoder().encodeToString(("me:" + SECRET).getBytes(StandardCharsets.UTF_8));

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

    private void clean(CommandLineRun run) {
        assertThat(run.exitCode()).as(run.err()).isIn(ExitCode.BAD_INPUT, ExitCode.REFUSED, ExitCode.STOPPED_MIDWAY);
        assertThat(run.out() + run.err())
                .isNotBlank()
                .doesNotContain(SECRET, BASIC, "\tat ", "Exception", "Internal error");
    }

    private void allVerbs(String address, String user) throws IOException {
        Path kubeconfig = RepeatingServer.kubeconfig(address, user);
        try {
            for (List<String> verb : RepeatingServer.clusterVerbs(folder)) {
                List<String> arguments = new ArrayList<>(verb);
                arguments.addAll(List.of("--kubeconfig", kubeconfig.toString()));
                clean(CommandLineRun.of(arguments.toArray()));
            }
        } finally {
            Files.delete(kubeconfig);
        }
    }

    @Test
    void thePasswordOfAKubeconfig() throws IOException {
        allVerbs(server.url(), "{username: me, password: %s}".formatted(SECRET));
        assertThat(server.received()).as("the password was used").anyMatch(sent -> sent.contains(BASIC));
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a shell script")
    void whatAKubeconfigsPluginIsGivenAndAnswers() throws IOException {
        String answer =
                "echo '{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\", \"status\": {\"token\": \"'$KEY'\"}}'";
        allVerbs(server.url(), plugin(answer));
        assertThat(server.received()).as("the token was used").anyMatch(sent -> sent.contains("Bearer " + SECRET));
        allVerbs(server.url(), plugin("exit 3"));
        allVerbs(server.url(), plugin("echo $KEY"));
        allVerbs(server.url(), plugin("echo no >&2; exit 1").replace(".sh", ".gone"));
    }

    private String plugin(String body) throws IOException {
        Path script = Files.writeString(folder.resolve("plugin.sh"), "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return "{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: " + script
                + ", env: [{name: KEY, value: " + SECRET + "}]}}";
    }

    @Test
    void passphrasesOfKeysAndStores() throws IOException {
        Path store = Files.writeString(folder.resolve("store.p12"), "no store");
        Map<String, String> properties = Map.of(
                "kubernetes.truststore.file", store.toString(),
                "kubernetes.truststore.passphrase", SECRET,
                "kubernetes.keystore.file", store.toString(),
                "kubernetes.keystore.passphrase", SECRET,
                "kubernetes.certs.client.key.passphrase", SECRET);
        properties.forEach(System::setProperty);
        try {
            String https = server.url().replace("http:", "https:");
            allVerbs(https, "{client-certificate-data: AAAA, client-key-data: AAAA}");
            allVerbs(https, "{token: %s}".formatted(SECRET));
        } finally {
            properties.keySet().forEach(System::clearProperty);
        }
    }

    @Test
    void passwordsThatAreNoPartOfAnAddressAsItShouldBe() {
        String host = "127.0.0.1:" + server.port();
        SoftAssertions all = new SoftAssertions();
        for (String address : List.of(
                "http://me:a/" + SECRET + "@" + host,
                "http://me:a#" + SECRET + "@" + host,
                "http://me:" + SECRET + "?(@" + host,
                "http://me:" + SECRET + "@@" + host,
                "http://" + SECRET + "@" + host,
                "me:" + SECRET + "@" + host,
                "ftp://me:" + SECRET + "@" + host)) {
            for (List<String> verb : List.of(
                    List.of("status", "--server", address),
                    List.of("rollback", "--yes", "--server", address),
                    List.of(
                            "init",
                            "jaeger:" + address + "?service=x",
                            "--folder",
                            folder.resolve("init").toString()),
                    List.of("shares", "jaeger:" + address + "?service=x"),
                    List.of("shares", "jaeger:" + address),
                    List.of(
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
                            "--out",
                            folder.resolve("p.yaml").toString()),
                    List.of(
                            "record",
                            "--grpc",
                            "off",
                            "--http",
                            "127.0.0.1:0",
                            "--for",
                            "1s",
                            "--forward",
                            address,
                            "--out",
                            folder.resolve("t.jsonl").toString()))) {
                CommandLineRun run = CommandLineRun.of(verb.toArray());
                all.assertThat(run.exitCode()).as(verb + ": " + run.err()).isEqualTo(ExitCode.BAD_INPUT);
                all.assertThat(run.out() + run.err()).as(verb.toString()).doesNotContain(SECRET, "\tat ");
            }
        }
        all.assertAll();
        assertThat(server.received()).as("nothing was sent").isEmpty();
    }

    @Test
    void aTokenInAQuery() {
        clean(CommandLineRun.of("shares", "jaeger:" + server.url() + "?service=x&token=" + SECRET));
        clean(CommandLineRun.of(
                "record",
                "--grpc",
                "off",
                "--http",
                "127.0.0.1:0",
                "--for",
                "1s",
                "--out",
                folder.resolve("t.jsonl"),
                "--forward",
                server.url() + "?token=" + SECRET));
    }
}
