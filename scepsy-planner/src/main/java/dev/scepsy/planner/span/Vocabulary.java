package dev.scepsy.planner.span;

/** Whose names a span uses for GenAI work, in the order in which they are believed. */
public enum Vocabulary {
    /** {@code gen_ai.*}: OpenTelemetry's conventions, newer and older. */
    GEN_AI("OpenTelemetry GenAI"),
    /** {@code openinference.span.kind}, {@code llm.*}, {@code embedding.*}: Arize's instrumentations. */
    OPENINFERENCE("OpenInference"),
    /** {@code traceloop.*}, {@code llm.*}: Traceloop's instrumentations. */
    OPENLLMETRY("OpenLLMetry"),
    /** {@code ai.*}: the Vercel AI SDK. */
    VERCEL_AI("Vercel AI SDK"),
    /** {@code langfuse.observation.*}: Langfuse's SDKs. */
    LANGFUSE("Langfuse"),
    /** {@code mlflow.*}: MLflow's tracing, as it exports its own names. */
    MLFLOW("MLflow"),
    /** {@code genkit:*}: Genkit. */
    GENKIT("Genkit"),
    /** {@code lmnr.*}: Laminar's SDKs. */
    LAMINAR("Laminar");

    private final String title;

    Vocabulary(String title) {
        this.title = title;
    }

    /** As people call it. */
    public String title() {
        return title;
    }
}
