package dev.scepsy.planner.serve.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.serve.engines.EngineLoads;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.observe.Observations;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A service of any size that was never there: nodes of eight GPUs, an engine of two GPUs after the other, each workflow with three models. Names get {@code prefix}, so that a
 * test can put anything in front of all of them. {@link MadeUpOperations} has its cluster and what is decided.
 */
final class MadeUp implements Observations, EngineLoads {

    static final Instant NOW = Instant.parse("2026-03-04T05:06:07Z");

    static final int GPUS_PER_NODE = 8;
    private static final int POINTS = 150;

    final int nodes;
    final int models;
    final int workflows;
    final String prefix;
    private volatile long executions = 200;

    MadeUp(int gpus, int models, int workflows, String prefix) {
        this.nodes = (gpus + GPUS_PER_NODE - 1) / GPUS_PER_NODE;
        this.models = models;
        this.workflows = workflows;
        this.prefix = prefix;
    }

    String model(int m) {
        return "%smodel-%03d".formatted(prefix, m);
    }

    String workflow(int w) {
        return "%sworkflow-%02d".formatted(prefix, w);
    }

    String node(int n) {
        return "%snode-%03d".formatted(prefix, n);
    }

    String sentence(String text) {
        return prefix + text;
    }

    private List<Integer> modelsOf(int w) {
        return List.of(w % models, (w + 1) % models, (w + 7) % models).stream()
                .distinct()
                .toList();
    }

    // what is observed

    @Override
    public WorkflowShares statistics(Optional<Duration> last) {
        List<WorkflowStatistics> all = new ArrayList<>();
        for (int w = 0; w < workflows; w++) {
            List<ModelStatistics> parts = new ArrayList<>();
            for (int m : modelsOf(w)) {
                parts.add(new ModelStatistics(
                        model(m),
                        3.2,
                        1.6,
                        2,
                        OptionalDouble.of(0.3),
                        OptionalDouble.of(1.9),
                        OptionalDouble.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        Optional.empty()));
            }
            all.add(new WorkflowStatistics(
                    workflow(w),
                    OptionalLong.of(executions),
                    OptionalDouble.of(0.5),
                    1,
                    0.4,
                    Optional.of(new WorkflowStatistics.EndToEnd(6.1, 5, 14.2, 20.9)),
                    parts,
                    false,
                    OptionalInt.empty(),
                    OptionalDouble.empty(),
                    null,
                    0,
                    0));
        }
        return new WorkflowShares(all, Map.of());
    }

    @Override
    public WorkflowShares statisticsBetween(Instant from, Instant to) {
        return statistics(Optional.empty());
    }

    @Override
    public List<String> workflows() {
        List<String> names = new ArrayList<>();
        for (int w = 0; w < workflows; w++) {
            names.add(workflow(w));
        }
        return names;
    }

    private int indexOf(String workflow) {
        return workflows().indexOf(workflow);
    }

    @Override
    public Optional<ShareCurve> shares(String workflow) {
        int w = indexOf(workflow);
        if (w < 0) {
            return Optional.empty();
        }
        List<SharePoint> points = new ArrayList<>();
        for (int p = 1; p <= POINTS; p++) {
            Map<String, Double> path = new TreeMap<>();
            List<ModelShare> shares = new ArrayList<>();
            double left = 1;
            for (int m : modelsOf(w)) {
                double part = 0.25 + 0.05 * Math.sin(p / 10.0 + m);
                path.put(model(m), part);
                left -= part;
                shares.add(new ModelShare(model(m), part, Math.max(0, part - 1.0 / p), Math.min(1, part + 1.0 / p)));
            }
            path.put("other", left);
            points.add(new SharePoint(p * 2L, NOW.minusSeconds((POINTS - p) * 30L), path, shares));
        }
        return Optional.of(new ShareCurve(workflow, POINTS * 2L, 60L, points));
    }

    @Override
    public List<String> candidates(String workflow) {
        return indexOf(workflow) < 0 ? List.of() : List.of(workflow);
    }

    private static String id(int w, int number) {
        return "%032x-%016x".formatted(w * 1000L + number + 1, number + 1L);
    }

    @Override
    public List<JsonNode> executions(String workflow, int limit, Optional<String> before) {
        List<JsonNode> all = new ArrayList<>();
        int w = indexOf(workflow);
        for (int i = 0; w >= 0 && before.isEmpty() && i < Math.min(limit, 50); i++) {
            all.add(execution(w, i));
        }
        return all;
    }

    @Override
    public Optional<JsonNode> execution(String id) {
        for (int w = 0; w < workflows; w++) {
            for (int i = 0; i < 50; i++) {
                if (id(w, i).equals(id)) {
                    return Optional.of(execution(w, i));
                }
            }
        }
        return Optional.empty();
    }

    private ObjectNode execution(int w, int number) {
        ObjectNode document = Documents.mapper().createObjectNode();
        Instant end = NOW.minusSeconds(number * 20L);
        document.put("id", id(w, number))
                .put("traceId", id(w, number).substring(0, 32))
                .put("workflow", workflow(w))
                .put("service", prefix + "service")
                .put("start", end.minusSeconds(6).toString())
                .put("end", end.toString())
                .put("durationSeconds", 6.0)
                .put("outcome", number % 5 == 0 ? "error" : "ok")
                .put("otherSeconds", 0.6);
        ArrayNode used = document.putArray("models");
        ArrayNode spans = Documents.mapper().createArrayNode();
        ArrayNode critical = Documents.mapper().createArrayNode();
        spans.add(span("00000000000000aa", null, prefix + "root", "workflow", 0, 6, false));
        spans.add(span("00000000000000ab", "00000000000000aa", prefix + "plan the work", "agent", 0.1, 5.8, false)
                .put("agent", prefix + "planner"));
        double at = 0.2;
        int call = 0;
        for (int m : modelsOf(w)) {
            used.addObject()
                    .put("model", model(m))
                    .put("pathSeconds", 1.8)
                    .put("callSeconds", 1.8)
                    .put("calls", 1);
            String span = "00000000000000b" + call++;
            spans.add(span(span, "00000000000000ab", prefix + "chat", "model", at, 1.8, true)
                    .put("model", model(m))
                    .put("inputTokens", 300)
                    .put("outputTokens", 80));
            critical.add(span);
            at += 1.85;
        }
        spans.add(span("00000000000000c0", "00000000000000ab", prefix + "execute_tool search", "tool", at, 0.1, false)
                .put("tool", prefix + "search"));
        document.set("spans", spans);
        document.set("criticalPath", critical);
        return document;
    }

    private static ObjectNode span(
            String id, @Nullable String parent, String name, String kind, double start, double seconds, boolean path) {
        ObjectNode span = Documents.mapper().createObjectNode();
        span.put("spanId", id);
        if (parent != null) {
            span.put("parentSpanId", parent);
        }
        return span.put("name", name)
                .put("kind", kind)
                .put("startSeconds", start)
                .put("durationSeconds", seconds)
                .put("error", false)
                .put("onCriticalPath", path);
    }

    @Override
    public Map<String, List<Bin>> rates(Duration bin, Instant from, Instant to) {
        return Map.of();
    }

    @Override
    public Counts counts() {
        return new Counts(0, 0, 0, Map.of(), Map.of("complete", executions), 0, 0, 0);
    }

    /** As if executions had been folded. */
    void grow() {
        executions++;
    }

    @Override
    public void flush() {}

    @Override
    public Optional<String> trouble() {
        return Optional.empty();
    }

    // engines

    @Override
    public Map<String, ModelLoad> models() {
        Map<String, ModelLoad> loads = new LinkedHashMap<>();
        for (int m = 0; m < models; m++) {
            loads.put(
                    model(m),
                    new ModelLoad(
                            model(m),
                            NOW,
                            2,
                            m % 7,
                            m % 3,
                            0.1 + (m % 9) / 10.0,
                            0.5,
                            0.0,
                            1.5,
                            null,
                            null,
                            null,
                            1.2,
                            null,
                            null));
        }
        return loads;
    }

    @Override
    public Map<String, Double> requestsPerSecond(Duration window) {
        return Map.of();
    }

    @Override
    public Map<String, List<ModelLoad>> samples(Duration window) {
        return Map.of();
    }

    @Override
    public List<EngineWork> work(Instant from, Instant to) {
        return List.of();
    }

    @Override
    public Map<String, Map<String, Double>> secondsPerToken() {
        return Map.of();
    }

    @Override
    public Map<String, Double> hitRatesToPlanBy() {
        return Map.of();
    }

    @Override
    public List<String> troubles() {
        return List.of(sentence("An engine did not answer."));
    }
}
