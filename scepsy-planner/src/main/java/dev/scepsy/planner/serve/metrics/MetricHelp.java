package dev.scepsy.planner.serve.metrics;

import java.util.Map;

/** What each of the service's own metrics is, by Micrometer's name (dots for underscores, without {@code _total}). */
final class MetricHelp {

    static final Map<String, String> TEXTS = Map.ofEntries(
            Map.entry("scepsy.spans.received", "Spans of accepted requests."),
            Map.entry("scepsy.spans.refused", "Spans of requests that were refused or deferred."),
            Map.entry("scepsy.spans.dropped", "Spans that were accepted and could not be used."),
            Map.entry(
                    "scepsy.otlp.requests",
                    "OTLP requests by signal and outcome; what was not accepted has the signal any."),
            Map.entry("scepsy.executions", "Executions by what became of them; late counts spans."),
            Map.entry("scepsy.open.executions", "Executions that have not ended."),
            Map.entry("scepsy.open.spans", "Spans of executions that have not ended."),
            Map.entry("scepsy.observe.failures", "Unexpected failures while folding."),
            Map.entry("scepsy.workflow.executions.per.second", "Arrivals over the last five minutes."),
            Map.entry("scepsy.workflow.predicted.latency.seconds", "Mean latency that the plan predicts."),
            Map.entry("scepsy.workflow.measured.latency.seconds", "Mean latency that is measured."),
            Map.entry("scepsy.stage.duration", "Durations of the loop's stages."),
            Map.entry("scepsy.loop.failures", "Unexpected failures of the loop."),
            Map.entry("scepsy.mode", "1 for the mode it runs in."),
            Map.entry("scepsy.proposals", "The newest proposals by state."),
            Map.entry("scepsy.frozen", "1 while nothing is applied because somebody froze it."),
            Map.entry("scepsy.pins", "Pinned models."),
            Map.entry("scepsy.model.engines", "Engines that answered when they were last asked."),
            Map.entry("scepsy.model.running.requests", "Requests in batches."),
            Map.entry("scepsy.model.waiting.requests", "Requests in queues."),
            Map.entry("scepsy.model.cache.use.ratio", "Mean fraction of the KV cache in use."),
            Map.entry("scepsy.model.prefix.cache.hit.ratio", "Prefix-cache hits over queries."),
            Map.entry("scepsy.model.preemptions.per.second", "Preemptions of its engines."),
            Map.entry("scepsy.model.requests.per.second", "Requests that its engines finished."),
            Map.entry("scepsy.model.predicted.requests.per.second", "Requests that the plan was made for."),
            Map.entry("scepsy.model.predicted.latency.seconds", "Mean latency of a call that the plan predicts."),
            Map.entry("scepsy.model.measured.latency.seconds", "Mean latency of a call that is measured."),
            Map.entry("scepsy.model.predicted.utilisation.ratio", "Utilisation that the plan predicts."),
            Map.entry("scepsy.model.measured.utilisation.ratio", "Utilisation that is measured."),
            Map.entry("scepsy.engine.troubles", "Engines that could not be asked or said nothing usable."),
            Map.entry("scepsy.forward.requests", "Requests passed on, or given up, by endpoint."),
            Map.entry("scepsy.forward.queue.bytes", "Bytes that wait to be passed on."),
            Map.entry("scepsy.webhook.events", "Events that the webhook took, or never got."),
            Map.entry("scepsy.store.usable", "1 while the store can be used."),
            Map.entry("scepsy.leads", "1 while this service leads."),
            Map.entry("scepsy.metrics.failures", "Parts of these metrics that could not be asked for."));

    private MetricHelp() {}

    static String of(String name) {
        String text = TEXTS.get(name);
        if (text == null) {
            throw new IllegalArgumentException("The metric (" + name + ") has no help.");
        }
        return text;
    }
}
