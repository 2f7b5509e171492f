package dev.scepsy.planner.serve.web;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ServiceEvent;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.loop.Triggers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the journal's last events and proposals tell of the past, so that it can be shown to who was not there. */
final class Happened {

    private static final int PROPOSALS = 200;
    private static final int MOST_DECISIONS = 200;

    private Happened() {}

    /**
     * A workflow that became another.
     *
     * @param at when it was noticed
     * @param since from when it is so; null: not known
     */
    record Drift(
            Instant at,
            @Nullable Instant since,
            @Nullable String model,
            String sentence,
            Map<String, Double> evidence) {}

    /** Of the workflow as it is shown, oldest first. */
    static List<Drift> drifts(Journal journal, String workflow) {
        Map<String, Trigger> found = new TreeMap<>();
        for (ServiceEvent event : journal.eventsAfter(0)) {
            if (event.type().equals("trigger")) {
                add(found, Triggers.of(event.data()), workflow);
            }
        }
        for (Proposal proposal : proposals(journal)) {
            proposal.triggers().forEach(trigger -> add(found, trigger, workflow));
        }
        return found.values().stream()
                .map(trigger -> new Drift(
                        trigger.at(),
                        Triggers.since(trigger).orElse(null),
                        trigger.model(),
                        trigger.sentence(),
                        trigger.evidence()))
                .sorted(Comparator.comparing(Drift::at))
                .toList();
    }

    /** Files without proposals have curves all the same. */
    private static List<Proposal> proposals(Journal journal) {
        try {
            return journal.proposals(PROPOSALS);
        } catch (NotShownException none) {
            return List.of();
        }
    }

    private static void add(Map<String, Trigger> found, Trigger trigger, String workflow) {
        if (trigger.kind().equals("drift") && workflow.equals(trigger.workflow())) {
            found.putIfAbsent(trigger.at() + " " + trigger.sentence(), trigger);
        }
    }

    /**
     * What somebody decided on pins and the freeze.
     *
     * @param what {@code pin}, {@code unpin}, {@code freeze} or {@code unfreeze}
     * @param model null: it is of none
     */
    record Decided(
            Instant at,
            String what,
            String by,
            @Nullable String model,
            @Nullable String reason) {}

    /** Newest first. */
    static List<Decided> decisions(Journal journal) {
        List<Decided> decided = new ArrayList<>();
        List<ServiceEvent> events = journal.eventsAfter(0);
        for (int i = events.size() - 1; i >= 0 && decided.size() < MOST_DECISIONS; i--) {
            ServiceEvent event = events.get(i);
            if (event.type().equals("pin") || event.type().equals("freeze")) {
                JsonNode data = event.data();
                JsonNode ended = data.path("decision");
                JsonNode said = ended.isObject() ? ended : data;
                decided.add(new Decided(
                        event.at(),
                        ended.path("what").asText(event.type()),
                        said.path("by").asText(""),
                        text(data, "model"),
                        text(said, "reason")));
            }
        }
        return decided;
    }

    private static @Nullable String text(JsonNode object, String member) {
        JsonNode value = object.path(member);
        return value.isTextual() ? value.textValue() : null;
    }
}
