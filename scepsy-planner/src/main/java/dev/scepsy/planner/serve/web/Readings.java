package dev.scepsy.planner.serve.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.execution.IncompleteReason;
import dev.scepsy.planner.file.WorkflowsFile;
import dev.scepsy.planner.serve.engines.EngineLoads;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.loop.Operations;
import dev.scepsy.planner.serve.observe.Observations;
import dev.scepsy.planner.serve.settings.ServeSettings;
import dev.scepsy.planner.share.WorkflowShares;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The addresses that answer what is known. */
final class Readings {

    private static final Pattern EXECUTION = Pattern.compile("[0-9a-f]{32}-[0-9a-f]{16}");
    private static final int LISTED = 50;
    private static final int TRACE_ID_DIGITS = 32;

    private final ServeSettings settings;
    private final Observations observations;
    private final EngineLoads loads;
    private final Operations operations;
    private final Journal journal;

    Readings(
            ServeSettings settings,
            Observations observations,
            EngineLoads loads,
            Operations operations,
            Journal journal) {
        this.settings = settings;
        this.observations = observations;
        this.loads = loads;
        this.operations = operations;
        this.journal = journal;
    }

    Answer statistics(Exchange exchange) {
        Optional<Duration> window =
                exchange.query().duration("window", settings.statistics().window());
        exchange.query().check();
        WorkflowShares shares = observations.statistics(window);
        Map<String, Long> incomplete = new LinkedHashMap<>();
        for (Map.Entry<IncompleteReason, Long> count :
                shares.incompleteExecutions().entrySet()) {
            incomplete.put(count.getKey().key(), count.getValue());
        }
        return Answer.text(200, Answer.JSON, WorkflowsFile.toJson(shares.workflows(), incomplete));
    }

    Answer shares(Exchange exchange) {
        String workflow = exchange.query().required("workflow", "Name one, as statistics show it.");
        exchange.query().check();
        Optional<Observations.ShareCurve> curve = observations.shares(workflow);
        if (curve.isPresent()) {
            ObjectNode body = Documents.mapper().valueToTree(curve.get());
            body.set(
                    "drifts",
                    Documents.tree(Happened.drifts(journal, curve.get().workflow())));
            return Answer.json(200, body);
        }
        mustBeOne(workflow);
        throw unknown(workflow);
    }

    /** Where several workflows have a name, the plain form of it is refused. */
    private List<String> mustBeOne(String workflow) {
        List<String> candidates = observations.candidates(workflow);
        if (candidates.size() > 1 && !candidates.contains(workflow)) {
            throw Refusal.bad(List.of("Several workflows are called (" + Query.shortened(workflow) + "). Name one of "
                            + String.join(", ", candidates) + "."))
                    .member("candidates", candidates);
        }
        return candidates;
    }

    private Refusal unknown(String workflow) {
        List<String> known = observations.workflows();
        return Refusal.unknown("No workflow is called (" + Query.shortened(workflow) + ") among the executions seen.")
                .member("workflows", known.subList(0, Math.min(known.size(), WebLimits.MOST_LISTED)));
    }

    Answer executions(Exchange exchange) {
        Query query = exchange.query();
        String workflow = query.required("workflow", "Name one, as statistics show it.");
        int limit = query.integer("limit", 1, WebLimits.MOST_LISTED, LISTED);
        Optional<String> before = query.text("before");
        if (before.isPresent() && !EXECUTION.matcher(before.get()).matches()) {
            query.problem("before", "must be the id of an execution: {traceId}-{rootSpanId} in lower-case hex.");
        }
        query.check();
        List<String> candidates = mustBeOne(workflow);
        List<JsonNode> executions = observations.executions(workflow, limit, before);
        if (executions.isEmpty()
                && candidates.isEmpty()
                && !observations.workflows().contains(workflow)) {
            throw unknown(workflow);
        }
        ArrayNode listed = Documents.mapper().createArrayNode();
        executions.forEach(execution -> listed.add(linked(execution)));
        ObjectNode body = Documents.mapper().createObjectNode();
        body.set("executions", listed);
        return Answer.json(200, body);
    }

    Answer execution(Exchange exchange) {
        exchange.query().check();
        String id = exchange.of("id");
        if (!EXECUTION.matcher(id).matches()) {
            throw Refusal.bad(List.of("The id (" + Query.shortened(id)
                    + ") must be {traceId}-{rootSpanId}: 32 and 16 digits of lower-case hex."));
        }
        return Answer.json(
                200,
                linked(observations
                        .execution(id)
                        .orElseThrow(
                                () -> Refusal.unknown("There is no such execution, or it is not kept any more."))));
    }

    /** With a link to its trace in another tool, where one is configured. */
    private JsonNode linked(JsonNode execution) {
        String id = execution.path("id").asText();
        if (settings.traceLink().isEmpty()
                || !(execution instanceof ObjectNode)
                || !EXECUTION.matcher(id).matches()) {
            return execution;
        }
        String traceId = URLEncoder.encode(id.substring(0, TRACE_ID_DIGITS), StandardCharsets.UTF_8);
        ObjectNode linked = execution.deepCopy();
        return linked.put("traceLink", settings.traceLink().get().replace("{traceId}", traceId));
    }

    Answer models(Exchange exchange) {
        exchange.query().check();
        Map<String, EngineLoads.ModelLoad> measured = loads.models();
        ArrayNode models = Documents.mapper().createArrayNode();
        for (Operations.ModelView view : operations.models()) {
            ObjectNode model = Documents.mapper().valueToTree(view);
            EngineLoads.ModelLoad load = measured.get(view.model());
            if (load != null) {
                model.set("engines", Documents.tree(load));
            }
            models.add(model);
        }
        ObjectNode body = Documents.mapper().createObjectNode();
        body.set("models", models);
        body.set("engineTroubles", Documents.tree(loads.troubles()));
        return Answer.json(200, body);
    }

    Answer cluster(Exchange exchange) {
        exchange.query().check();
        ObjectNode body = Documents.mapper().valueToTree(operations.cluster());
        body.set("loop", Documents.tree(operations.loop()));
        return Answer.json(200, body);
    }

    Answer proposals(Exchange exchange) {
        int limit = limit(exchange);
        return Answer.list("proposals", journal.proposals(limit));
    }

    Answer proposal(Exchange exchange) {
        exchange.query().check();
        return Answer.json(
                200,
                journal.proposal(exchange.of("id"))
                        .orElseThrow(() -> Refusal.unknown("There is no proposal with this id.")));
    }

    Answer plans(Exchange exchange) {
        int limit = limit(exchange);
        ObjectNode body = Documents.mapper().createObjectNode();
        body.set("plans", Documents.tree(journal.plans(limit)));
        body.set("decisions", Documents.tree(Happened.decisions(journal)));
        return Answer.json(200, body);
    }

    Answer plan(Exchange exchange) {
        exchange.query().check();
        return Answer.json(
                200,
                journal.plan(exchange.of("id")).orElseThrow(() -> Refusal.unknown("There is no plan with this id.")));
    }

    private static int limit(Exchange exchange) {
        int limit = exchange.query().integer("limit", 1, WebLimits.MOST_LISTED, LISTED);
        exchange.query().check();
        return limit;
    }
}
