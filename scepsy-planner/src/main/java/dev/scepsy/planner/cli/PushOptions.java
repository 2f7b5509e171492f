package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.ApplyOptions;
import dev.scepsy.planner.cluster.Timing;
import java.io.Console;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import picocli.CommandLine.Option;

/** How a push behaves; {@code @Mixin} of the verbs that change a cluster. */
final class PushOptions {

    @Option(
            names = "--allow-gap",
            paramLabel = "MODEL",
            description = "Model that may be without a ready replica meanwhile. May be repeated.")
    private Set<String> allowGap = Set.of();

    @Option(names = "--force-conflicts", description = "Take over fields that another field manager owns.")
    private boolean forceConflicts;

    @Option(
            names = "--equivalent-places",
            description = "Swap equivalent nodes of a rack, domains and GPUs of the plan where that leaves more engines"
                    + " untouched; places in the cluster may then differ from plan.json.")
    private boolean equivalentPlaces;

    @Option(
            names = "--endpoint-seconds",
            paramLabel = "SECONDS",
            defaultValue = "3",
            description =
                    "Seconds until proxies have stopped routing to a pod that leaves (default:" + " ${DEFAULT-VALUE}).")
    private double endpointSeconds;

    @Option(
            names = "--lease-seconds",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "Seconds without a sign of life after which another push may take over (default:"
                    + " ${DEFAULT-VALUE}).")
    private int leaseSeconds;

    @Option(
            names = {"--yes", "-y"},
            description = "Do not ask for confirmation.")
    private boolean yes;

    @Option(names = "--dry-run", description = "Print manifests and steps, change nothing.")
    private boolean dryRun;

    boolean dryRun() {
        return dryRun;
    }

    ApplyOptions options() {
        Timing timing = Timing.DEFAULT;
        String user = System.getProperty("user.name", "scepsy");
        return new ApplyOptions(
                allowGap,
                forceConflicts,
                equivalentPlaces,
                user + "@" + host() + ", process " + ProcessHandle.current().pid() + ", "
                        + UUID.randomUUID().toString().substring(0, 8),
                new Timing(
                        timing.poll(),
                        Duration.ofMillis(Math.round(endpointSeconds * 1000)),
                        timing.patience(),
                        Duration.ofSeconds(Math.max(1, leaseSeconds))));
    }

    /** For people; that two pushers differ is what the random part of the holder is for. */
    private static String host() {
        String named = System.getenv("HOSTNAME");
        if (named != null && !named.isBlank()) {
            return named.strip();
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "unknown host";
        }
    }

    /** Whether to go on: asks where a person watches. */
    boolean confirmed(String question, Terminal terminal) {
        Console console = System.console();
        if (yes || console == null || !Terminal.isWatched() || terminal.json()) {
            return true;
        }
        String answer = console.readLine("%s [y/N] ", question);
        return answer != null && answer.strip().equalsIgnoreCase("y");
    }
}
