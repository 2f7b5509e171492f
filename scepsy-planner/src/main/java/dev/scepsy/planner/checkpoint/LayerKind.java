package dev.scepsy.planner.checkpoint;

/** What a layer of a configuration mixes tokens by. */
enum LayerKind {
    FULL,
    WINDOWED,
    LATENT,
    MAMBA,
    MAMBA2,
    GATED_DELTA,
    KIMI_DELTA,
    LIGHTNING,
    CONVOLUTION,
    /** Attention and state space side by side. */
    FULL_AND_MAMBA2,
    NOTHING
}
