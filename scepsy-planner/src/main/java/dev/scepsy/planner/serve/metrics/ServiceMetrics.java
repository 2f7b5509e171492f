package dev.scepsy.planner.serve.metrics;

import dev.scepsy.planner.receive.Forwarder;
import dev.scepsy.planner.receive.ReceiverCounts;
import dev.scepsy.planner.receive.Signal;
import dev.scepsy.planner.serve.engines.EngineLoads.ModelLoad;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.loop.Operations.LoopView;
import dev.scepsy.planner.serve.loop.Operations.ModelView;
import dev.scepsy.planner.serve.loop.Operations.StageTime;
import dev.scepsy.planner.serve.observe.Observations.Bin;
import dev.scepsy.planner.serve.observe.Observations.Counts;
import dev.scepsy.planner.serve.settings.ServiceTime;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The service's own metrics, in Prometheus' text, under the names that docs/reference/service/metrics.md lists. What other rooms
 * know is asked when somebody scrapes, and at most once a second; a room that cannot answer leaves its last numbers standing and
 * is counted. Thread-safe.
 */
public final class ServiceMetrics implements AutoCloseable {

    /** Proposals that are counted by state, the newest. */
    static final int MOST_PROPOSALS = 200;

    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PROPOSALS_FRESH_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final Duration RATE_WINDOW = Duration.ofMinutes(5);
    private static final Duration RATE_BIN = Duration.ofMinutes(1);

    private final MetricSources sources;
    private final ServiceTime time;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final MetricTable table = new MetricTable(registry);
    private final WorkflowLabels workflows = new WorkflowLabels();
    private final LongAdder failures = new LongAdder();
    private final AtomicBoolean proposalsChanged = new AtomicBoolean(true);
    private final AutoCloseable listening;
    private long proposalsNanos;
    private long refreshedNanos;
    private boolean refreshed;

    public ServiceMetrics(MetricSources sources, ServiceTime time) {
        this.sources = sources;
        this.time = time;
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        table.counter("scepsy.metrics.failures", Map.of(), failures::sum);
        table.counter("scepsy.webhook.events", Map.of("outcome", "delivered"), sources.webhookDelivered());
        table.counter("scepsy.webhook.events", Map.of("outcome", "dropped"), sources.webhookDropped());
        listening = sources.store().journal().listen(event -> {
            if (event.type().equals("proposal")) {
                proposalsChanged.set(true);
            }
        });
    }

    /** For {@code GET /metrics}; its content type is {@code text/plain; version=0.0.4; charset=utf-8}. */
    public String scrape() {
        synchronized (table) {
            if (!refreshed || System.nanoTime() - refreshedNanos > FRESH_NANOS) {
                refresh();
                refreshed = true;
                refreshedNanos = System.nanoTime();
            }
            return registry.scrape();
        }
    }

    private void refresh() {
        asking(this::observed);
        asking(this::received);
        asking(this::forwarded);
        asking(this::looped);
        asking(this::modelled);
        asking(this::loaded);
        asking(this::stored);
        asking(this::recorded);
    }

    private void asking(Runnable part) {
        try {
            part.run();
        } catch (RuntimeException away) {
            failures.increment(); // a store that is away, mostly: scepsy_store_usable says so
        }
    }

    private void observed() {
        Counts counts = sources.observations().counts();
        table.count("scepsy.spans.received", Map.of(), counts.spansReceived());
        table.count("scepsy.spans.refused", Map.of(), counts.spansRefused());
        table.count("scepsy.spans.dropped", Map.of(), counts.spansDropped());
        table.count("scepsy.observe.failures", Map.of(), counts.failures());
        counts.executions()
                .forEach((outcome, count) -> table.count("scepsy.executions", Map.of("outcome", outcome), count));
        table.gauge("scepsy.open.executions", counts.openExecutions());
        table.gauge("scepsy.open.spans", counts.openSpans());
        Instant now = time.instant();
        Map<String, Double> rates = new TreeMap<>();
        sources.observations().rates(RATE_BIN, now.minus(RATE_WINDOW), now).forEach((workflow, bins) -> {
            if (!bins.isEmpty()) {
                double executions = bins.stream().mapToDouble(Bin::executions).sum();
                rates.put(workflow, executions / (bins.size() * (double) RATE_BIN.toSeconds()));
            }
        });
        table.gauges("scepsy.workflow.executions.per.second", "workflow", workflows.summed(rates));
    }

    private void received() {
        ReceiverCounts counts = sources.receiver().get();
        for (Signal signal : Signal.values()) {
            table.count(
                    "scepsy.otlp.requests",
                    Map.of("signal", signal.word(), "outcome", "accepted"),
                    counts.accepted(signal));
        }
        Map<String, Long> others = Map.of(
                "refused", counts.refused(),
                "tooLarge", counts.tooLarge(),
                "deferred", counts.deferred(),
                "stalled", counts.stalled());
        others.forEach((outcome, count) ->
                table.count("scepsy.otlp.requests", Map.of("signal", "any", "outcome", outcome), count));
    }

    private void forwarded() {
        Map<String, Double> queues = new TreeMap<>();
        for (Forwarder forwarder : sources.forwarders().get()) {
            String endpoint = address(forwarder.endpoint());
            table.count("scepsy.forward.requests", Map.of("endpoint", endpoint, "outcome", "sent"), forwarder.sent());
            table.count(
                    "scepsy.forward.requests", Map.of("endpoint", endpoint, "outcome", "dropped"), forwarder.dropped());
            queues.put(endpoint, (double) forwarder.queuedBytes());
        }
        table.gauges("scepsy.forward.queue.bytes", "endpoint", queues);
    }

    /** Without what may be a secret. */
    private static String address(URI endpoint) {
        return endpoint.getScheme() + "://" + endpoint.getHost()
                + (endpoint.getPort() < 0 ? "" : ":" + endpoint.getPort());
    }

    private void looped() {
        LoopView loop = sources.operations().loop();
        for (Map.Entry<String, StageTime> stage : loop.stageSeconds().entrySet()) {
            table.timer("scepsy.stage.duration", Map.of("stage", stage.getKey()), stage.getValue());
        }
        table.gauges(
                "scepsy.workflow.predicted.latency.seconds",
                "workflow",
                workflows.labelled(loop.predictedLatencySeconds()));
        table.gauges(
                "scepsy.workflow.measured.latency.seconds",
                "workflow",
                workflows.labelled(loop.measuredLatencySeconds()));
        table.gauges("scepsy.mode", "mode", Map.of(loop.mode().toLowerCase(Locale.ROOT), 1.0));
        table.count("scepsy.loop.failures", Map.of(), loop.failures());
    }

    private void modelled() {
        List<ModelView> models = sources.operations().models();
        perModel("scepsy.model.predicted.requests.per.second", models, ModelView::model, ModelView::predictedPerSecond);
        perModel(
                "scepsy.model.predicted.latency.seconds", models, ModelView::model, ModelView::predictedLatencySeconds);
        perModel("scepsy.model.measured.latency.seconds", models, ModelView::model, ModelView::measuredLatencySeconds);
        perModel("scepsy.model.predicted.utilisation.ratio", models, ModelView::model, ModelView::predictedUtilisation);
        perModel("scepsy.model.measured.utilisation.ratio", models, ModelView::model, ModelView::measuredUtilisation);
    }

    private void loaded() {
        List<ModelLoad> loads = List.copyOf(sources.engines().models().values());
        perModel("scepsy.model.engines", loads, ModelLoad::model, load -> (double) load.engines());
        perModel("scepsy.model.running.requests", loads, ModelLoad::model, ModelLoad::running);
        perModel("scepsy.model.waiting.requests", loads, ModelLoad::model, ModelLoad::waiting);
        perModel("scepsy.model.cache.use.ratio", loads, ModelLoad::model, ModelLoad::cacheUse);
        perModel("scepsy.model.prefix.cache.hit.ratio", loads, ModelLoad::model, ModelLoad::prefixCacheHitRate);
        perModel("scepsy.model.preemptions.per.second", loads, ModelLoad::model, ModelLoad::preemptionsPerSecond);
        perModel("scepsy.model.requests.per.second", loads, ModelLoad::model, ModelLoad::requestsPerSecond);
        table.gauge("scepsy.engine.troubles", sources.engines().troubles().size());
    }

    private <T> void perModel(
            String name, List<T> models, Function<T, String> model, Function<T, @Nullable Double> value) {
        Map<String, Double> values = new TreeMap<>();
        for (T each : models) {
            Double known = value.apply(each);
            if (known != null) {
                values.put(model.apply(each), known);
            }
        }
        table.gauges(name, "model", values);
    }

    private void stored() {
        table.gauge("scepsy.leads", sources.store().leads() ? 1 : 0);
        table.gauge("scepsy.store.usable", sources.store().trouble().isEmpty() ? 1 : 0);
    }

    private void recorded() {
        table.gauge("scepsy.frozen", sources.store().journal().freeze().isPresent() ? 1 : 0);
        table.gauge("scepsy.pins", sources.store().journal().pins().size());
        if (proposalsChanged.getAndSet(false) || System.nanoTime() - proposalsNanos > PROPOSALS_FRESH_NANOS) {
            try {
                proposals();
            } catch (RuntimeException away) {
                proposalsChanged.set(true);
                throw away;
            }
        }
    }

    private void proposals() {
        Map<String, Double> byState = new TreeMap<>();
        for (ProposalState state : ProposalState.values()) {
            byState.put(state.key(), 0.0);
        }
        for (Proposal proposal : sources.store().journal().proposals(MOST_PROPOSALS)) {
            byState.merge(proposal.state().key(), 1.0, Double::sum);
        }
        table.gauges("scepsy.proposals", "state", byState);
        proposalsNanos = System.nanoTime();
    }

    @Override
    public void close() throws Exception {
        listening.close();
        registry.close();
    }
}
