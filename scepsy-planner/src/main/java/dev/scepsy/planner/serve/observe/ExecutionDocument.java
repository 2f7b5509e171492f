package dev.scepsy.planner.serve.observe;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionAssembler.Assembled;
import dev.scepsy.planner.execution.LeafCall;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.StatisticsStore.Kept;
import dev.scepsy.planner.share.CriticalPath;
import dev.scepsy.planner.share.ExecutionShares;
import dev.scepsy.planner.share.ModelUse;
import dev.scepsy.planner.span.GenAi;
import dev.scepsy.planner.span.Operation;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * One execution as it is kept and shown: names, kinds, times, tokens; none of the content, and no attribute besides.
 *
 * @param execution complete
 */
record ExecutionDocument(Assembled execution, ExecutionShares shares) {

    /** Spans in a document; further ones are counted. */
    private static final int MOST_SPANS = 1_000;

    /** Characters of a name. */
    private static final int LONGEST_NAME = 200;

    private static final double NANOS_PER_SECOND = 1e9;
    private static final String TOOL_PREFIX = "execute_tool ";

    String id() {
        return FoldedIds.text(shares.id());
    }

    Instant end() {
        return Instant.ofEpochSecond(0, shares.endEpochNanos());
    }

    Kept kept() {
        String service = shares.workflow().service();
        return new Kept(id(), shares.workflow().name(), service == null ? "" : service, end(), Documents.text(json()));
    }

    ObjectNode json() {
        ObjectNode document = Documents.mapper().createObjectNode();
        Span root = execution.root();
        document.put("id", id())
                .put("traceId", shares.id().traceId().toHex())
                .put("workflow", name(shares.workflow().name()))
                .put("service", shares.workflow().service())
                .put("start", Instant.ofEpochSecond(0, shares.startEpochNanos()).toString())
                .put("end", end().toString())
                .put("durationSeconds", seconds(shares.durationNanos()))
                .put("outcome", root != null && root.error() ? "error" : "ok")
                .put("otherSeconds", seconds(shares.otherNanos()));
        ArrayNode models = document.putArray("models");
        for (ModelUse use : shares.models()) {
            models.addObject()
                    .put("model", name(use.model()))
                    .put("pathSeconds", seconds(use.pathNanos()))
                    .put("callSeconds", seconds(use.callNanos()))
                    .put("calls", use.calls());
        }
        List<Long> path = path();
        Set<Long> onPath = new HashSet<>(path);
        List<Span> spans = new ArrayList<>(execution.spans());
        spans.sort(Comparator.comparingLong(Span::startEpochNanos).thenComparing(Span::spanId, Long::compareUnsigned));
        ArrayNode all = document.putArray("spans");
        for (Span span : spans.subList(0, Math.min(MOST_SPANS, spans.size()))) {
            span(all.addObject(), span, onPath.contains(span.spanId()));
        }
        if (spans.size() > MOST_SPANS) {
            document.put("spansLeftOut", spans.size() - MOST_SPANS);
        }
        ArrayNode critical = document.putArray("criticalPath");
        path.forEach(spanId -> critical.add(SpanId.toHex(spanId)));
        return document;
    }

    private List<Long> path() {
        return execution.execution() instanceof Execution.Complete complete
                ? CriticalPath.of(complete).calls().stream()
                        .limit(MOST_SPANS)
                        .map(LeafCall::spanId)
                        .toList()
                : List.of();
    }

    private void span(ObjectNode into, Span span, boolean onCriticalPath) {
        GenAi genAi = span.genAi();
        into.put("spanId", SpanId.toHex(span.spanId()));
        if (span.hasParent()) {
            into.put("parentSpanId", SpanId.toHex(span.parentSpanId()));
        }
        into.put("name", name(span.name())).put("kind", kind(span));
        put(into, "model", Optional.ofNullable(span.isModelCall() ? genAi.model() : null));
        put(into, "agent", Optional.ofNullable(genAi.agent()));
        put(into, "tool", tool(span));
        into.put("startSeconds", seconds(span.startEpochNanos() - shares.startEpochNanos()))
                .put("durationSeconds", seconds(span.endEpochNanos() - span.startEpochNanos()));
        if (genAi.backoffNanos() > 0) {
            into.put("backoffSeconds", seconds(genAi.backoffNanos()));
        }
        genAi.inputTokens().ifPresent(tokens -> into.put("inputTokens", tokens));
        genAi.outputTokens().ifPresent(tokens -> into.put("outputTokens", tokens));
        into.put("error", span.error()).put("onCriticalPath", onCriticalPath);
    }

    private static void put(ObjectNode into, String field, Optional<String> value) {
        value.ifPresent(text -> into.put(field, name(text)));
    }

    /** What the span's work is, as statistics tell kinds apart; else the kind of the span. */
    private static String kind(Span span) {
        Operation operation = span.genAi().operation();
        if (span.isModelCall()) {
            return operation == Operation.ENCODER ? "encoder" : "model";
        }
        return switch (operation) {
            case AGENT, WORKFLOW, TOOL, RETRIEVAL -> operation.name().toLowerCase(Locale.ROOT);
            default -> span.kind().name().toLowerCase(Locale.ROOT);
        };
    }

    private static Optional<String> tool(Span span) {
        if (span.genAi().operation() != Operation.TOOL) {
            return Optional.empty();
        }
        return Optional.of(
                span.name().startsWith(TOOL_PREFIX) ? span.name().substring(TOOL_PREFIX.length()) : span.name());
    }

    private static String name(String text) {
        if (text.length() <= LONGEST_NAME) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(LONGEST_NAME - 1)) ? LONGEST_NAME - 1 : LONGEST_NAME;
        return text.substring(0, end) + "…";
    }

    private static double seconds(long nanos) {
        return nanos / NANOS_PER_SECOND;
    }
}
