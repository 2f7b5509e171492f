package dev.scepsy.planner.cluster;

import io.fabric8.kubernetes.api.model.Config;
import io.fabric8.kubernetes.api.model.ExecConfig;
import io.fabric8.kubernetes.api.model.NamedAuthInfo;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.internal.KubeConfigUtils;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The program that a kubeconfig names to get credentials ({@code aws eks get-token} and its like). The library drops what it
 * says when it fails; where the server refuses us, it is run once more for that.
 */
final class CredentialPlugin {

    private static final int LONGEST_REMARK = 300;
    private static final int MOST_RUN_SECONDS = 10;

    private final String user;
    private final ExecConfig exec;

    private CredentialPlugin(String user, ExecConfig exec) {
        this.user = user;
        this.exec = exec;
    }

    /** That of the context in use; empty where it has none. */
    static Optional<CredentialPlugin> of(Optional<Path> kubeconfig, Optional<String> context) {
        List<Config> configs = new ArrayList<>();
        for (Path file : files(kubeconfig)) {
            try {
                configs.add(KubeConfigUtils.parseConfig(file.toFile()));
            } catch (KubernetesClientException | IllegalArgumentException unreadable) {
                return Optional.empty(); // opening the client says it
            }
        }
        String current = context.orElseGet(() -> configs.stream()
                .map(Config::getCurrentContext)
                .filter(name -> name != null && !name.isEmpty())
                .findFirst()
                .orElse(""));
        Optional<String> user = configs.stream()
                .flatMap(config -> config.getContexts().stream())
                .filter(named -> current.equals(named.getName()) && named.getContext() != null)
                .map((NamedContext named) -> String.valueOf(named.getContext().getUser()))
                .findFirst();
        return configs.stream()
                .flatMap(config -> config.getUsers().stream())
                .filter(named -> user.equals(Optional.ofNullable(named.getName()))
                        && named.getUser() != null
                        && named.getUser().getExec() != null)
                .map((NamedAuthInfo named) ->
                        new CredentialPlugin(named.getName(), named.getUser().getExec()))
                .findFirst();
    }

    private static List<Path> files(Optional<Path> kubeconfig) {
        if (kubeconfig.isPresent()) {
            return List.of(kubeconfig.get());
        }
        String listed = System.getenv("KUBECONFIG");
        List<Path> named = listed == null || listed.isBlank()
                ? List.of(Path.of(System.getProperty("user.home"), ".kube", "config"))
                : Arrays.stream(listed.split(File.pathSeparator)).map(Path::of).toList();
        return named.stream().filter(Files::isReadable).toList();
    }

    /** What it says when it fails, a sentence; empty where it works. */
    Optional<String> trouble() {
        String who = "The credential plugin of user (" + user + "), " + exec.getCommand() + ", ";
        List<String> command = new ArrayList<>(List.of(exec.getCommand()));
        command.addAll(exec.getArgs() == null ? List.of() : exec.getArgs());
        Path said = null;
        try {
            said = Files.createTempFile("scepsy-plugin", ".txt");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(said.toFile());
            if (exec.getEnv() != null) {
                exec.getEnv().forEach(pair -> builder.environment().put(pair.getName(), pair.getValue()));
            }
            builder.environment()
                    .put(
                            "KUBERNETES_EXEC_INFO",
                            "{\"apiVersion\":\"" + exec.getApiVersion()
                                    + "\",\"kind\":\"ExecCredential\",\"spec\":{\"interactive\":false}}");
            Process process = builder.start();
            process.getOutputStream().close();
            if (!process.waitFor(MOST_RUN_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Optional.of(who + "did not end within " + MOST_RUN_SECONDS + " s.");
            }
            if (process.exitValue() == 0) {
                return Optional.empty();
            }
            String remark =
                    Files.readString(said, StandardCharsets.UTF_8).strip().replaceAll("\\s+", " ");
            return Optional.of(who + "ended with " + process.exitValue() + ": "
                    + (remark.isEmpty()
                            ? "it gives no reason."
                            : remark.substring(0, Math.min(LONGEST_REMARK, remark.length()))));
        } catch (IOException notThere) {
            String hint = exec.getInstallHint();
            return Optional.of(who + "cannot be run: " + notThere.getMessage() + "."
                    + (hint == null || hint.isBlank() ? "" : " " + hint.strip()));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            if (said != null && !said.toFile().delete()) {
                said.toFile().deleteOnExit();
            }
        }
    }
}
