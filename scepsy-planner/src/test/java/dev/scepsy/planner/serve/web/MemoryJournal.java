package dev.scepsy.planner.serve.web;

import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Freeze;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.Pin;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ServiceEvent;
import dev.scepsy.planner.serve.journal.StatisticsStore;
import dev.scepsy.planner.serve.journal.Store;
import dev.scepsy.planner.serve.journal.StoreException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A store in memory that is as strict as the real ones: who does not lead writes nothing, one key has one answer, ids rise by one. */
final class MemoryJournal implements Journal, Store {

    private static final int KEPT_EVENTS = 1_000;

    final Map<String, Answered> answers = new LinkedHashMap<>();
    final List<Proposal> proposals = new ArrayList<>();
    final List<PlanEntry> plans = new ArrayList<>();
    private final List<ServiceEvent> events = new ArrayList<>();
    private final List<Consumer<ServiceEvent>> listeners = new CopyOnWriteArrayList<>();
    private long lastEvent;
    volatile @Nullable String leader;
    volatile @Nullable String trouble;

    private void usable() {
        if (trouble != null) {
            throw new StoreException(trouble, new IllegalStateException("injected"));
        }
    }

    @Override
    public synchronized Optional<Proposal> proposal(String id) {
        usable();
        return proposals.stream().filter(each -> each.id().equals(id)).findFirst();
    }

    @Override
    public synchronized List<Proposal> proposals(int limit) {
        usable();
        return proposals.stream().limit(limit).toList();
    }

    @Override
    public synchronized List<Proposal> liveProposals() {
        usable();
        return proposals.stream().filter(each -> !each.state().ended()).toList();
    }

    @Override
    public synchronized Optional<PlanEntry> plan(String id) {
        usable();
        return plans.stream().filter(each -> each.id().equals(id)).findFirst();
    }

    @Override
    public synchronized List<PlanEntry> plans(int limit) {
        usable();
        return plans.stream().limit(limit).toList();
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
    public synchronized List<ServiceEvent> eventsAfter(long id) {
        usable();
        return events.stream().filter(event -> event.id() > id).toList();
    }

    @Override
    public synchronized Optional<Answered> answered(String idempotencyKey) {
        usable();
        return Optional.ofNullable(answers.get(idempotencyKey));
    }

    @Override
    public Optional<String> note(String name) {
        return Optional.empty();
    }

    @Override
    public AutoCloseable listen(Consumer<ServiceEvent> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public void write(Change change) {
        List<ServiceEvent> written = new ArrayList<>();
        synchronized (this) {
            usable();
            if (leader != null) {
                throw StoreException.standby(leader);
            }
            for (Change.Item item : change.items()) {
                if (item instanceof Change.Item.PutAnswer put) {
                    if (answers.putIfAbsent(put.answer().key(), put.answer()) != null) {
                        throw new AssertionError(
                                "A second answer for " + put.answer().key());
                    }
                } else if (item instanceof Change.Item.AddEvent add) {
                    written.add(new ServiceEvent(++lastEvent, add.at(), add.type(), add.data()));
                } else {
                    throw new AssertionError("The API does not write " + item);
                }
            }
            events.addAll(written);
            while (events.size() > KEPT_EVENTS) {
                events.remove(0);
            }
        }
        written.forEach(event -> listeners.forEach(listener -> listener.accept(event)));
    }

    int listeners() {
        return listeners.size();
    }

    @Override
    public Journal journal() {
        return this;
    }

    @Override
    public StatisticsStore statistics() {
        throw new AssertionError("The API asks observations, not the store.");
    }

    @Override
    public Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    @Override
    public boolean leads() {
        return leader == null;
    }

    @Override
    public Optional<String> leader() {
        return Optional.ofNullable(leader);
    }

    @Override
    public void close() {
        listeners.clear();
    }
}
