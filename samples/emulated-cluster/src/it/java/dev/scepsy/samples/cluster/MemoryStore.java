package dev.scepsy.samples.cluster;

import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Change.Item;
import dev.scepsy.planner.serve.journal.Freeze;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.Pin;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ServiceEvent;
import dev.scepsy.planner.serve.journal.StatisticsStore;
import dev.scepsy.planner.serve.journal.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A store in memory that says before and after every write that it writes, so that tests can break it there. */
final class MemoryStore implements Store, Journal {

    private final TreeMap<String, Proposal> proposals = new TreeMap<>();
    private final TreeMap<String, PlanEntry> plans = new TreeMap<>();
    private final TreeMap<String, Pin> pins = new TreeMap<>();
    private final Map<String, String> notes = new TreeMap<>();
    private final List<ServiceEvent> events = new ArrayList<>();
    private Optional<Freeze> freeze = Optional.empty();
    private Runnable beforeWrite = () -> {};
    private Runnable afterWrite = () -> {};
    private Consumer<Change> watch = change -> {};

    void breaks(Runnable before, Runnable after) {
        beforeWrite = before;
        afterWrite = after;
    }

    void watch(Consumer<Change> everyWrite) {
        watch = everyWrite;
    }

    @Override
    public Journal journal() {
        return this;
    }

    @Override
    public StatisticsStore statistics() {
        throw new UnsupportedOperationException("The loop keeps no statistics.");
    }

    @Override
    public Optional<String> trouble() {
        return Optional.empty();
    }

    @Override
    public boolean leads() {
        return true;
    }

    @Override
    public Optional<String> leader() {
        return Optional.empty();
    }

    @Override
    public void close() {}

    @Override
    public synchronized Optional<Proposal> proposal(String id) {
        return Optional.ofNullable(proposals.get(id));
    }

    @Override
    public synchronized List<Proposal> proposals(int limit) {
        return proposals.descendingMap().values().stream().limit(limit).toList();
    }

    @Override
    public synchronized List<Proposal> liveProposals() {
        return proposals.descendingMap().values().stream()
                .filter(proposal -> !proposal.state().ended())
                .toList();
    }

    @Override
    public synchronized Optional<PlanEntry> plan(String id) {
        return Optional.ofNullable(plans.get(id));
    }

    @Override
    public synchronized List<PlanEntry> plans(int limit) {
        return plans.descendingMap().values().stream().limit(limit).toList();
    }

    @Override
    public synchronized List<Pin> pins() {
        return List.copyOf(pins.values());
    }

    @Override
    public synchronized Optional<Freeze> freeze() {
        return freeze;
    }

    @Override
    public synchronized List<ServiceEvent> eventsAfter(long id) {
        return events.stream().filter(event -> event.id() > id).toList();
    }

    @Override
    public Optional<Answered> answered(String idempotencyKey) {
        return Optional.empty();
    }

    @Override
    public synchronized Optional<String> note(String name) {
        return Optional.ofNullable(notes.get(name));
    }

    @Override
    public AutoCloseable listen(Consumer<ServiceEvent> listener) {
        throw new UnsupportedOperationException("Nobody listens in these tests.");
    }

    @Override
    public synchronized void write(Change change) {
        beforeWrite.run();
        watch.accept(change);
        for (Item item : change.items()) {
            if (item instanceof Item.PutProposal put) {
                proposals.put(put.proposal().id(), put.proposal());
            } else if (item instanceof Item.PutPlan put) {
                plans.put(put.plan().id(), put.plan());
            } else if (item instanceof Item.PutPin put) {
                pins.put(put.pin().model(), put.pin());
            } else if (item instanceof Item.RemovePin remove) {
                pins.remove(remove.model());
            } else if (item instanceof Item.PutFreeze put) {
                freeze = Optional.ofNullable(put.freeze());
            } else if (item instanceof Item.AddEvent event) {
                events.add(new ServiceEvent(events.size() + 1L, event.at(), event.type(), event.data()));
            } else if (item instanceof Item.PutNote note) {
                notes.put(note.name(), note.value());
            }
        }
        afterWrite.run();
    }
}
