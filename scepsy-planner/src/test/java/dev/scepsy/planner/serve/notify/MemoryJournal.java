package dev.scepsy.planner.serve.notify;

import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Freeze;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.Pin;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ServiceEvent;
import dev.scepsy.planner.serve.journal.StoreException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Events, notes and proposals in memory, with their limits: the last 1,000 events, and one who leads. */
final class MemoryJournal implements Journal {

    private final List<ServiceEvent> events = new ArrayList<>();
    private final Map<String, String> notes = new HashMap<>();
    private final Map<String, Proposal> proposals = new HashMap<>();
    private final List<Consumer<ServiceEvent>> listeners = new CopyOnWriteArrayList<>();
    private long lastId;
    volatile boolean leads = true;
    volatile boolean away;

    private void check() {
        if (away) {
            throw new StoreException("The disk is full.", new java.io.IOException("full"));
        }
    }

    @Override
    public synchronized void write(Change change) {
        check();
        if (!leads) {
            throw StoreException.standby("another");
        }
        List<ServiceEvent> added = new ArrayList<>();
        for (Change.Item item : change.items()) {
            if (item instanceof Change.Item.PutNote note) {
                notes.put(note.name(), note.value());
            } else if (item instanceof Change.Item.PutProposal put) {
                proposals.put(put.proposal().id(), put.proposal());
            } else if (item instanceof Change.Item.AddEvent event) {
                added.add(new ServiceEvent(++lastId, event.at(), event.type(), event.data()));
            }
        }
        events.addAll(added);
        while (events.size() > 1000) {
            events.remove(0);
        }
        added.forEach(event -> listeners.forEach(listener -> listener.accept(event)));
    }

    @Override
    public synchronized List<ServiceEvent> eventsAfter(long id) {
        check();
        return events.stream().filter(event -> event.id() > id).toList();
    }

    @Override
    public synchronized Optional<String> note(String name) {
        check();
        return Optional.ofNullable(notes.get(name));
    }

    @Override
    public AutoCloseable listen(Consumer<ServiceEvent> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public synchronized Optional<Proposal> proposal(String id) {
        return Optional.ofNullable(proposals.get(id));
    }

    @Override
    public List<Proposal> proposals(int limit) {
        return List.of();
    }

    @Override
    public List<Proposal> liveProposals() {
        return List.of();
    }

    @Override
    public Optional<PlanEntry> plan(String id) {
        return Optional.empty();
    }

    @Override
    public List<PlanEntry> plans(int limit) {
        return List.of();
    }

    @Override
    public List<Pin> pins() {
        return List.of();
    }

    @Override
    public Optional<Freeze> freeze() {
        return Optional.empty();
    }

    @Override
    public Optional<Answered> answered(String idempotencyKey) {
        return Optional.empty();
    }
}
