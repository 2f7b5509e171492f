package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Decision;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.Suspect;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.loop.Operations.EngineView;
import dev.scepsy.planner.serve.loop.Operations.UnknownException;
import dev.scepsy.planner.serve.settings.Actor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * GPUs that plans leave out because an engine was slow there. Kept in the journal as a note, written with its event. A suspicion ends when the engine
 * that is still there is as fast as its siblings again, {@link #RETRIED} after the last engine left the GPUs, so that the next plan may try them again, or
 * when a person says so. Thread-safe.
 */
final class Suspects {

    /** Empty GPUs cannot be measured: after this long the next plan may use them again. */
    static final Duration RETRIED = Duration.ofHours(24);

    private static final String NOTE = "suspects";

    private final Journal journal;
    private final InstantSource clock;

    Suspects(Journal journal, InstantSource clock) {
        this.journal = journal;
        this.clock = clock;
    }

    /** Those that hold now. */
    List<Suspect> now() {
        return journal.note(NOTE)
                .filter(text -> !text.isEmpty())
                .map(text -> List.of(Documents.value(text, Suspect[].class)))
                .orElse(List.of());
    }

    /** One more; what was known of the same place is replaced. */
    synchronized void suspect(Suspect found) {
        List<Suspect> all = new ArrayList<>(now());
        all.removeIf(known -> known.node().equals(found.node()) && known.gpus().equals(found.gpus()));
        all.add(found);
        write(all, "GPUs are suspect: " + sentence(found));
    }

    /** What is there now: notes when engines leave, and ends what has rested long enough. */
    synchronized void look(List<EngineView> engines) {
        Instant now = clock.instant();
        for (Suspect suspect : now()) {
            boolean inUse = engines.stream().anyMatch(engine -> holds(suspect, engine));
            @Nullable Instant left = suspect.leftAt();
            if (inUse && left != null) {
                replace(suspect, suspect.left(null));
            } else if (!inUse && left == null) {
                replace(suspect, suspect.left(now));
            } else if (!inUse && left != null && !now.isBefore(left.plus(RETRIED))) {
                end(
                        suspect,
                        "Plans may use " + place(suspect) + " again: it has rested for " + RETRIED.toHours() + " h.");
            }
        }
    }

    /** The engine that is there is fast again. */
    synchronized void recovered(Suspect suspect, double secondsPerToken) {
        end(
                suspect,
                "Plans may use " + place(suspect) + " again: engine " + suspect.engine() + " takes "
                        + Sentences.seconds(secondsPerToken) + " per token there now.");
    }

    /**
     * A person says that all of a node's GPUs may be used again.
     *
     * @throws UnknownException if none of them is suspect
     */
    synchronized void trust(Actor actor, String node, @Nullable String reason) throws UnknownException {
        List<Suspect> all = new ArrayList<>(now());
        if (!all.removeIf(suspect -> suspect.node().equals(node))) {
            throw new UnknownException("No GPU of node (" + node + ") is suspect.");
        }
        Instant now = clock.instant();
        Change change = new Change().note(NOTE, Documents.text(all));
        change.event(
                now,
                "service",
                Map.of(
                        "text",
                        "Plans may use the GPUs of node " + node + " again: " + actor.name() + " says so.",
                        "decision",
                        new Decision("trust", actor.name(), reason, now)));
        journal.write(change);
    }

    /** {@code triggers} were planned for, and nothing came of it because of {@code why}; null: something did. */
    synchronized void planned(List<Trigger> triggers, @Nullable String why) {
        for (Suspect suspect : now()) {
            boolean meant =
                    triggers.stream().anyMatch(trigger -> suspect.engine().equals(trigger.subject()));
            if (meant || (why == null && suspect.nothingBetter() != null)) {
                replace(suspect, suspect.planned(why));
            }
        }
    }

    private void replace(Suspect old, Suspect young) {
        UnaryOperator<Suspect> change = each -> each.equals(old) ? young : each;
        journal.write(new Change()
                .note(NOTE, Documents.text(now().stream().map(change).toList())));
    }

    private void end(Suspect suspect, String said) {
        write(now().stream().filter(each -> !each.equals(suspect)).toList(), said);
    }

    private void write(List<Suspect> all, String said) {
        Change change = new Change().note(NOTE, Documents.text(all));
        change.event(clock.instant(), "service", Map.of("text", said));
        journal.write(change);
    }

    /** Whether {@code engine} stands on what is suspect. */
    static boolean holds(Suspect suspect, EngineView engine) {
        return suspect.node().equals(engine.node())
                && (engine.gpus().isEmpty()
                        || suspect.gpus().isEmpty()
                        || engine.gpus().stream().anyMatch(suspect.gpus()::contains));
    }

    static String place(Suspect suspect) {
        if (suspect.node().isEmpty()) {
            return "a node that is not known";
        }
        return suspect.gpus().isEmpty()
                ? "node " + suspect.node()
                : "GPU "
                        + String.join(
                                ", ",
                                suspect.gpus().stream().map(String::valueOf).toList())
                        + " of " + suspect.node();
    }

    /** What was measured where. */
    static String sentence(Suspect suspect) {
        return "Engine " + suspect.engine() + " of " + suspect.model() + " on " + place(suspect) + " takes "
                + Sentences.number(suspect.factor()) + " times as long for a token as it should ("
                + Sentences.seconds(suspect.measuredSecondsPerToken()) + ", expected "
                + Sentences.seconds(suspect.expectedSecondsPerToken()) + "; "
                + Sentences.number(suspect.requests()) + " requests).";
    }

    /** What plans do about it, for people. */
    List<String> notes() {
        return now().stream()
                .map(suspect -> sentence(suspect) + " Plans leave " + place(suspect) + " out"
                        + Optional.ofNullable(suspect.leftAt())
                                .map(left -> " until " + left.plus(RETRIED))
                                .orElse("")
                        + ", or until a person ends it (DELETE /api/v1/suspects/" + suspect.node() + ")."
                        + Optional.ofNullable(suspect.nothingBetter())
                                .map(why -> " Nothing is proposed for it: " + why)
                                .orElse(""))
                .toList();
    }
}
