package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.platform.PlacedPlan;
import dev.scepsy.planner.platform.Platform;
import dev.scepsy.planner.platform.PlatformOutcome;
import dev.scepsy.planner.platform.PlatformState;
import dev.scepsy.planner.platform.PlatformUnreachableException;
import dev.scepsy.planner.platform.RayServePlatform;
import dev.scepsy.planner.platform.Rendering;
import java.io.PrintWriter;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which platform, where it is no Kubernetes; {@code @Mixin} of the verbs that push to one or look at one. */
final class OtherPlatform {

    /** Options that mean something to a Kubernetes cluster only. */
    private static final List<String> OF_KUBERNETES = List.of(
            "--namespace",
            "--allow-gap",
            "--force-conflicts",
            "--equivalent-places",
            "--endpoint-seconds",
            "--lease-seconds",
            "--plan-out");

    @Option(
            names = "--platform",
            paramLabel = "PLATFORM",
            converter = PlatformOption.Written.class,
            defaultValue = "kubernetes",
            description = "Platform that the plan runs on: kubernetes or ray-serve; the others are rendered (default:"
                    + " ${DEFAULT-VALUE}).")
    private PlatformOption platform = PlatformOption.KUBERNETES;

    @Option(
            names = "--address",
            paramLabel = "URL",
            converter = ServerOptions.ServerUrl.class,
            description =
                    "On ray-serve: address of the cluster's dashboard, such as http://127.0.0.1:8265. Its token is"
                            + " taken from RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH.")
    private @Nullable URI address;

    @Mixin
    private RayBuilder builder = new RayBuilder();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec verb = CommandSpec.create();

    boolean isKubernetes() {
        return platform == PlatformOption.KUBERNETES;
    }

    /** What of the arguments does not go together. */
    Optional<String> wrong() {
        if (platform != PlatformOption.RAY_SERVE && address != null) {
            return Optional.of("The --address is for --platform ray-serve, not " + platform + ". Leave it out.");
        }
        if (platform == PlatformOption.RAY_SERVE && address == null) {
            return Optional.of("Platform (ray-serve) needs the --address of the cluster's dashboard, such as"
                    + " http://127.0.0.1:8265.");
        }
        if (!isKubernetes()) {
            List<String> given = OF_KUBERNETES.stream()
                    .filter(name -> verb.commandLine().getParseResult().hasMatchedOption(name))
                    .toList();
            if (!given.isEmpty()) {
                return Optional.of("The " + String.join(", ", given) + " means nothing on platform (" + platform
                        + "). Leave it out.");
            }
        }
        return builder.wrong(platform);
    }

    private Platform open() {
        return platform == PlatformOption.RAY_SERVE && address != null
                ? builder.with(RayServePlatform.at(address, System.getenv()))
                : platform.offline();
    }

    int apply(PlacedPlan plan, Terminal terminal, PushOptions push) {
        Platform opened = open();
        if (push.dryRun()) {
            return dryRun(plan, terminal, opened);
        }
        if (!push.confirmed("Move " + platform + " to plan " + plan.planId() + "?", terminal)) {
            terminal.err().println("Nothing was changed.");
            return ExitCode.REFUSED;
        }
        PlatformOutcome outcome = opened.apply(plan, line -> {
            terminal.err().println(line);
            terminal.err().flush();
        });
        return end(outcome, terminal);
    }

    private int dryRun(PlacedPlan plan, Terminal terminal, Platform opened) {
        Rendering rendering = opened.render(plan);
        if (rendering instanceof Rendering.Refused refused) {
            return end(new PlatformOutcome.Refused(refused.reasons(), refused.remedies()), terminal);
        }
        try {
            PlatformState state = opened.read();
            Rendering.Files files = (Rendering.Files) rendering;
            files.notes().forEach(terminal.err()::println);
            state.foreign().forEach(other -> terminal.err().println("Stays as it is: " + other));
            if (terminal.json()) {
                terminal.out()
                        .print(Json.object(json -> json.field("outcome", "dryRun")
                                .field("plan", plan.planId())
                                .objects(
                                        "manifests",
                                        files.files().entrySet(),
                                        (item, file) -> item.field("name", file.getKey())
                                                .field("yaml", file.getValue()))));
            } else {
                files.files().values().forEach(terminal.out()::print);
            }
            terminal.out().flush();
            terminal.err().println("Dry run; nothing was changed.");
            terminal.err().flush();
            return ExitCode.DONE;
        } catch (PlatformUnreachableException unreachable) {
            return end(
                    new PlatformOutcome.Refused(List.of(String.valueOf(unreachable.getMessage())), List.of()),
                    terminal);
        }
    }

    private static int end(PlatformOutcome outcome, Terminal terminal) {
        PrintWriter text = terminal.json() ? terminal.err() : terminal.out();
        String word;
        List<String> messages;
        int code;
        if (outcome instanceof PlatformOutcome.Applied applied) {
            word = "applied";
            messages = List.of(applied.summary());
            text.println(applied.summary());
            code = ExitCode.DONE;
        } else if (outcome instanceof PlatformOutcome.Refused refused) {
            word = "refused";
            messages = refused.reasons();
            terminal.err().println("Refused; nothing was changed.");
            refused.reasons().forEach(reason -> terminal.err().println("  " + reason));
            refused.remedies().forEach(remedy -> terminal.err().println("  What would help: " + remedy));
            code = ExitCode.REFUSED;
        } else if (outcome instanceof PlatformOutcome.RolledBack rolledBack) {
            word = "rolledBack";
            messages = List.of(rolledBack.reason());
            text.println("Rolled back: " + rolledBack.reason());
            code = ExitCode.ROLLED_BACK;
        } else {
            word = "stoppedMidway";
            messages = List.of(((PlatformOutcome.StoppedMidway) outcome).reason());
            text.println("Stopped midway: " + messages.get(0));
            code = ExitCode.STOPPED_MIDWAY;
        }
        if (terminal.json()) {
            terminal.out()
                    .print(Json.object(json -> json.field("outcome", word)
                            .objects("messages", messages, (item, message) -> item.field("message", message))));
        }
        terminal.out().flush();
        terminal.err().flush();
        return code;
    }

    int status(Terminal terminal, boolean exitCode) {
        PlatformState state;
        try {
            state = open().read();
        } catch (PlatformUnreachableException unreachable) {
            terminal.err().println(unreachable.getMessage());
            terminal.err().flush();
            return ExitCode.REFUSED;
        }
        if (terminal.json()) {
            terminal.out().print(json(state));
        } else {
            print(state, terminal.out());
        }
        terminal.out().flush();
        return exitCode && !state.asPlanned() ? ExitCode.NOT_AS_PLANNED : ExitCode.DONE;
    }

    private static void print(PlatformState state, PrintWriter out) {
        if (!state.serving().isEmpty()) {
            Table table = new Table("llrrl", "application", "model", "planned", "ready", "");
            state.serving()
                    .forEach(each -> table.row(
                            each.name(),
                            each.model(),
                            Integer.toString(each.wanted()),
                            Integer.toString(each.ready()),
                            each.condition()));
            table.print(out);
        }
        state.unfinished().forEach(out::println);
        state.foreign().forEach(other -> out.println("not Scepsy's, left alone: " + other));
        out.println(
                state.serving().isEmpty()
                        ? "Nothing of Scepsy's runs here."
                        : state.asPlanned() ? "Everything is as planned." : "Not everything is as planned.");
    }

    private String json(PlatformState state) {
        return Json.object(json -> {
            json.field("platform", platform.toString()).field("asPlanned", state.asPlanned());
            json.objects(
                    "serving",
                    state.serving(),
                    (item, each) -> item.field("name", each.name())
                            .field("model", each.model())
                            .field("planned", each.wanted())
                            .field("ready", each.ready())
                            .field("condition", each.condition())
                            .field("asPlanned", each.asPlanned()));
            json.objects("foreign", state.foreign(), (item, other) -> item.field("message", other));
        });
    }
}
