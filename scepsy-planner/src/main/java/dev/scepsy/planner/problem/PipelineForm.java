package dev.scepsy.planner.problem;

/** Which sum of model latencies a workflow's latency is taken to be. */
public enum PipelineForm {
    /** κ as measured (n/p where it is not given) and the time outside models: the default. */
    CRITICAL_PATH,
    /** As published: κ = n/p for every model, and no time outside models. For comparison. */
    PUBLISHED
}
