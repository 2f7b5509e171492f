package dev.scepsy.planner.cli;

import dev.scepsy.planner.otlp.Seen;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What to do about traces that do not say enough. */
final class Advice {

    /**
     * Instrumentations that make no spans of model calls, by a word of their scope's name, as recorded: AutoGen 0.7.5 itself,
     * OpenTelemetry's for OpenAI Agents 1.3b0, OpenLLMetry's and OpenInference's for CrewAI.
     */
    private static final Map<String, String> SILENT_ON_CALLS = new LinkedHashMap<>();

    static {
        SILENT_ON_CALLS.put(
                "autogen",
                "AutoGen's own tracing has no spans of model calls: instrument its client too"
                        + " (opentelemetry-instrumentation-openai, or openinference-instrumentation-openai)");
        SILENT_ON_CALLS.put(
                "agents",
                "This instrumentation of OpenAI Agents has no spans of model calls: add"
                        + " opentelemetry-instrumentation-openai, or use openinference-instrumentation-openai-agents");
        SILENT_ON_CALLS.put(
                "crewai",
                "The instrumentations of CrewAI have no spans of model calls: add the one of its client"
                        + " (openinference-instrumentation-litellm or -openai, opentelemetry-instrumentation-openai)");
    }

    private static final List<String> ROOT_IN_CODE = List.of(
            "  Python:  with tracer.start_as_current_span(\"invoke_workflow NAME\", attributes={",
            "               \"gen_ai.operation.name\": \"invoke_workflow\", \"gen_ai.workflow.name\": \"NAME\"}):",
            "               answer(question)",
            "  Java:    Span run = tracer.spanBuilder(\"invoke_workflow NAME\").setAttribute(\"gen_ai.operation.name\","
                    + " \"invoke_workflow\")",
            "               .setAttribute(\"gen_ai.workflow.name\", \"NAME\").startSpan();",
            "           try (Scope scope = run.makeCurrent()) { answer(question); } finally { run.end(); }",
            "           // with Scepsy's agent or library: @Workflow(name = \"NAME\") on the method");

    private Advice() {}

    /** Why spans have no model call among them, and which instrumentation to add. */
    static String onNoCalls(Seen seen) {
        if (seen.engineSpans() > 0) {
            return "These are an engine's own spans: read them together with its clients' traces, which must send"
                    + " traceparent to it";
        }
        for (Map.Entry<String, String> known : SILENT_ON_CALLS.entrySet()) {
            if (seen.scopes().stream()
                    .anyMatch(scope -> scope.name().toLowerCase(Locale.ROOT).contains(known.getKey()))) {
                return known.getValue();
            }
        }
        return "Instrument the model client: docs/guide/any-framework.md says how for each framework";
    }

    /** The lines of code that put a span around a run. */
    static List<String> rootInCode() {
        return ROOT_IN_CODE;
    }
}
