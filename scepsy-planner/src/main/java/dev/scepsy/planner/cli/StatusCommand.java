package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.ClusterUnreachableException;
import dev.scepsy.planner.cluster.ReplicaLoads;
import dev.scepsy.planner.cluster.ServedPlan;
import dev.scepsy.planner.cluster.ServingState;
import dev.scepsy.planner.cluster.ServingState.EngineState;
import dev.scepsy.planner.cluster.ServingState.RouterState;
import dev.scepsy.planner.cluster.VerifiedPlacement;
import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.WholeFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code scepsy status}: what runs beside what the plan says. */
@Command(
        name = "status",
        description = {
            "Compares the running engines with the last applied plan: replicas, places, drift; says where the loads of"
                    + " a model's replicas are uneven.",
            "Exit codes: 0 shown, 4 the cluster is unreachable or its engines cannot be written as a"
                    + " plan (--plan-out), 7 the cluster differs from the plan (--exit-code, --until-planned)."
        })
final class StatusCommand implements Callable<Integer> {

    @Mixin
    private Terminal terminal = new Terminal();

    @Mixin
    private Connection connection = new Connection();

    @Option(
            names = "--plan-out",
            paramLabel = "FILE",
            description = "File for the running engines and their real places as a plan, for 'scepsy plan"
                    + " --current' and 'scepsy predict --plan'.")
    private @Nullable Path planOut;

    @Option(
            names = "--exit-code",
            description = "Exit with 7 when the cluster differs from the plan or a push is unfinished.")
    private boolean exitCode;

    @Mixin
    private WatchOptions watch = new WatchOptions();

    @Mixin
    private OtherPlatform platform = new OtherPlatform();

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Problem> problems = watch.problems(terminal);
        platform.wrong().map(terminal::wrongArgument).ifPresent(problems::add);
        if (!platform.isKubernetes() && watch.asked()) {
            problems.add(terminal.wrongArgument(
                    "--watch and --until-planned are for --platform kubernetes; ask other platforms again instead."));
        }
        if (!problems.isEmpty()) {
            return terminal.badInput(problems);
        }
        return platform.isKubernetes() ? ofKubernetes() : platform.status(terminal, exitCode);
    }

    private int ofKubernetes() throws IOException, InterruptedException {
        ServingState state;
        try (ClusterClient client = connection.open()) {
            if (watch.asked()) {
                Optional<ServingState> last = new StatusWatch(client::read, watch, terminal).run();
                if (last.isEmpty()) {
                    return ExitCode.REFUSED;
                }
                state = last.get();
            } else {
                state = client.read();
                List<ReplicaLoads> loads = client.loads(state);
                if (terminal.json()) {
                    terminal.out().print(json(state, loads));
                } else {
                    terminal.out().print(text(state));
                    LoadsReport.sentences(loads).forEach(terminal.out()::println);
                }
            }
        } catch (ClusterUnreachableException unreachable) {
            terminal.err().println(unreachable.getMessage());
            terminal.err().flush();
            return ExitCode.REFUSED;
        }
        int code = planOut == null ? ExitCode.DONE : writePlan(ServedPlan.of(state), planOut);
        terminal.out().flush();
        boolean asWanted = watch.untilPlanned() ? watch.reached(state) : !exitCode || state.asPlanned();
        return code == ExitCode.DONE && !asWanted ? ExitCode.NOT_AS_PLANNED : code;
    }

    private int writePlan(ServedPlan served, Path file) throws IOException {
        if (served instanceof ServedPlan.Known known) {
            WholeFile.write(file, PlanFile.placesToJson(known.allocations(), known.placements()));
            if (!terminal.json()) {
                terminal.out().println("What runs is written to " + file + ".");
            }
            return ExitCode.DONE;
        }
        terminal.err().println("No plan was written to " + file + ".");
        ((ServedPlan.Unknown) served).reasons().forEach(reason -> terminal.err().println("  " + reason));
        terminal.err().flush();
        return ExitCode.REFUSED;
    }

    /** For people. */
    static String text(ServingState state) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        out.println("Plan " + state.planId().orElse("none") + ", last push: " + state.record() + ".");
        if (!state.progress().isEmpty()) {
            out.println("Unfinished: " + state.progress());
        }
        if (!state.engines().isEmpty()) {
            Table table = new Table("lllrrrl", "model", "place", "shape", "planned", "ready", "found", "");
            for (EngineState engine : state.engines()) {
                table.row(
                        engine.engine().model(),
                        engine.engine().place(),
                        engine.engine().shape().toString(),
                        Integer.toString(engine.planned()),
                        Integer.toString(engine.ready()),
                        Integer.toString(engine.found()),
                        engine.asPlanned() ? "as planned" + older(engine) : drift(engine));
            }
            table.print(out);
        }
        state.router().ifPresent(router -> out.println(router(router)));
        state.leaving().forEach(pod -> out.println(pod + "."));
        out.println(state.asPlanned() ? "Everything is as planned." : "The cluster is not as planned.");
        state.history().stream().limit(5).forEach(line -> out.println("  " + line));
        out.flush();
        return text.toString();
    }

    private static String router(RouterState router) {
        return "Router " + router.kind() + ": " + router.ready() + " of " + router.planned() + " pod(s) ready"
                + (router.current() ? "." : ", and not as the plan has it: apply again.")
                + String.join(
                        "",
                        router.trouble().stream().map(why -> " " + why + ".").toList());
    }

    private static String older(EngineState engine) {
        return engine.olderPods() ? "; settings have changed since it started and reach it at its next start" : "";
    }

    private static String drift(EngineState engine) {
        StringBuilder text = new StringBuilder();
        if (engine.planned() == 0) {
            text.append("not in the plan; ");
        } else if (engine.ready() < engine.planned()) {
            text.append("not ready; ");
        }
        engine.placements().stream()
                .filter(placement -> !placement.asPlanned())
                .map(PushReport::describe)
                .forEach(place -> text.append(place).append("; "));
        engine.trouble().forEach(trouble -> text.append(trouble).append("; "));
        return text.toString();
    }

    /** What {@code docs/schemas/status-output.schema.json} describes. */
    static String json(ServingState state, List<ReplicaLoads> loads) {
        return Json.object(json -> {
            write(json, state);
            json.objects("loads", loads, LoadsReport::write);
        });
    }

    /** The same on one line, as of {@code at}, without loads: they are never twice the same. */
    static String jsonLine(ServingState state, Instant at) {
        return Json.line(json -> {
            json.field("time", at.truncatedTo(ChronoUnit.SECONDS).toString());
            write(json, state);
        });
    }

    private static void write(Json json, ServingState state) throws IOException {
        json.field("plan", state.planId().orElse("none"))
                .field("lastPush", state.record())
                .field("progress", state.progress())
                .field("asPlanned", state.asPlanned());
        json.objects("engines", state.engines(), (item, engine) -> {
            item.field("model", engine.engine().model())
                    .field("deployment", engine.deployment())
                    .field("node", engine.engine().node())
                    .integers("gpus", engine.engine().gpus())
                    .field("gpuFraction", engine.engine().shape().gpuFraction().toDouble())
                    .field("tensorParallel", engine.engine().shape().tensorParallel())
                    .field("planned", engine.planned())
                    .field("ready", engine.ready())
                    .field("found", engine.found())
                    .field("enforced", engine.enforced())
                    .field("asPlanned", engine.asPlanned())
                    .field("olderPods", engine.olderPods());
            item.objects("pods", engine.placements(), StatusCommand::pod);
        });
        json.objectIfPresent(
                "router",
                state.router(),
                (item, router) -> item.field("kind", router.kind())
                        .field("planned", router.planned())
                        .field("ready", router.ready())
                        .field("current", router.current())
                        .field("asPlanned", router.asPlanned()));
        json.objects("leaving", state.leaving(), (item, pod) -> item.field("message", pod));
        json.objects("history", state.history(), (item, line) -> item.field("line", line));
    }

    private static void pod(Json json, VerifiedPlacement placement) throws IOException {
        json.field("pod", placement.pod())
                .field("node", placement.node())
                .integers("gpus", placement.gpus())
                .field("asPlanned", placement.asPlanned());
    }
}
