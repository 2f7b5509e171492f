package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.Forecast;
import dev.scepsy.planner.cluster.PushEvent;
import dev.scepsy.planner.cluster.PushOutcome;
import dev.scepsy.planner.cluster.RouterStep;
import dev.scepsy.planner.cluster.StepTime;
import dev.scepsy.planner.cluster.VerifiedPlacement;
import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.transition.Step;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Tells people, or programs, how a push goes and how it ended. */
final class PushReport {

    private final Terminal terminal;

    PushReport(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Steps as they happen, on standard error. */
    void tell(PushEvent event) {
        PrintWriter err = terminal.err();
        if (event instanceof PushEvent.Planned planned) {
            err.println("Plan " + planned.planId() + ": "
                    + (planned.steps().isEmpty()
                            ? "every engine runs already."
                            : count(planned.steps()) + ". " + planned.forecast().summary(Instant.now())));
        } else if (event instanceof PushEvent.Started started) {
            err.println("[" + started.number() + "/" + started.of() + "] " + line(started.step(), started.expected()));
        } else if (event instanceof PushEvent.Finished finished) {
            err.println(String.format(
                    Locale.ROOT, "[%d/%d] done in %.1f s", finished.number(), finished.of(), finished.seconds()));
        } else if (event instanceof PushEvent.Routing routing) {
            err.println("[router] " + routing.step());
        } else if (event instanceof PushEvent.RollingBack back) {
            err.println("Rolling back: " + back.reason());
        } else if (event instanceof PushEvent.Note note) {
            err.println(note.text());
        }
        err.flush();
    }

    static String line(Step step, StepTime expected) {
        return step + "; " + expected;
    }

    /** How it ended, on standard output; returns the exit code. */
    int end(PushOutcome outcome) {
        if (terminal.json()) {
            terminal.out().print(json(outcome));
            terminal.out().flush();
        }
        PrintWriter text = terminal.json() ? terminal.err() : terminal.out();
        int code;
        if (outcome instanceof PushOutcome.Applied applied) {
            text.println("Plan " + applied.planId() + " is served: " + count(applied.done()) + " done, "
                    + applied.placements().size() + " pods.");
            applied.placements().stream()
                    .filter(placement -> !placement.asPlanned())
                    .forEach(placement -> text.println("Not where the plan has it: " + describe(placement)));
            code = ExitCode.DONE;
        } else if (outcome instanceof PushOutcome.Refused refused) {
            terminal.err().println("Refused; nothing was changed.");
            refused.reasons().forEach(reason -> terminal.err().println("  " + reason));
            refused.remedies().forEach(remedy -> terminal.err().println("  What would help: " + remedy));
            code = ExitCode.REFUSED;
        } else if (outcome instanceof PushOutcome.StoppedMidway stopped) {
            text.println("Stopped midway: " + stopped.reason());
            list(text, "Done", stopped.done());
            list(text, "Left", stopped.left());
            text.println(stopped.belowFloor()
                            .map(below -> below.isEmpty()
                                    ? "Every model has its floor of ready replicas."
                                    : String.join(" ", below))
                            .orElse("Whether every model has its floor of ready replicas could not be checked; scepsy"
                                    + " status shows it.")
                    + " Apply again to go on, or roll back.");
            code = ExitCode.STOPPED_MIDWAY;
        } else {
            PushOutcome.RolledBack back = (PushOutcome.RolledBack) outcome;
            text.println("Rolled back: " + back.reason());
            list(text, "Done before", back.done());
            list(text, "Restored by", back.restoring());
            code = ExitCode.ROLLED_BACK;
        }
        text.flush();
        terminal.err().flush();
        return code;
    }

    static String describe(VerifiedPlacement placement) {
        return placement.pod() + " (" + placement.engine() + ") is on "
                + (placement.node().isEmpty() ? "no node" : placement.node())
                + (placement.gpus().isEmpty() ? "" : " GPU " + placement.gpus());
    }

    private static String count(List<Step> steps) {
        return steps.size() == 1 ? "1 step" : steps.size() + " steps";
    }

    private static void list(PrintWriter text, String title, List<Step> steps) {
        text.println(title + ": " + (steps.isEmpty() ? "nothing." : count(steps) + "."));
        steps.forEach(step -> text.println("  " + step));
    }

    private static String json(PushOutcome outcome) {
        return Json.object(json -> {
            if (outcome instanceof PushOutcome.Applied applied) {
                json.field("outcome", "applied").field("plan", applied.planId());
                steps(json, "done", applied.done());
                json.objects(
                        "placements",
                        applied.placements(),
                        (item, placement) -> item.field(
                                        "model", placement.engine().model())
                                .field("pod", placement.pod())
                                .field("node", placement.node())
                                .integers("gpus", placement.gpus())
                                .field("enforced", placement.enforced())
                                .field("asPlanned", placement.asPlanned()));
            } else if (outcome instanceof PushOutcome.Refused refused) {
                json.field("outcome", "refused");
                json.objects("reasons", refused.reasons(), (item, reason) -> item.field("message", reason));
                json.objects("remedies", refused.remedies(), (item, remedy) -> item.field("message", remedy));
            } else if (outcome instanceof PushOutcome.StoppedMidway stopped) {
                json.field("outcome", "stoppedMidway").field("reason", stopped.reason());
                if (stopped.belowFloor().isPresent()) {
                    json.objects(
                            "belowFloor",
                            stopped.belowFloor().get(),
                            (item, sentence) -> item.field("message", sentence));
                }
                steps(json, "done", stopped.done());
                steps(json, "left", stopped.left());
            } else if (outcome instanceof PushOutcome.RolledBack back) {
                json.field("outcome", "rolledBack").field("reason", back.reason());
                steps(json, "done", back.done());
                steps(json, "restoring", back.restoring());
            }
        });
    }

    private static void steps(Json json, String key, List<Step> steps) throws IOException {
        json.objects(key, steps, PushReport::step);
    }

    /** With what each is expected to take. */
    static void steps(Json json, String key, List<Step> steps, Forecast forecast) throws IOException {
        List<Integer> numbers = IntStream.range(0, steps.size()).boxed().toList();
        json.objects(key, numbers, (item, number) -> {
            step(item, steps.get(number));
            StepTime expected = forecast.steps().get(number);
            item.field("expectedSeconds", Math.round(expected.seconds()))
                    .field("expectedBy", expected.source())
                    .field("expectedWhy", expected.why());
        });
    }

    static void router(Json json, List<RouterStep> steps) throws IOException {
        json.objects(
                "routerSteps",
                steps,
                (item, step) -> item.field("action", step.action().key())
                        .field("what", step.text())
                        .field("expectedSeconds", Math.round(step.expected().seconds()))
                        .field("expectedWhy", step.expected().why()));
    }

    private static void step(Json item, Step step) throws IOException {
        item.field("action", step instanceof Step.Start ? "start" : "stop")
                .field("model", step.engine().model())
                .field("node", step.engine().node())
                .integers("gpus", step.engine().gpus())
                .field("gpuFraction", step.engine().shape().gpuFraction().toDouble())
                .field("tensorParallel", step.engine().shape().tensorParallel())
                .field("why", step.why());
    }
}
