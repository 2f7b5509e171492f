package dev.scepsy.planner.profile;

/** Parts of a model's weights as quantisation tells them apart. Norms, biases, routers and embeddings stay as they are. */
public enum WeightPart {
    ATTENTION,
    RECURRENT,
    DENSE,
    SHARED_EXPERTS,
    ROUTED_EXPERTS,
    HEAD
}
