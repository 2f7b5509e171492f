package dev.scepsy.planner.serve.view;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Freeze;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.Pin;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.journal.ServiceEvent;
import dev.scepsy.planner.serve.journal.StatisticsStore;
import dev.scepsy.planner.serve.journal.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What {@code serve}'s export says of decisions; where there is none, {@code plan.json} is the one plan. Nothing is ever written. Immutable.
 */
final class FolderJournal implements Journal, Store {

    static final String PLANS = "plans.json";
    static final String PROPOSALS = "proposals.json";

    private static final int KEPT_EVENTS = 1_000;

    private final Optional<List<Proposal>> proposals;
    private final Optional<List<PlanEntry>> plans;
    private final List<Pin> pins;
    private final Optional<Freeze> freeze;
    private final List<ServiceEvent> events;

    private FolderJournal(
            Optional<List<Proposal>> proposals,
            Optional<List<PlanEntry>> plans,
            List<Pin> pins,
            Optional<Freeze> freeze,
            List<ServiceEvent> events) {
        this.proposals = proposals;
        this.plans = plans;
        this.pins = pins;
        this.freeze = freeze;
        this.events = events;
    }

    /** What is wrong with the export's files is added to {@code problems}. */
    static FolderJournal of(Folder folder, List<Problem> problems) {
        Path path = folder.path();
        Optional<List<Proposal>> proposals = list(path.resolve(PROPOSALS), Proposal.class, problems)
                .map(all -> all.stream()
                        .sorted(Comparator.comparing(Proposal::id).reversed())
                        .toList());
        Optional<List<PlanEntry>> plans = list(path.resolve(PLANS), PlanEntry.class, problems)
                .map(all -> all.stream()
                        .sorted(Comparator.comparing(PlanEntry::id).reversed())
                        .toList())
                .or(() -> folder.plan().map(plan -> List.of(found(folder, plan))));
        List<Pin> pins = list(path.resolve("pins.json"), Pin.class, problems).orElse(List.of());
        Optional<Freeze> freeze = Folder.json(path.resolve("freeze.json"), problems)
                .filter(json -> json.has("by"))
                .flatMap(json -> value(path.resolve("freeze.json"), json, Freeze.class, problems));
        return new FolderJournal(proposals, plans, pins, freeze, events(path.resolve("events.jsonl"), problems));
    }

    private static PlanEntry found(Folder folder, JsonNode plan) {
        return new PlanEntry(
                "plan.json",
                null,
                null,
                "found",
                plan.has("infeasible") ? ProposalState.FAILED : ProposalState.KEPT,
                folder.planAt(),
                null,
                null,
                "plan.json",
                null,
                plan,
                null,
                List.of(),
                null,
                null);
    }

    private static <T> Optional<List<T>> list(Path file, Class<T> type, List<Problem> problems) {
        return Folder.json(file, problems).map(json -> {
            List<T> values = new ArrayList<>();
            if (!json.isArray()) {
                problems.add(
                        new Problem(file.toString(), "", 0, 0, "This must be a list, as serve's export writes it."));
            }
            for (JsonNode each : json.isArray() ? json : JsonNodeFactory.instance.arrayNode()) {
                value(file, each, type, problems).ifPresent(values::add);
            }
            return values;
        });
    }

    private static <T> Optional<T> value(Path file, JsonNode json, Class<T> type, List<Problem> problems) {
        try {
            return Optional.of(Documents.mapper().treeToValue(json, type));
        } catch (JsonProcessingException | RuntimeException e) {
            problems.add(new Problem(
                    file.toString(),
                    "",
                    0,
                    0,
                    "This is not what serve's export writes ("
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse("")
                            + "): export again with the version that is to show it."));
            return Optional.empty();
        }
    }

    private static List<ServiceEvent> events(Path file, List<Problem> problems) {
        if (!Files.exists(file)) {
            return List.of();
        }
        List<ServiceEvent> events = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                if (!line.isBlank() && problems.isEmpty()) {
                    value(file, Documents.mapper().readTree(line), ServiceEvent.class, problems)
                            .ifPresent(events::add);
                }
            }
        } catch (IOException e) {
            problems.add(new Problem(file.toString(), "", 0, 0, "The events cannot be read: " + e.getMessage()));
        }
        return List.copyOf(events.subList(Math.max(0, events.size() - KEPT_EVENTS), events.size()));
    }

    private List<Proposal> known() {
        return proposals.orElseThrow(() -> Folder.missing(PROPOSALS));
    }

    private List<PlanEntry> applied() {
        return plans.orElseThrow(() -> Folder.missing("plan.json"));
    }

    /** The plan that stands for what is planned; empty where no file says one. */
    Optional<PlanEntry> newestPlan() {
        return plans.flatMap(all -> all.stream().findFirst());
    }

    @Override
    public Optional<Proposal> proposal(String id) {
        return known().stream().filter(each -> each.id().equals(id)).findFirst();
    }

    /** Where no export tells of proposals there were none that one could see: an empty list would say there are none. */
    @Override
    public List<Proposal> proposals(int limit) {
        return known().stream().limit(limit).toList();
    }

    @Override
    public List<Proposal> liveProposals() {
        return proposals.orElse(List.of()).stream()
                .filter(each -> !each.state().ended())
                .toList();
    }

    @Override
    public Optional<PlanEntry> plan(String id) {
        return applied().stream().filter(each -> each.id().equals(id)).findFirst();
    }

    @Override
    public List<PlanEntry> plans(int limit) {
        return applied().stream().limit(limit).toList();
    }

    @Override
    public List<Pin> pins() {
        return pins;
    }

    @Override
    public Optional<Freeze> freeze() {
        return freeze;
    }

    @Override
    public List<ServiceEvent> eventsAfter(long id) {
        return events.stream().filter(event -> event.id() > id).toList();
    }

    @Override
    public Optional<Answered> answered(String idempotencyKey) {
        return Optional.empty();
    }

    @Override
    public Optional<String> note(String name) {
        return Optional.empty();
    }

    @Override
    public AutoCloseable listen(Consumer<ServiceEvent> listener) {
        return () -> {};
    }

    @Override
    public void write(Change change) {
        throw new IllegalStateException("Files are only shown.");
    }

    @Override
    public Journal journal() {
        return this;
    }

    @Override
    public StatisticsStore statistics() {
        throw new IllegalStateException("Files are only shown.");
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
}
