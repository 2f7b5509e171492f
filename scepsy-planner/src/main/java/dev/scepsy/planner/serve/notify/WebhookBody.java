package dev.scepsy.planner.serve.notify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.ServiceEvent;
import java.util.List;
import java.util.Set;

/**
 * What is posted of an event: its type and id, what it is about in a few numbers and sentences, and where the rest is. Plans,
 * spans and workflows' statistics are not in it.
 */
final class WebhookBody {

    /** Events that are told: proposals with every decision on them, scorecards, and people's constraints. */
    static final Set<String> TYPES = Set.of("proposal", "scorecard", "pin", "freeze");

    /** What of a proposal goes on as it is. */
    private static final List<String> OF_PROPOSAL =
            List.of("id", "state", "createdAt", "changedAt", "targetsPerSecond", "planEntry");

    private static final List<String> OF_GAIN =
            List.of("latencySecondsBefore", "latencySecondsAfter", "relative", "gpusBefore", "gpusAfter");
    private static final List<String> OF_COST = List.of("moves", "seconds", "gpuSeconds", "delayedRequests");
    private static final List<String> OF_TRIGGER = List.of("kind", "workflow", "model", "at", "sentence");
    private static final List<String> OF_DECISION = List.of("what", "by", "reason", "at");
    private static final List<String> OF_OTHERS =
            List.of("id", "plan", "planEntry", "proposal", "model", "by", "reason", "at", "until", "what", "state");
    private static final List<String> OF_SCORECARD =
            List.of("from", "to", "verdict", "sentence", "workflows", "models");

    private WebhookBody() {}

    static String of(ServiceEvent event, Journal journal) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("id", event.id());
        body.put("type", event.type());
        body.put("at", event.at().toString());
        ObjectNode links = JsonNodeFactory.instance.objectNode();
        switch (event.type()) {
            case "proposal" -> proposal(event.data(), journal, body, links);
            case "scorecard" -> scorecard(event.data(), body, links);
            default -> {
                ObjectNode about = body.putObject(event.type());
                copy(event.data(), OF_OTHERS, about, true);
                links.put("cluster", "/api/v1/cluster");
            }
        }
        body.set("links", links);
        return Documents.text(body);
    }

    /** An event that says the id alone is completed from the journal. */
    private static void proposal(JsonNode data, Journal journal, ObjectNode body, ObjectNode links) {
        String id = data.path("id").asText("");
        JsonNode proposal = data.has("gain") || id.isEmpty()
                ? data
                : journal.proposal(id).<JsonNode>map(Documents::tree).orElse(data);
        ObjectNode about = body.putObject("proposal");
        copy(proposal, OF_PROPOSAL, about, false);
        about.put("id", id);
        if (data.has("state")) {
            about.set("state", data.get("state")); // as it was at the event; later ones are events of their own
        }
        array(proposal.path("triggers"), OF_TRIGGER, about.putArray("triggers"));
        array(proposal.path("decisions"), OF_DECISION, about.putArray("decisions"));
        ArrayNode models = about.putArray("changes");
        proposal.path("difference")
                .forEach(difference -> models.add(difference.path("model").asText("")));
        copy(proposal.path("gain"), OF_GAIN, about.putObject("gain"), false);
        copy(proposal.path("cost"), OF_COST, about.putObject("cost"), false);
        if (!id.isEmpty()) {
            links.put("proposal", "/api/v1/proposals/" + id);
        }
    }

    private static void scorecard(JsonNode data, ObjectNode body, ObjectNode links) {
        JsonNode card = data.has("scorecard") ? data.get("scorecard") : data;
        ObjectNode about = body.putObject("scorecard");
        copy(card, OF_SCORECARD, about, false);
        for (String key : List.of("plan", "planEntry", "proposal")) {
            if (data.path(key).isTextual()) {
                about.set(key, data.get(key));
            }
        }
        String plan = data.path("planEntry")
                .asText(data.path("id").asText(data.path("plan").asText("")));
        if (!plan.isEmpty()) {
            about.put("planEntry", plan);
            links.put("plan", "/api/v1/plans/" + plan);
        }
    }

    private static void array(JsonNode from, List<String> keys, ArrayNode to) {
        from.forEach(each -> copy(each, keys, to.addObject(), false));
    }

    private static void copy(JsonNode from, List<String> keys, ObjectNode to, boolean valuesOnly) {
        for (String key : keys) {
            JsonNode value = from.get(key);
            if (value != null && !value.isNull() && !(valuesOnly && value.isContainerNode())) {
                to.set(key, value);
            }
        }
    }
}
