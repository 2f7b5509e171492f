package dev.scepsy.planner.serve.journal;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is written together. Collects; not thread-safe. */
public final class Change {

    /** One thing to write. */
    public sealed interface Item {
        record PutProposal(Proposal proposal) implements Item {}

        record PutPlan(PlanEntry plan) implements Item {}

        record PutPin(Pin pin) implements Item {}

        record RemovePin(String model) implements Item {}

        /** Null: none any more. */
        record PutFreeze(@Nullable Freeze freeze) implements Item {}

        /** Gets its id when it is written. */
        record AddEvent(Instant at, String type, JsonNode data) implements Item {}

        record PutAnswer(Journal.Answered answer, Instant at) implements Item {}

        record PutNote(String name, String value) implements Item {}
    }

    private final List<Item> items = new ArrayList<>();

    public Change proposal(Proposal proposal) {
        return add(new Item.PutProposal(proposal));
    }

    public Change plan(PlanEntry plan) {
        return add(new Item.PutPlan(plan));
    }

    public Change pin(Pin pin) {
        return add(new Item.PutPin(pin));
    }

    public Change removePin(String model) {
        return add(new Item.RemovePin(model));
    }

    public Change freeze(@Nullable Freeze freeze) {
        return add(new Item.PutFreeze(freeze));
    }

    public Change event(Instant at, String type, Object data) {
        return add(new Item.AddEvent(at, type, Documents.tree(data)));
    }

    public Change answer(Journal.Answered answer, Instant at) {
        return add(new Item.PutAnswer(answer, at));
    }

    public Change note(String name, String value) {
        return add(new Item.PutNote(name, value));
    }

    /** In the order they were added. */
    public List<Item> items() {
        return List.copyOf(items);
    }

    private Change add(Item item) {
        items.add(item);
        return this;
    }
}
