package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Decision;
import dev.scepsy.planner.serve.journal.Freeze;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.Pin;
import dev.scepsy.planner.serve.loop.Operations.BadRequestException;
import dev.scepsy.planner.serve.loop.Operations.ConflictException;
import dev.scepsy.planner.serve.loop.Operations.UnknownException;
import dev.scepsy.planner.serve.settings.Actor;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Pins and the freeze: written with their decision before they hold. Those whose end has passed do not hold, and are left as they are. */
final class Constraints {

    private final Journal journal;
    private final InstantSource clock;

    Constraints(Journal journal, InstantSource clock) {
        this.journal = journal;
        this.clock = clock;
    }

    /** The freeze that holds now. */
    Optional<Freeze> freeze() {
        Instant now = clock.instant();
        return journal.freeze().filter(freeze -> freeze.until() == null || now.isBefore(freeze.until()));
    }

    /**
     * @param served what the model has now; empty: nothing
     * @param model as described; empty: no model has that name
     */
    Pin pin(Actor actor, Pin wanted, Optional<ServedModel> model, Optional<LlmAllocation> served)
            throws ConflictException, UnknownException, BadRequestException {
        if (model.isEmpty()) {
            throw new UnknownException("The models file has no model (" + wanted.model() + ").");
        }
        Instant now = clock.instant();
        List<String> wrong = wrong(wanted, model.get(), now);
        if (!wrong.isEmpty()) {
            throw new BadRequestException(wrong);
        }
        boolean asServed = wanted.gpu() == null
                && wanted.gpuFraction() == null
                && wanted.tensorParallel() == null
                && wanted.replicas() == null;
        if (asServed && served.isEmpty()) {
            throw new ConflictException(
                    "Nothing serves model (" + wanted.model() + ") now: say what to pin it to.", "notServed");
        }
        Pin pin = asServed ? as(served.get(), wanted, actor, now) : with(wanted, actor, now);
        Change change = new Change().pin(pin);
        change.event(now, "pin", pin);
        journal.write(change);
        return pin;
    }

    private static Pin as(LlmAllocation served, Pin wanted, Actor actor, Instant now) {
        return new Pin(
                served.model(),
                served.gpu(),
                served.gpuFraction().toDouble(),
                served.tensorParallel(),
                served.replicas(),
                actor.name(),
                wanted.reason(),
                now,
                wanted.until());
    }

    private static Pin with(Pin wanted, Actor actor, Instant now) {
        return new Pin(
                wanted.model(),
                wanted.gpu(),
                wanted.gpuFraction(),
                wanted.tensorParallel(),
                wanted.replicas(),
                actor.name(),
                wanted.reason(),
                now,
                wanted.until());
    }

    private static List<String> wrong(Pin wanted, ServedModel model, Instant now) {
        List<String> wrong = new ArrayList<>();
        if (model.external()) {
            wrong.add("Model (" + model.name() + ") is external: it has no GPUs to pin.");
        }
        if (wanted.gpuFraction() != null) {
            try {
                GpuFraction.of(wanted.gpuFraction());
            } catch (IllegalArgumentException outside) {
                wrong.add(String.valueOf(outside.getMessage()));
            }
        }
        if (wanted.tensorParallel() != null && wanted.tensorParallel() < 1) {
            wrong.add("The tensorParallel (" + wanted.tensorParallel() + ") must be at least 1.");
        }
        if (wanted.replicas() != null && wanted.replicas() < 1) {
            wrong.add("The replicas (" + wanted.replicas() + ") must be at least 1.");
        }
        past(wanted.until(), now).ifPresent(wrong::add);
        return wrong;
    }

    private static Optional<String> past(@Nullable Instant until, Instant now) {
        return until != null && !until.isAfter(now)
                ? Optional.of("The until (" + until + ") is over: it is " + now + ".")
                : Optional.empty();
    }

    void unpin(Actor actor, String model, @Nullable String reason) throws UnknownException {
        if (journal.pins().stream().noneMatch(pin -> pin.model().equals(model))) {
            throw new UnknownException("Model (" + model + ") is not pinned.");
        }
        Instant now = clock.instant();
        Change change = new Change().removePin(model);
        change.event(now, "pin", Map.of("model", model, "decision", new Decision("unpin", actor.name(), reason, now)));
        journal.write(change);
    }

    Freeze freeze(Actor actor, @Nullable String reason, @Nullable Instant until) throws BadRequestException {
        Instant now = clock.instant();
        Optional<String> past = past(until, now);
        if (past.isPresent()) {
            throw new BadRequestException(List.of(past.get()));
        }
        Freeze freeze = new Freeze(actor.name(), reason, now, until);
        Change change = new Change().freeze(freeze);
        change.event(now, "freeze", freeze);
        journal.write(change);
        return freeze;
    }

    void unfreeze(Actor actor, @Nullable String reason) throws UnknownException {
        if (freeze().isEmpty()) {
            throw new UnknownException("Nothing is frozen.");
        }
        Instant now = clock.instant();
        Change change = new Change().freeze(null);
        change.event(now, "freeze", Map.of("decision", new Decision("unfreeze", actor.name(), reason, now)));
        journal.write(change);
    }
}
